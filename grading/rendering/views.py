"""Reading a notebook in the browser: a page of ours around a frame in which nothing runs and nothing is fetched."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.clickjacking import xframe_options_sameorigin

from assignments.access import notebook_submission_or_404, submission_or_404
from courses import storage
from courses.access import enrolment_or_404
from courses.models import Role
from courses.requests import Page, SignedInRequest
from grading.models import Rendering, RunRendering
from grading.selectors.grades import item_of
from grading.services.rendering import rendering_of, rendering_of_run

MOST_DIGITS = 5
NOTHING_RUNS = (
    "default-src 'none'; img-src data:; style-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; "
    "sandbox allow-popups"
)
"""The policy of the frame: no script, no request but for our own style, an origin of its own."""


@login_required
def submission_notebook(
    request: SignedInRequest, course: str, assignment: str, owner: str, number: int
) -> HttpResponse:
    """The whole notebook as it was handed in."""
    viewer = enrolment_or_404(request.user, course)
    submission = notebook_submission_or_404(viewer, assignment, number, owner)
    page: Page = {"viewer": viewer, "course": viewer.course, "assignment": submission.assignment}
    page["submission"] = submission
    asked = request.GET.get("cell", "")
    page["cell"] = asked if asked.isascii() and asked.isdigit() and len(asked) <= MOST_DIGITS else ""
    return render(request, "grading/submission_notebook.html", page)


@login_required
@xframe_options_sameorigin
def submission_frame(request: SignedInRequest, course: str, assignment: str, owner: str, number: int) -> HttpResponse:
    """What stands in the frame: sanitised, under a policy of its own."""
    viewer = enrolment_or_404(request.user, course)
    submission = notebook_submission_or_404(viewer, assignment, number, owner)
    return _frame(request, rendering_of(submission))


def _frame(request: SignedInRequest, made: Rendering | RunRendering) -> HttpResponse:
    body = storage.read(made.file).decode() if made.file is not None else ""
    page: Page = {"body": mark_safe(body), "problem": made.problem}  # noqa: S308  sanitised when it was made
    answer = render(request, "grading/submission_frame.html", page)
    answer["Content-Security-Policy"] = NOTHING_RUNS
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@login_required
def submission_rerun(request: SignedInRequest, course: str, assignment: str, owner: str, number: int) -> HttpResponse:
    """For those who may read the tests: the notebook as it was handed in beside the same as it ran here."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    submission = notebook_submission_or_404(staff, assignment, number, owner)
    page: Page = {"viewer": staff, "course": staff.course, "assignment": submission.assignment}
    page |= {"submission": submission, "run": item_of(submission).run}
    return render(request, "grading/submission_rerun.html", page)


@login_required
@xframe_options_sameorigin
def rerun_frame(request: SignedInRequest, course: str, assignment: str, owner: str, number: int) -> HttpResponse:
    """What stands in the second frame."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    submission = submission_or_404(staff, assignment, number, owner)
    run = item_of(submission).run
    if run is None or run.executed is None:
        raise Http404("No notebook of this run was kept")
    return _frame(request, rendering_of_run(run))
