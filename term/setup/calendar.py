"""Due times that were said in teaching weeks follow the calendar."""

from collections.abc import Callable, Iterator
from datetime import datetime

from assignments.models import Assignment
from courses.models import Course
from courses.policy.calendar import Calendar
from courses.policy.when import WhenError, end, start
from courses.policy.words import spoken_instant

Reader = Callable[[str, Calendar], datetime]
READERS: dict[str, Reader] = {"opens": start, "due": end, "closes": end}
VERBS = {"opens": "opens", "due": "is due", "closes": "closes"}


class CalendarRefused(Exception):
    """The calendar cannot be so; `problems` are sentences."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def resolve_dates(course: Course) -> list[str]:
    """Bring every time that was said as a week to where the calendar has it now; a sentence for each that moved.

    Raises CalendarRefused; then the caller's transaction must be undone.
    """
    course = Course.objects.get(pk=course.pk)
    calendar = course.calendar
    problems = list(_beyond(course))
    moved: list[str] = []
    for work in course.assignments.handed_in():
        try:
            moved += _moves(work, calendar)
            problems += _out_of_order(work)
        except WhenError as error:
            problems.append(f"{work}: {error}")
        else:
            if not problems:
                work.save()
    if problems:
        raise CalendarRefused(problems)
    return moved


def _moves(work: Assignment, calendar: Calendar) -> Iterator[str]:
    for name, read in READERS.items():
        words, now = getattr(work, f"{name}_when"), getattr(work, f"{name}_at")
        if words and (then := read(words, calendar)) != now:
            setattr(work, f"{name}_at", then)
            was = f" instead of {spoken_instant(now, calendar.zone)}" if now else ""
            yield f"{work} {VERBS[name]} {spoken_instant(then, calendar.zone)}{was} ({words})."


def _out_of_order(work: Assignment) -> Iterator[str]:
    if work.opens_at and work.deadline <= work.opens_at:
        yield f"{work} would be due before it opens."
    if work.closes_at and work.closes_at < work.deadline:
        yield f"{work} would close before it is due."


def _beyond(course: Course) -> Iterator[str]:
    """Topics and materials that stand in weeks which the course does not have."""
    for topic in course.topics.all():
        if topic.weeks and int(topic.weeks.rpartition("-")[2]) > course.weeks:
            yield f"The topic “{topic}” stands in week {topic.weeks}, and the course has {course.weeks}."
    for material in course.materials.filter(week__gt=course.weeks):
        yield f"“{material}” stands in week {material.week}, and the course has {course.weeks}."
