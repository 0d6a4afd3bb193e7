"""Pages of a paper that is handed in by itself: what was found in them, and its pictures."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse

from assignments import format_checks
from assignments.access import version_or_404
from assignments.kinds.registry import kind_of
from assignments.models import Submission
from courses.access import enrolment_or_404
from courses.requests import Page, SignedInRequest
from grading.models import Run
from grading.papers.pictures import picture_of
from grading.papers.reading import pages_of
from grading.rows import VisibleNote
from grading.services import runs


def paper_page(submission: Submission, notes: Sequence[VisibleNote], report: Mapping[str, Any]) -> Page:
    """What a page about work without cells shows: what was found, and a paper's pages with what is noted on them."""
    if not submission.has_file:
        return {}
    if kind_of(submission.assignment).shown_as != "pages":
        return {"report": report}
    where = [submission.assignment.course.slug, submission.assignment.slug, submission.owner_slug, submission.number]
    pages = pages_of(report, notes, lambda number: reverse("submission-page", args=[*where, number]))
    return {"report": report, "pages": pages}


def report_of(submission: Submission) -> dict[str, Any]:
    """What a worker found in work without cells, asked for again where what is asked has changed; what it found before it was
    stopped; or nothing.
    """
    kind = kind_of(submission.assignment)
    if not submission.has_file or kind.has_cells or not kind.shown_as:
        return {}
    kept = None
    if kind.shown_as == "pages":
        kept = format_checks.kept_report(submission.stored, submission.assignment, submission.owner)
    if kept is not None and submission.code_file_id is None:
        return kept
    latest = Run.objects.filter(submission=submission, state=Run.State.DONE).order_by("-pk").first()
    if latest is None or kind.asked(submission.assignment, submission.owner) != latest.report.get("rules", ""):
        runs.queue_submission(submission=submission)
    report: dict[str, Any] = latest.report if latest is not None else {}
    return report if kept is None else {**kept, "code": report.get("code", {})}


@login_required
def submission_page(
    request: SignedInRequest, course: str, assignment: str, owner: str, number: int, page: int
) -> HttpResponse:
    """One page as a picture that we drew."""
    viewer = enrolment_or_404(request.user, course)
    return picture_of(version_or_404(viewer, assignment, number, owner), page)
