"""What a worker does with a PDF: the format check, and pictures of its pages ahead of whoever opens it."""

from django.conf import settings
from django.db import transaction

from assignments import format_checks
from assignments.models import Submission
from assignments.owners import tell
from assignments.services import address_of
from grading.models import Run
from grading.services import pages, runs

READ, UNREADABLE = "checked", "unreadable"


def look_at(*, run_id: int, attempt: int) -> None:
    """Check one version and draw its pages. Raises CheckStopped, after which it is tried again as any run that broke."""
    related = ("submission__file", "submission__assignment__course", "submission__student__user", "submission__group")
    submission = Run.objects.select_related(*related).get(pk=run_id).submission
    if submission is None:
        raise ValueError("No paper was handed in")
    report = format_checks.check(submission)
    if "stopped" in report and attempt < runs.MOST_ATTEMPTS:
        raise format_checks.CheckStopped
    verdict = READ if report["readable"] else UNREADABLE
    with transaction.atomic():
        was_told = Run.objects.filter(submission=submission, verdict=UNREADABLE).exists()
        is_mine = runs.record_report(run_id=run_id, attempt=attempt, report={**report, "verdict": verdict})
        if is_mine and verdict == UNREADABLE and not was_told:
            _tell_unreadable(submission, report["reason"])
    if verdict == READ:
        pages.draw_ahead(submission_id=submission.pk)


def _tell_unreadable(submission: Submission, reason: str) -> None:
    """It was taken with its time; but nobody can read it."""
    title = submission.assignment.title
    body = (
        f"{submission.said} of {title} was received and keeps its time, but it cannot be read.\n\n{reason}\n\n"
        f"Hand in a file that opens.\n\n{settings.BASE_URL}{address_of(submission)}\n"
    )
    tell(submission.owner, f"Cannot be read: {title}", body)
