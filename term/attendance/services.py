"""Taking attendance: a meeting, who was there by tapping names or by a code, and marks from it."""

import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from assignments.models import Assignment
from courses.models import Course, Enrolment
from gradebook.effects.impact import students_of
from grading.entered.services import Entry, enter_reckoned
from grading.policy.papers import percent_to_four_places
from term.attendance.selectors import open_meeting, shares_of
from term.models import Meeting, Presence

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""None is taken for another on a projector."""
LENGTH = 6
MINUTES = 10
MOST_TRIES, TRIES_SECONDS = 10, 600


class AttendanceRefused(Exception):
    """It was not done; the message says why."""


@transaction.atomic
def make_meeting(*, by: Enrolment, item: Assignment, title: str, held_on: date) -> Meeting:
    """A class whose attendance is taken."""
    return Meeting.objects.create(course=by.course, item=item, title=title, held_on=held_on, made_by=by)


@transaction.atomic
def take_roll(*, meeting: Meeting, by: Enrolment, states: Mapping[Enrolment, str]) -> int:
    """What was tapped for each; how many changed. Who is not named stays as they are."""
    Meeting.objects.select_for_update(no_key=True).get(pk=meeting.pk)
    stand = dict(Presence.objects.filter(meeting=meeting).values_list("student", "state"))
    changed = {student: state for student, state in states.items() if stand.get(student.pk) != state}
    for student, state in changed.items():
        Presence.objects.update_or_create(meeting=meeting, student=student, defaults={"state": state, "noted_by": by})
    return len(changed)


@transaction.atomic
def open_code(*, meeting: Meeting, minutes: int = MINUTES) -> Meeting:
    """A new code, taken for so many minutes; an earlier one is taken no more."""
    found = Meeting.objects.select_for_update(no_key=True).get(pk=meeting.pk)
    found.code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    found.code_until = timezone.now() + timedelta(minutes=minutes)
    found.save(update_fields=["code", "code_until"])
    return found


@transaction.atomic
def close_code(*, meeting: Meeting) -> None:
    """The code is taken no more."""
    Meeting.objects.filter(pk=meeting.pk).update(code="", code_until=None)


@transaction.atomic
def enter_code(*, student: Enrolment, typed: str, now: datetime) -> Meeting:
    """The student was there. Raises AttendanceRefused for a wrong code, too many of them, or what staff have noted."""
    tries = f"attendance:{student.pk}"
    cache.add(tries, 0, timeout=TRIES_SECONDS)
    if cache.get(tries, 0) >= MOST_TRIES:
        raise AttendanceRefused(
            "Too many wrong codes. Tell your teacher that you are here, or try again in ten minutes."
        )
    code = "".join(typed.upper().split())
    meeting = open_meeting(student.course, code, now)
    if meeting is None:
        cache.incr(tries)
        raise AttendanceRefused(
            "This is not the code that is shown now. Look again; it is taken for a few minutes only."
        )
    presence, is_new = Presence.objects.get_or_create(
        meeting=meeting, student=student, defaults={"state": Presence.State.PRESENT, "noted_by": student}
    )
    if not is_new and presence.state != Presence.State.PRESENT:
        raise AttendanceRefused(f"You are noted as {presence.get_state_display().lower()}. Speak to your teacher.")
    return meeting


@transaction.atomic
def enter_attendance(*, item: Assignment, by: Enrolment) -> int:
    """Write each student's share of the meetings as their mark, where it differs; how many. A person's mark stays."""
    Course.objects.select_for_update(no_key=True).get(pk=by.course_id)
    shares = shares_of(item, students_of(by.course))
    today = timezone.localdate(timezone=by.course.zone)
    if not Meeting.objects.filter(item=item, held_on__lte=today).exists():
        raise AttendanceRefused("No meeting was held yet.")
    entries = {
        student: Entry(percent_to_four_places(share * 100), "From attendance.", by_hand=False)
        if share is not None
        else Entry(None, "", by_hand=False)
        for student, share in shares.items()
    }
    return enter_reckoned(item, by, entries)
