"""Reads of attendance: meetings with how many were there, one meeting by student, one's own record."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from assignments.models import Assignment
from courses.access import students_in_reach
from courses.models import Course, Enrolment
from term.attendance.policy import share_attended
from term.models import Meeting, Presence


def meetings_of(course: Course) -> QuerySet[Meeting]:
    """The newest first, each with how many were there (`there`) and were excused (`excused`)."""
    return (
        Meeting.objects.filter(course=course)
        .select_related("item", "course")
        .annotate(
            there=Count("presences", filter=Q(presences__state=Presence.State.PRESENT)),
            excused=Count("presences", filter=Q(presences__state=Presence.State.EXCUSED)),
        )
    )


def meeting_or_none(course: Course, key: int) -> Meeting | None:
    """A meeting of this course."""
    return Meeting.objects.filter(course=course, pk=key).select_related("item", "course").first()


def roll_of(meeting: Meeting, staff: Enrolment) -> list[tuple[Enrolment, str]]:
    """The students in reach by name, each with their state; empty: not noted."""
    students = students_in_reach(staff).filter(left_at=None).select_related("user").order_by("user__name", "pk")
    states = dict(Presence.objects.filter(meeting=meeting).values_list("student", "state"))
    return [(student, states.get(student.pk, "")) for student in students]


def open_meeting(course: Course, code: str, now: datetime) -> Meeting | None:
    """The meeting whose code this is, while it is taken."""
    return Meeting.objects.filter(course=course, code=code, code_until__gte=now).exclude(code="").first()


def has_open_code(course: Course, now: datetime) -> bool:
    """Whether a code is taken now."""
    return Meeting.objects.filter(course=course, code_until__gte=now).exists()


@dataclass(frozen=True)
class OwnRecord:
    """A student's meetings with their state, and the share that follows for each item."""

    meetings: Sequence[tuple[Meeting, str]]
    shares: Sequence[tuple[Assignment, Fraction | None]]


def own_record(student: Enrolment) -> OwnRecord:
    """What a student reads of their own attendance: meetings held for them with their state, the share, what is to come."""
    meetings = list(meetings_of(student.course))
    states = dict(Presence.objects.filter(student=student).values_list("meeting", "state"))
    counted = set(_held_for(meetings, [student])[student])
    items = {meeting.item.pk: meeting.item for meeting in meetings}
    shares = [
        (item, share_attended([m.pk for m in meetings if m.item_id == pk and m.pk in counted], states))
        for pk, item in items.items()
    ]
    today = timezone.localdate(timezone=student.course.zone)
    shown = [meeting for meeting in meetings if meeting.pk in counted or meeting.held_on > today]
    return OwnRecord([(m, states.get(m.pk, "absent" if m.pk in counted else "to come")) for m in shown], shares)


def shares_of(item: Assignment, students: Sequence[Enrolment]) -> dict[Enrolment, Fraction | None]:
    """Student → the share of the meetings of this item at which they were; None: no meeting counts for them."""
    meetings = list(Meeting.objects.filter(item=item).select_related("course"))
    states: dict[int, dict[int, str]] = {}
    rows = Presence.objects.filter(meeting__in=meetings).values_list("student", "meeting", "state")
    for student_pk, meeting, state in rows:
        states.setdefault(student_pk, {})[meeting] = state
    held = _held_for(meetings, students)
    return {student: share_attended(held[student], states.get(student.pk, {})) for student in students}


def _held_for(meetings: Sequence[Meeting], students: Sequence[Enrolment]) -> dict[Enrolment, list[int]]:
    """Student → pks of the meetings that count for them: held by now, and not where only other sections were noted."""
    of_student: dict[int, set[int]] = defaultdict(set)
    for pk, section in Enrolment.sections.through.objects.filter(enrolment__in=students).values_list(
        "enrolment", "section"
    ):
        of_student[pk].add(section)
    noted: dict[int, set[int | None]] = defaultdict(set)
    rows = Presence.objects.filter(meeting__in=meetings).values_list("meeting", "student__sections").distinct()
    for meeting, noted_section in rows:
        noted[meeting].add(noted_section)
    held = [m.pk for m in meetings if m.held_on <= timezone.localdate(timezone=m.course.zone)]
    return {
        student: [
            pk for pk in held if not of_student[student.pk] or not noted[pk] or noted[pk] & of_student[student.pk]
        ]
        for student in students
    }
