"""The list of people: a part of it, in an order, a page at a time; and a mail to some of them."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.cache import cache
from django.core.paginator import Page as OnePage
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q, QuerySet

from courses.mails import write_mails
from courses.models import Course, Enrolment, Role, Section

ON_A_PAGE = 50
SORTS = {"": "Staff first, then by name", "name": "Name", "number": "Number", "mail": "Mail address"}
ORDERS = {"": ("-role", "user__name", "pk"), "name": ("user__name", "pk"), "number": ("user__student_number", "pk"),
          "mail": ("user__email", "pk")}  # fmt: skip
ROLES = [("", "Everybody"), ("students", "Students"), ("staff", "Staff"), ("silent", "Never signed in")]
MOST_AN_HOUR, AN_HOUR = 30, 3600


class MailRefused(Exception):
    """It was not sent; the message says why."""


class PeopleForm(forms.Form):
    """A name, number or address; a section; who; an order. What cannot be read is left out: a link that is old still opens."""

    q = forms.CharField(label="Name, number, login or mail", required=False, max_length=120)
    section = forms.ModelChoiceField(Section.objects.none(), required=False, empty_label="All sections")
    who = forms.ChoiceField(label="Show", choices=ROLES, required=False)
    sort = forms.ChoiceField(label="Sort by", choices=list(SORTS.items()), required=False)

    def __init__(self, *args: Any, course: Course, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"].queryset = course.sections.all()  # type: ignore[attr-defined]
        self.is_valid()

    def chosen(self, people: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
        """Those of the people who fit, in the order that is wanted."""
        said = self.cleaned_data
        if text := said.get("q", "").strip():
            fits = Q(user__name__icontains=text) | Q(user__student_number__icontains=text)
            people = people.filter(fits | Q(user__username__icontains=text) | Q(user__email__icontains=text))
        if said.get("section"):
            people = people.filter(pk__in=said["section"].enrolments.values("pk"))
        who = said.get("who")
        if who in ("students", "staff"):
            people = people.filter(role=Role.STUDENT) if who == "students" else people.filter(role__gt=Role.STUDENT)
        elif who == "silent":
            people = people.filter(user__last_login=None)
        return people.order_by(*ORDERS[said.get("sort") or ""])

    def query(self) -> str:
        """The same once more as an address, without the page."""
        kept = {name: self.data.get(name, "") for name in self.fields}
        return urlencode({name: value for name, value in kept.items() if value})


class MailForm(forms.Form):
    """What is written to those who were chosen."""

    subject = forms.CharField(label="Subject", max_length=150)
    text = forms.CharField(label="Text", max_length=10_000, widget=forms.Textarea(attrs={"rows": 8}))


def page_of(people: QuerySet[Enrolment], number: str | None) -> OnePage[Enrolment]:
    """One page of them; the last one for a page that is not there any more."""
    return Paginator(people, ON_A_PAGE).get_page(number)


@transaction.atomic
def mail_people(*, by: Enrolment, people: Iterable[Enrolment], subject: str, text: str) -> int:
    """One mail to each who has an address, and a copy to whoever writes it; how many have one.

    Raises MailRefused for who has written too many within an hour.
    """
    written = f"mail-people:{by.user_id}"
    cache.add(written, 0, timeout=AN_HOUR)
    if cache.incr(written) > MOST_AN_HOUR:
        raise MailRefused(f"You have sent {MOST_AN_HOUR} mails within an hour. Wait, or write an announcement.")
    users = [person.user for person in people if person.user.email]
    body = f"{text.strip()}\n\n{by.user}, {by.course}\n"
    write_mails({user.pk: user for user in [*users, by.user]}.values(), f"{by.course}: {subject}", body)
    return len(users)
