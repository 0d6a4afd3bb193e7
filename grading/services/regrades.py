"""Appeals: asked within the window, talked about, decided once. A mark that changes is a new mark, released as any other."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from courses.models import Enrolment, OutgoingMail
from grading.models import Mark, RegradeMessage, RegradeRequest, ReleasedGrade
from grading.rows import thawed

LONGEST = 4000
State = RegradeRequest.State


class RegradeRefused(Exception):
    """It cannot be asked for, answered or decided; the message says why."""


def window_of(released: ReleasedGrade) -> datetime | None:
    """Until when a regrade of this grade can be asked for; None: the course takes no such requests."""
    days = released.release.assignment.course.regrade_days
    return released.release.released_at + timedelta(days=days) if days else None


@transaction.atomic
def request_regrade(
    *, released: ReleasedGrade, student: Enrolment, grade_id: str, reason: str, at: datetime
) -> RegradeRequest:
    """Ask for one cell. Raises RegradeRefused outside the window, without a reason, or when it was asked for before."""
    Enrolment.objects.select_for_update().get(pk=student.pk)
    until = window_of(released)
    if until is None or at > until:
        raise RegradeRefused("The time in which this could be asked for is over.")
    if grade_id not in {row["grade_id"] for row in released.rows}:
        raise RegradeRefused("There is no such cell in this grade.")
    if not reason.strip():
        raise RegradeRefused("Say what should be looked at again, and why.")
    if RegradeRequest.objects.filter(released=released, grade_id=grade_id).exists():
        raise RegradeRefused("You have asked for this cell already.")
    request = RegradeRequest.objects.create(released=released, grade_id=grade_id)
    RegradeMessage.objects.create(request=request, author=student, text=reason.strip()[:LONGEST])
    return request


@transaction.atomic
def answer(*, request: RegradeRequest, by: Enrolment, text: str) -> None:
    """Say something more. Raises RegradeRefused when nothing is said, or all is decided."""
    request = _open(request)
    if not text.strip():
        raise RegradeRefused("Write something first.")
    RegradeMessage.objects.create(request=request, author=by, text=text.strip()[:LONGEST])
    if by.is_staff:
        _tell(request, f"{by.user} wrote about your request:\n\n{text.strip()[:LONGEST]}")


@transaction.atomic
def decide(
    *, request: RegradeRequest, by: Enrolment, state: str, text: str, points: Decimal | None = None
) -> RegradeRequest:
    """Accept, accept in part, decline, or hand on to the lecturer, always with a sentence.

    Accepting takes the points that the cell has from now on: a new mark. Students see it when the grade is released again.
    Raises RegradeRefused.
    """
    request = _open(request)
    if state not in State.values or state == State.OPEN:
        raise RegradeRefused("Choose what becomes of it.")
    if not text.strip():
        raise RegradeRefused("Say why: the student reads it.")
    if request.state == State.ESCALATED and not by.is_lecturer:
        raise RegradeRefused("This is with the lecturer now.")
    if state == State.ESCALATED:
        request.state = state
    else:
        if state != State.DECLINED:
            _remark(request, by, points, text)
        request.state, request.decided_at, request.decided_by = state, timezone.now(), by
    request.save(update_fields=["state", "decided_at", "decided_by"])
    RegradeMessage.objects.create(request=request, author=by, text=text.strip()[:LONGEST])
    if state != State.ESCALATED:
        _tell(request, f"Your request: {request.get_state_display().lower()}.\n\n{text.strip()[:LONGEST]}")
    return request


def _remark(request: RegradeRequest, by: Enrolment, points: Decimal | None, text: str) -> None:
    """The cell's new points, as a mark of the version that was released."""
    row = next(thawed(row) for row in request.released.rows if row["grade_id"] == request.grade_id)
    if points is None or not 0 <= points <= row.points:
        raise RegradeRefused(f"Give the points from now on, from 0 to {row.points:f}.")
    Mark.objects.create(
        submission=request.released.submission,
        grade_id=request.grade_id,
        points=points,
        comment=text.strip(),
        marker=by,
    )


def _open(request: RegradeRequest) -> RegradeRequest:
    found = (
        RegradeRequest.objects.select_for_update(of=("self",))
        .select_related("released__submission__student__user", "released__release__assignment__course")
        .get(pk=request.pk)
    )
    if not found.is_open:
        raise RegradeRefused("This was decided already.")
    return found


def _tell(request: RegradeRequest, text: str) -> None:
    submission, assignment = request.released.submission, request.released.release.assignment
    address = settings.BASE_URL + reverse("regrade-detail", args=[assignment.course.slug, request.pk])
    if submission.student.user.email:
        OutgoingMail.objects.create(
            recipient=submission.student.user.email,
            subject=f"Regrade request: {assignment.title}"[:200],
            body=f"{assignment.title}, {request.grade_id}\n\n{text}\n\n{address}\n",
        )
