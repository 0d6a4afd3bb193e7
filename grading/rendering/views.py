"""Reading work in the browser: a page of ours around a frame in which nothing runs and nothing is fetched."""

import re

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.clickjacking import xframe_options_sameorigin

from assignments.access import notebook_submission_or_404, version_or_404, work_or_404
from assignments.kinds.registry import kind_of
from assignments.models import Submission
from courses import storage
from courses.access import enrolment_or_404
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest
from grading.models import Rendering, RunRendering
from grading.selectors.grades import item_of
from grading.services.rendering import rendering_of, rendering_of_run

ANCHOR = re.compile(r"cell-[0-9]{1,5}|file-[0-9]{1,5}(-line-[0-9]{1,5})?")
NOTHING_RUNS = (
    "default-src 'none'; img-src data:; style-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; "
    "sandbox allow-popups"
)
"""The policy of the frame: no script, no request but for our own style, an origin of its own."""


@login_required
def submission_read(request: SignedInRequest, course: str, assignment: str, owner: str, number: int) -> HttpResponse:
    """The whole work as it was handed in. `?cell=3` or `?at=file-2-line-7`: from there on."""
    viewer = enrolment_or_404(request.user, course)
    submission = _framed_or_404(viewer, assignment, number, owner)
    page: Page = {"viewer": viewer, "course": viewer.course, "assignment": submission.assignment}
    page["submission"] = submission
    asked = request.GET.get("at") or f"cell-{request.GET.get('cell', '')}"
    page["at"] = asked if ANCHOR.fullmatch(asked) else ""
    return render(request, "grading/submission_read.html", page)


def _framed_or_404(viewer: Enrolment, assignment: str, number: int, owner: str) -> Submission:
    """Work that is read in a frame: cells, or lines, of code beside a paper too."""
    submission = version_or_404(viewer, assignment, number, owner)
    is_shown = kind_of(submission.assignment).shown_as in ("cells", "lines")
    if not is_shown and submission.code_file_id is None:
        raise Http404("It is not read in a frame")
    return submission


@login_required
@xframe_options_sameorigin
def submission_frame(request: SignedInRequest, course: str, assignment: str, owner: str, number: int) -> HttpResponse:
    """What stands in the frame: sanitised, under a policy of its own."""
    viewer = enrolment_or_404(request.user, course)
    return _frame(request, rendering_of(_framed_or_404(viewer, assignment, number, owner)))


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
    submission = work_or_404(staff, assignment, number, owner)
    run = item_of(submission).run
    if run is None or run.executed is None:
        raise Http404("No notebook of this run was kept")
    return _frame(request, rendering_of_run(run))
