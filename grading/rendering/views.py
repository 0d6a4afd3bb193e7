"""Reading a notebook in the browser: a page of ours around a frame in which nothing runs and nothing is fetched."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.clickjacking import xframe_options_sameorigin

from assignments.access import submission_or_404
from courses import storage
from courses.access import enrolment_or_404
from courses.requests import Page, SignedInRequest
from grading.services.rendering import rendering_of

NOTHING_RUNS = (
    "default-src 'none'; img-src data:; style-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; "
    "sandbox allow-popups"
)
"""The policy of the frame: no script, no request but for our own style, an origin of its own."""


@login_required
def submission_notebook(
    request: SignedInRequest, course: str, assignment: str, student: int, number: int
) -> HttpResponse:
    """The whole notebook as it was handed in."""
    viewer = enrolment_or_404(request.user, course)
    submission = submission_or_404(viewer, assignment, number, student)
    page: Page = {"viewer": viewer, "course": viewer.course, "assignment": submission.assignment}
    page["submission"] = submission
    return render(request, "grading/submission_notebook.html", page)


@login_required
@xframe_options_sameorigin
def submission_frame(request: SignedInRequest, course: str, assignment: str, student: int, number: int) -> HttpResponse:
    """What stands in the frame: sanitised, under a policy of its own."""
    viewer = enrolment_or_404(request.user, course)
    submission = submission_or_404(viewer, assignment, number, student)
    made = rendering_of(submission)
    body = storage.read(made.file).decode() if made.file is not None else ""
    page: Page = {"body": mark_safe(body), "problem": made.problem}  # noqa: S308  sanitised when it was made
    answer = render(request, "grading/submission_frame.html", page)
    answer["Content-Security-Policy"] = NOTHING_RUNS
    answer["Referrer-Policy"] = "no-referrer"
    return answer
