"""Appeals: asked within the window, talked about, decided once. A mark that changes is a new mark, released as any other."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from assignments.kinds.registry import kind_of
from assignments.models import Submission
from assignments.owners import lock, tell
from assignments.selectors import history_of
from courses.models import Enrolment
from courses.policy.words import points_text
from grading.models import Mark, RegradeMessage, RegradeRequest, ReleasedGrade
from grading.rows import VisibleRow, thawed
from grading.selectors.grades import shown_grades
from grading.selectors.rubrics import questions_of

LONGEST = 4000
State = RegradeRequest.State


class RegradeRefused(Exception):
    """It cannot be asked for, answered or decided; the message says why."""


def window_of(released: ReleasedGrade, grade_id: str = "") -> datetime | None:
    """Until when a regrade can be asked for; None: the course takes no such requests.

    With `grade_id` of that cell: from the release that first showed it as it is, so that a later release of something else
    opens nothing again.
    """
    days = released.release.assignment.course.regrade_days
    if not days:
        return None
    shown_at = released.release.released_at
    for earlier in shown_grades().filter(submission=released.submission_id, pk__lt=released.pk).order_by("-pk"):
        if not grade_id or _row(earlier, grade_id) != _row(released, grade_id):
            break
        shown_at = earlier.release.released_at
    return shown_at + timedelta(days=days)


def _row(released: ReleasedGrade, grade_id: str) -> VisibleRow | None:
    return next((thawed(row) for row in released.rows if row["grade_id"] == grade_id), None)


@transaction.atomic
def request_regrade(
    *, released: ReleasedGrade, student: Enrolment, grade_id: str, reason: str, at: datetime
) -> RegradeRequest:
    """Ask for one cell. Raises RegradeRefused outside the window, without a reason, or when it was asked for before."""
    lock(released.submission.owner)  # a group shares one request: its members do not ask twice
    if _row(released, grade_id) is None:
        raise RegradeRefused("There is no such cell in this grade.")
    until = window_of(released, grade_id)
    if until is None or at > until:
        raise RegradeRefused("The time in which this could be asked for is over.")
    if not reason.strip():
        raise RegradeRefused("Say what should be looked at again, and why.")
    asked = RegradeRequest.objects.filter(released__submission=released.submission_id, grade_id=grade_id)
    asked = asked.filter(released__in=shown_grades())
    if any(_row(each.released, grade_id) == _row(released, grade_id) for each in asked.select_related("released")):
        raise RegradeRefused("This was asked for already.")
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
    *,
    request: RegradeRequest,
    by: Enrolment,
    state: str,
    text: str,
    points: Decimal | None = None,
    seen: int | None = None,
) -> RegradeRequest:
    """Accept, accept in part, decline, or hand on to the lecturer, always with a sentence.

    Accepting takes the points that the cell has from now on: a new mark. Students see it when the grade is released again.
    `seen`: the newest mark of the cell that the page showed. Raises RegradeRefused.
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
            _remark(request, by, points, text, seen)
        request.state, request.decided_at, request.decided_by = state, timezone.now(), by
    request.save(update_fields=["state", "decided_at", "decided_by"])
    RegradeMessage.objects.create(request=request, author=by, text=text.strip()[:LONGEST])
    if state != State.ESCALATED:
        _tell(request, f"Your request: {request.get_state_display().lower()}.\n\n{text.strip()[:LONGEST]}")
    return request


def _remark(request: RegradeRequest, by: Enrolment, points: Decimal | None, text: str, seen: int | None) -> None:
    """The cell's new points, as a mark of the version that was released, while that one counts."""
    submission = request.released.submission
    Submission.objects.select_for_update(no_key=True, of=("self",)).get(pk=submission.pk)
    row = _row(request.released, request.grade_id)
    if row is None or points is None or not 0 <= points <= row.points:
        raise RegradeRefused(f"Give the points from now on, from 0 to {points_text(row.points) if row else 0}.")
    counting = history_of(request.released.release.assignment, submission.owner).counting
    if counting is None or counting.pk != submission.pk:
        raise RegradeRefused(
            "Another version counts by now, so these points would change nothing. Decline, and say so."
        )
    assignment = submission.assignment
    asked_now = {question.grade_id for question in questions_of(assignment)}
    if not kind_of(assignment).has_cells and request.grade_id not in asked_now:
        raise RegradeRefused(
            "What this work is marked by has changed, so these points would change nothing. Mark it on the desk, then decline "
            "and say so."
        )
    if submission.is_talk:
        raise RegradeRefused(
            "A talk counts the mean of its markers: let them change their sheets, then decline and say so."
        )
    latest = Mark.objects.filter(submission=submission, grade_id=request.grade_id).order_by("-pk").first()
    if seen is not None and latest is not None and latest.pk > seen:
        raise RegradeRefused(f"{latest.marker.user} gave {latest.said} meanwhile: look at it, then decide.")
    Mark.objects.create(
        submission=submission, grade_id=request.grade_id, points=points, comment=text.strip(), marker=by
    )


def latest_mark(request: RegradeRequest) -> Mark | None:
    """What stands for the cell now, released or not."""
    marks = Mark.objects.filter(submission=request.released.submission_id, grade_id=request.grade_id)
    return marks.select_related("marker__user").order_by("-pk").first()


def _open(request: RegradeRequest) -> RegradeRequest:
    found = (
        RegradeRequest.objects.select_for_update(no_key=True, of=("self",))
        .select_related(
            "released__submission__student__user",
            "released__submission__group",
            "released__release__assignment__course",
        )
        .get(pk=request.pk)
    )
    if not found.is_open:
        raise RegradeRefused("This was decided already.")
    return found


def _tell(request: RegradeRequest, text: str) -> None:
    submission, assignment = request.released.submission, request.released.release.assignment
    address = settings.BASE_URL + reverse("regrade-detail", args=[assignment.course.slug, request.pk])
    body = f"{assignment.title}, {request.title}\n\n{text}\n\n{address}\n"
    tell(submission.owner, f"Regrade request: {assignment.title}", body)
