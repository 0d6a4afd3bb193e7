"""More time for one student in the whole course: granted and withdrawn by the lecturer, told by mail."""

from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from assignments.models import Accommodation
from courses.mails import write_mails
from courses.models import Course, Enrolment


class AccommodationRefused(Exception):
    """It cannot be granted or withdrawn; the message says why."""


def accommodations_of(course: Course) -> QuerySet[Accommodation]:
    """Those that hold, by name."""
    held = Accommodation.objects.filter(student__course=course, withdrawn_at=None)
    return held.select_related("student__user", "granted_by__user").order_by("student__user__name")


@transaction.atomic
def grant_accommodation(*, student: Enrolment, by: Enrolment, times: Decimal, days: int, reason: str) -> Accommodation:
    """Holds at once for everything that they hand in alone, also for what was handed in. Another one takes its place.

    Raises AccommodationRefused where it gives no time, or without a reason.
    """
    Enrolment.objects.select_for_update(no_key=True, of=("self",)).get(pk=student.pk)
    if times <= 1 and not days:
        raise AccommodationRefused("Say how much more time: times the time, or days more.")
    if not reason.strip():
        raise AccommodationRefused("Give a reason. Only lecturers read it.")
    held = Accommodation.objects.filter(student=student, withdrawn_at=None)
    if (same := held.filter(times=times, days=days).first()) is not None:
        if same.reason != reason.strip()[:500]:
            raise AccommodationRefused("They have exactly this already. To give another reason, take it back first.")
        return same
    held.update(withdrawn_at=timezone.now(), withdrawn_by=by)
    made = Accommodation.objects.create(
        student=student, times=times, days=days, reason=reason.strip()[:500], granted_by=by
    )
    _tell(student, f"You have {made.said} for what you hand in alone in {by.course}. Your due times say so.")
    return made


@transaction.atomic
def withdraw_accommodation(*, accommodation: Accommodation, by: Enrolment) -> None:
    """It no longer holds; that it was granted stays on record. Twice is once."""
    held = Accommodation.objects.filter(pk=accommodation.pk, withdrawn_at=None)
    if held.update(withdrawn_at=timezone.now(), withdrawn_by=by):
        _tell(accommodation.student, f"What you hand in in {by.course} is due as for everybody again.")


def _tell(student: Enrolment, text: str) -> None:
    if student.course.is_published:
        write_mails([student.user], f"Your time in {student.course}", f"{text}\n")
