"""What is held back, planned and taken back, and the doors to it."""

from django.db.models import QuerySet
from django.http import Http404

from assignments.models import Assignment
from courses.models import Enrolment
from courses.requests import key_in
from grading.models import Hold, PlannedRelease, Withdrawal


def holds_of(assignment: Assignment) -> QuerySet[Hold]:
    """Those that stand, by name."""
    return (
        assignment.holds.filter(lifted_at=None)
        .select_related("student__user", "held_by__user")
        .order_by("student__user__name")
    )


def plans_of(assignment: Assignment) -> QuerySet[PlannedRelease]:
    """All that were made and not cancelled, in time."""
    return assignment.planned_releases.filter(cancelled_at=None).select_related("section", "planned_by__user")


def last_withdrawal(assignment: Assignment) -> Withdrawal | None:
    """What was taken back last."""
    return assignment.withdrawals.select_related("withdrawn_by__user").order_by("pk").last()


def hold_or_404(assignment: Assignment, key: str) -> Hold:
    """A hold of this assignment."""
    found = holds_of(assignment).filter(pk=_number(key)).first()
    if found is None:
        raise Http404("No such hold")
    return found


def plan_or_404(assignment: Assignment, key: str) -> PlannedRelease:
    """A planned release of this assignment."""
    found = plans_of(assignment).filter(pk=_number(key)).first()
    if found is None:
        raise Http404("No such plan")
    return found


def student_among(students: list[Enrolment], key: int | str) -> Enrolment:
    """One of these students."""
    found = next((student for student in students if str(student.pk) == str(key)), None)
    if found is None:
        raise Http404("No such student")
    return found


def _number(key: str) -> int:
    return key_in(key)
