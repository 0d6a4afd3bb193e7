"""What stands in a person's calendar: due times, when lateness begins to cost more, classes, days without them."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.urls import reverse

from assignments.models import Assignment
from assignments.selectors import History, assignments_of, histories_for
from courses.models import ClassSlot, Course, Enrolment
from courses.policy.calendar import instant_of
from courses.policy.words import factor_text
from projects.talks.selectors import programme

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Event:
    """`starts` and `ends`: both instants or both days (the last one not included). `uid` stays when times move."""

    uid: str
    starts: datetime | date
    ends: datetime | date
    title: str
    text: str = ""
    place: str = ""


def events_of(enrolment: Enrolment, at: datetime) -> list[Event]:
    """Everything of one course, as this person may know it now."""
    course = enrolment.course
    assignments = [a for a in assignments_of(course).listed() if enrolment.is_staff or a.has_opened(at)]
    found = histories_for(assignments, [enrolment]) if not enrolment.is_staff else {}
    events = [event for a in assignments for event in _of_assignment(a, enrolment, found.get((a.pk, enrolment.pk)))]
    return [*events, *_talks(course), *_classes(enrolment), *_days_off(course)]


def _talks(course: Course) -> Iterator[Event]:
    """Each talk of the programme."""
    for talk in programme(course):
        minutes = int(talk.talk_list.project.talks["minutes"])
        if talk.starts_at is not None:
            ends = talk.starts_at + timedelta(minutes=minutes)
            yield Event(f"talk-{talk.pk}", talk.starts_at, ends, f"Talk: {talk.group} · {course}", place=talk.place)


def _of_assignment(assignment: Assignment, enrolment: Enrolment, history: History | None) -> Iterator[Event]:
    course = assignment.course
    address = settings.BASE_URL + reverse("assignment-detail", args=[course.slug, assignment.slug])
    due_at = history.due_at if history else assignment.deadline
    uid = f"assignment-{assignment.pk}-{enrolment.pk}"
    whose = "your group’s" if assignment.group_set_id else "your"
    own = f" ({whose} extension)" if history and history.is_extended else ""
    done = " ✓" if history and history.handed_in else ""
    yield Event(uid, due_at, due_at, f"Due{own}: {assignment} · {course}{done}", address)
    if history is None or history.handed_in or history.speaks:
        return
    steps = history.steps()
    for number, (step, after) in enumerate(itertools.pairwise(steps)):
        falls = step.until + SECOND if step.until is not None else None
        if falls is not None and (history.closes_at is None or falls <= history.closes_at):
            title = f"Late work counts {factor_text(after.factor)} from now: {assignment} · {course}"
            yield Event(f"{uid}-factor-{number}", falls, falls, title, address)


def _classes(enrolment: Enrolment) -> Iterator[Event]:
    """Each class of the person's sections, in teaching weeks and not on holidays."""
    course = enrolment.course
    calendar = course.calendar
    free = [(day.first_day, day.last_day) for day in course.holidays.all()]
    slots = list(ClassSlot.objects.filter(section__in=_sections(enrolment)).select_related("section"))
    for week in range(1, course.weeks + 1):
        monday = calendar.monday(week)
        for slot in slots:
            day = monday + timedelta(days=slot.weekday)
            if not any(first <= day <= last for first, last in free):
                starts, ends = (instant_of(day, clock, course.zone) for clock in (slot.starts, slot.ends))
                title = f"{slot.name}: {course}, {slot.section}"
                yield Event(f"class-{slot.pk}-{week}", starts, ends, title, place=slot.place)


def _sections(enrolment: Enrolment) -> list[int]:
    """The person's own; those of a lecturer are all, unless some are theirs."""
    own = list(enrolment.sections.values_list("pk", flat=True))
    if own or not enrolment.sees_all_sections:
        return own
    return list(enrolment.course.sections.values_list("pk", flat=True))


def _days_off(course: Course) -> Iterator[Event]:
    for day in course.holidays.all():
        yield Event(f"holiday-{day.pk}", day.first_day, day.last_day + DAY, f"{day.name}: {course}")
