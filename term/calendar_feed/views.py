"""A person's calendar: the address of the feed, another address, and the feed itself."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar
from icalendar import Event as Entry

from courses.requests import SignedInRequest
from courses.selectors import calendar_key_of, enrolments_of, user_of_calendar
from term.calendar_feed.events import Event, events_of

REFRESH = timedelta(hours=1)


@login_required
def calendar_address(request: SignedInRequest) -> HttpResponse:
    """Where a calendar program finds the person's due times; another address if this one got into wrong hands."""
    key = calendar_key_of(request.user)
    if request.method == "POST":
        key.renew()
        messages.success(request, "You have another address; the old one answers no more.")
        return redirect("calendar-address")
    address = settings.BASE_URL + reverse("calendar-feed", args=[key.key])
    return render(request, "term/calendar_address.html", {"address": address})


def calendar_feed(request: HttpRequest, key: str) -> HttpResponse:
    """The feed. Calendar programs do not sign in: the key in the address says whose it is."""
    user = user_of_calendar(key)
    if user is None:
        raise Http404("No such calendar")
    now = timezone.now().replace(microsecond=0)
    events = [event for enrolment in enrolments_of(user) for event in events_of(enrolment, now)]
    answer = HttpResponse(_written(events, now), content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "private, no-store"
    return answer


def _written(events: list[Event], now: datetime) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Gradus//Due times//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Gradus")
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    for event in events:
        entry = Entry()
        entry.add("uid", f"{event.uid}@gradus")
        entry.add("dtstamp", now)
        entry.add("dtstart", event.starts)
        if event.ends != event.starts:
            entry.add("dtend", event.ends)
        entry.add("summary", event.title)
        for name, value in (("description", event.text), ("location", event.place)):
            if value:
                entry.add(name, value)
        calendar.add_component(entry)
    written: bytes = calendar.to_ical()
    return written
