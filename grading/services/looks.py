"""What a worker does with work that has no cells: it looks at the file, says what is in it, and makes its pages ahead."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction

from assignments import format_checks
from assignments.kinds.registry import kind_of
from assignments.models import Submission
from assignments.owners import tell
from assignments.services import address_of
from courses.programs import ProgramStopped
from grading.models import Run
from grading.services import pages, rendering, runs

READ, UNREADABLE = "checked", "unreadable"
Report = dict[str, Any]


class LookStopped(Exception):
    """The machine was too slow: that says nothing about the file."""


def look_at(*, run_id: int, attempt: int) -> None:
    """Look at one version. Raises LookStopped or CheckStopped, after which it is tried again as any run that broke."""
    related = (
        "submission__file",
        "submission__code_file",
        "submission__assignment__course",
        "submission__student__user",
        "submission__group",
    )
    submission = Run.objects.select_related(*related).get(pk=run_id).submission
    if submission is None:
        raise ValueError("Nothing was handed in")
    report = LOOKS[kind_of(submission.assignment).shown_as](submission)
    if submission.code_file is not None:
        report = {**report, "code": _lines(submission)}
    if "stopped" in report and attempt < runs.MOST_ATTEMPTS:
        raise LookStopped
    verdict = READ if report["readable"] else UNREADABLE
    with transaction.atomic():
        was_told = Run.objects.filter(submission=submission, verdict=UNREADABLE).exists()
        is_mine = runs.record_report(run_id=run_id, attempt=attempt, report={**report, "verdict": verdict})
        if is_mine and verdict == UNREADABLE and not was_told:
            _tell_unreadable(submission, report["reason"])
    if verdict == READ and kind_of(submission.assignment).shown_as == "pages":
        pages.draw_ahead(submission_id=submission.pk)


def _lines(submission: Submission) -> Report:
    """The list of its files; their text becomes the page that is kept."""
    try:
        return rendering.listing_of(submission)
    except ProgramStopped as stopped:
        raise LookStopped from stopped


LOOKS: dict[str, Callable[[Submission], Report]] = {"pages": format_checks.check, "lines": _lines}


def _tell_unreadable(submission: Submission, reason: str) -> None:
    """It was taken with its time; but nobody can read it."""
    title = submission.assignment.title
    body = (
        f"{submission.said} of {title} was received and keeps its time, but it cannot be read.\n\n{reason}\n\n"
        f"Hand in a file that opens.\n\n{settings.BASE_URL}{address_of(submission)}\n"
    )
    tell(submission.owner, f"Cannot be read: {title}", body)
