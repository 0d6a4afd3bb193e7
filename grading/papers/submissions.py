"""Pages of a paper that is handed in by itself: its pictures, and notes on them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from assignments import format_checks
from assignments.access import version_or_404
from assignments.models import Kind, Submission
from courses.access import enrolment_or_404
from courses.models import Role
from courses.requests import Page, SignedInRequest, clean_text
from grading.models import Run
from grading.papers import services
from grading.papers.forms import place_in
from grading.papers.pictures import picture_of
from grading.papers.reading import pages_of
from grading.papers.selectors import note_or_none
from grading.rows import VisibleNote
from grading.selectors.reviews import conflict_of
from grading.services import runs


def paper_page(submission: Submission, notes: Sequence[VisibleNote], report: Mapping[str, Any]) -> Page:
    """What a page about a paper shows: the format check, and the pages with what the viewer may read on them."""
    if submission.assignment.kind != Kind.PAPER or submission.is_talk:
        return {}
    where = [submission.assignment.course.slug, submission.assignment.slug, submission.owner_slug, submission.number]
    pages = pages_of(report, notes, lambda number: reverse("submission-page", args=[*where, number]))
    return {"report": report, "pages": pages}


def report_of(submission: Submission) -> dict[str, Any]:
    """What the check of a paper found, asked for again where what is asked has changed; what it found before it was
    stopped; or nothing.
    """
    if submission.assignment.kind != Kind.PAPER or submission.is_talk:
        return {}
    kept = format_checks.kept_report(submission.stored, submission.assignment, submission.owner)
    if kept is not None:
        return kept
    runs.queue_submission(submission=submission)
    latest = Run.objects.filter(submission=submission, state=Run.State.DONE).order_by("-pk").first()
    return latest.report if latest is not None else {}


@login_required
def submission_page(
    request: SignedInRequest, course: str, assignment: str, owner: str, number: int, page: int
) -> HttpResponse:
    """One page as a picture that we drew."""
    viewer = enrolment_or_404(request.user, course)
    return picture_of(version_or_404(viewer, assignment, number, owner), page)


@login_required
@require_POST
def page_note_create(request: SignedInRequest, course: str, assignment: str, owner: str, number: int) -> HttpResponse:
    """Write a note on a page or a place of it, or take one away; then the desk again."""
    staff = enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
    submission = version_or_404(staff, assignment, number, owner)
    page, place = place_in(request.POST)
    try:
        if conflict_of(staff, submission):
            messages.error(request, "Somebody else marks this work: a conflict of interest is stated for you.")
        elif "remove" in request.POST:
            note = note_or_none(submission, request.POST["remove"])
            if note is None:
                raise Http404("No such note")
            services.remove_note(note=note, by=staff)
        else:
            text = clean_text(request.POST.get("text", ""), 4000)
            services.write_page_note(submission=submission, by=staff, text=text, page=page, place=place)
    except services.NoteRefused as refused:
        messages.error(request, str(refused))
    answer = redirect("review-create", course, assignment, owner, number)
    answer["Location"] += f"#page-{page}" if page else "#notes"
    return answer
