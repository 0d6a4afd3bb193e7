"""Reads of people and courses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Count, Exists, Model, OuterRef, Prefetch, Q, QuerySet

from courses.access import students_in_reach
from courses.models import (
    CalendarKey,
    Channel,
    Course,
    Enrolment,
    Holiday,
    LatePolicy,
    Material,
    Role,
    Rollover,
    Section,
    Topic,
    User,
)
from courses.policy.calendar import Calendar
from courses.policy.lateness import LateRule

Row = TypeVar("Row", bound=Model)


def enrolments_of(user: User) -> QuerySet[Enrolment]:
    """The courses a person is in and may see, newest first."""
    visible = Q(course__is_published=True) | Q(role__gt=Role.STUDENT)
    return (
        Enrolment.objects.filter(visible, user=user, left_at=None)
        .select_related("course")
        .order_by("-course__week_one", "course__title")
    )


def current_late_policy(course: Course) -> LatePolicy | None:
    """The version that holds now; None means late work is labelled and nothing is deducted."""
    return LatePolicy.objects.filter(course=course).order_by("-version").first()


def current_late_rule(course: Course) -> LateRule:
    """The rule that holds now."""
    policy = current_late_policy(course)
    return policy.parsed if policy else LateRule()


@dataclass(frozen=True)
class Outline:
    """What a course tells its people. `topics`: with the first and last day of their weeks, where they have weeks;
    `materials`: by kind, in the order of the kinds. `staff`: who looks after whom; `awaited`: positions without people.
    """

    topics: Sequence[tuple[Topic, date | None, date | None]]
    materials: Sequence[tuple[str, Sequence[Material]]]
    channels: Sequence[Channel]
    holidays: Sequence[Holiday]
    sections: Sequence[Section]
    staff: Sequence[Enrolment]
    awaited: Sequence[str]


def outline_of(course: Course) -> Outline:
    """Everything on the syllabus page, in a constant number of queries."""
    calendar = course.calendar
    materials = list(course.materials.order_by("week", "pk"))
    kinds = [(kind.label, [item for item in materials if item.kind == kind]) for kind in Material.Kind]
    staff = list(
        Enrolment.objects.filter(course=course, role__gt=Role.STUDENT, left_at=None)
        .select_related("user")
        .prefetch_related("sections")
        .order_by("-role", "user__name", "pk")
    )
    return Outline(
        [(topic, *_days_of(topic, calendar)) for topic in course.topics.all()],
        [(label, items) for label, items in kinds if items],
        list(course.channels.all()),
        list(course.holidays.all()),
        list(course.sections.prefetch_related("slots").order_by("pk")),
        staff,
        _awaited(course, staff),
    )


def _days_of(topic: Topic, calendar: Calendar) -> tuple[date | None, date | None]:
    if not topic.weeks:
        return None, None
    first, _, last = topic.weeks.partition("-")
    return calendar.monday(int(first)), calendar.monday(int(last or first)) + timedelta(days=6)


def _awaited(course: Course, staff: Sequence[Enrolment]) -> list[str]:
    """Positions that nobody or not everybody fills yet."""
    said = []
    for position in course.positions.select_related("section"):
        here = [s for s in staff if s.role == position.role and position.section in (None, *s.sections.all())]
        if not here or (position.count and len(here) < position.count):
            where = f", {position.section}" if position.section else ""
            said.append(f"{position.get_role_display()}{where}")
    return said


def people_in_reach(viewer: Enrolment) -> QuerySet[Enrolment]:
    """The staff and the viewer's students with their sections, staff first, then by name."""
    mine = Q(role__gt=Role.STUDENT) | Q(pk__in=students_in_reach(viewer).values("pk"))
    return (
        Enrolment.objects.filter(mine, course=viewer.course, left_at=None)
        .select_related("user")
        .prefetch_related(Prefetch("sections", queryset=Section.objects.order_by("name")))
        .order_by("-role", "user__name", "pk")
    )


def same_kind_of_people(person: Enrolment) -> list[Enrolment]:
    """The others of the course who are staff, or students, as this person is; also who left."""
    others = Enrolment.objects.filter(course=person.course_id).exclude(pk=person.pk)
    others = others.filter(role__gt=Role.STUDENT) if person.is_staff else others.filter(role=Role.STUDENT)
    return list(others.select_related("user").order_by("user__name", "pk"))


def who_may_have_a_code(lecturer: Enrolment) -> list[Enrolment]:
    """Those of the course who have not chosen a password yet, by name.

    Nobody who is staff of a course that is not the lecturer's, and of its students only who has no mail address: the others
    have their own way in, and a code opens the account in every course.
    """
    mine = Enrolment.objects.filter(user=lecturer.user_id, role=Role.LECTURER, left_at=None).values("course")
    others = Enrolment.objects.filter(user=OuterRef("user")).exclude(course__in=mine)
    unusable = Q(user__password__startswith=UNUSABLE_PASSWORD_PREFIX)
    here = Enrolment.objects.filter(unusable, course=lecturer.course_id, left_at=None, user__is_active=True)
    here = here.exclude(Exists(others.filter(role__gt=Role.STUDENT)))
    here = here.exclude(Exists(others), ~Q(user__email=""))
    return list(here.select_related("user").order_by("user__name", "pk"))


def people_who_left(course: Course) -> QuerySet[Enrolment]:
    """Those who are no longer in the course, by name; their work is kept."""
    return Enrolment.objects.filter(course=course, left_at__isnull=False).select_related("user").order_by("user__name")


def calendar_key_of(user: User) -> CalendarKey:
    """The person's calendar address, made when it is first asked for."""
    return CalendarKey.objects.get_or_create(user=user)[0]


def user_of_calendar(key: str) -> User | None:
    """Whose calendar has this key; nobody's once the account is closed."""
    return User.objects.filter(calendar_key__key=key, is_active=True).first()


def sections_with_sizes(course: Course) -> QuerySet[Section]:
    """Each section with `students`, how many sit in it."""
    students = Count("enrolments", filter=Q(enrolments__role=Role.STUDENT, enrolments__left_at=None))
    return Section.objects.filter(course=course).annotate(students=students)


def rollover_of(course: Course) -> Rollover | None:
    """The course it was made from and the report; None for others."""
    return Rollover.objects.filter(course=course).select_related("source").first()


def with_people(rows: Iterable[Row], name: str) -> list[Row]:
    """These rows, with the enrolment and the user in the column `name`: a few people who stand in very many rows."""
    found = list(rows)
    people = Enrolment.objects.select_related("user").in_bulk({getattr(row, f"{name}_id") for row in found})
    for row in found:
        setattr(row, name, people[getattr(row, f"{name}_id")])
    return found
