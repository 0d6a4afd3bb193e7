"""Pages about results, marks, release and standing."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from assignments.access import assignment_or_404, submission_or_404, version_or_404, work_or_404
from assignments.anonymity import is_masked, shown_name
from assignments.models import Submission
from assignments.people import whom_it_is_for
from assignments.selectors import History, current_notebook, history_of
from assignments.services import SubmissionRefused, put_back_version
from courses.access import enrolment_or_404, may_make_courses
from courses.models import Enrolment, Role
from courses.policy.versions import may_put_back
from courses.requests import Page, SignedInRequest, clean_text
from courses.selectors import enrolments_of
from grading.marking.selectors import waiting_seconds
from grading.models import Run
from grading.papers.submissions import paper_page, report_of
from grading.selectors import queues
from grading.selectors.grades import item_of, review_began
from grading.selectors.regrades import asked_for
from grading.selectors.reviews import others_wait
from grading.services import runs
from grading.services.regrades import window_of
from grading.visibility import result_or_404


@login_required
@never_cache
def submission_detail(request: SignedInRequest, course: str, assignment: str, owner: str, number: int) -> HttpResponse:
    """One version: its receipt, its run as it goes, its results, and the arithmetic of its grade."""
    viewer = enrolment_or_404(request.user, course)
    submission = submission_or_404(viewer, assignment, number, owner, every_talk=True)
    page = _submission_page(viewer, submission)
    template = "grading/submission_status.html" if request.htmx else "grading/submission_detail.html"  # type: ignore[attr-defined]
    return render(request, template, page)


def _submission_page(viewer: Enrolment, submission: Submission) -> dict[str, Any]:
    report = report_of(submission)
    item = item_of(submission, viewer)
    history = history_of(submission.assignment, submission.owner)
    counting = history.counting
    counts = counting is not None and counting.pk == submission.pk
    previous = _previous(viewer, history) if counts else None
    result = result_or_404(viewer, item)
    own = result.shown if result.shown and not viewer.is_staff else None
    return {
        **paper_page(submission, result.notes, report),
        "members": whom_it_is_for(submission, viewer),
        "regrade_until": window_of(own) if own else None,
        "asked": asked_for(own) if own else {},
        "now": timezone.now(),
        "viewer": viewer,
        "course": viewer.course,
        "assignment": submission.assignment,
        "submission": submission,
        "item": item,
        "result": result,
        "counting": counting,
        "counts": counts,
        "previous": previous,
        "late_by": item.history.lateness_at(submission.received_at),
        "queue": queues.queue_state() if item.active else None,
        "findings": queues.findings_of(item.run) if viewer.is_staff else None,
    }


def _previous(viewer: Enrolment, history: History) -> Submission | None:
    """The version that its owner may still put back."""
    if history.counting is None or viewer.is_staff or history.speaks:
        return None
    began = review_began(history.counting)
    now = timezone.now()
    may = (s for s in history.submissions if may_put_back(history.turns, number=s.number, at=now, review_began=began))
    return next(may, None)


@login_required
@require_POST
def submission_put_back(
    request: SignedInRequest, course: str, assignment: str, owner: str, number: int
) -> HttpResponse:
    """Make an earlier version count again."""
    viewer = enrolment_or_404(request.user, course)
    submission = work_or_404(viewer, assignment, number, owner)
    counting = history_of(submission.assignment, submission.owner).counting
    try:
        put_back_version(
            submission=submission, by=viewer, at=request.arrived_at, reason=clean_text(request.POST.get("reason", "")),
            review_began=counting is not None and review_began(counting),
        )  # fmt: skip
    except SubmissionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Version {number} counts again.")
    return redirect("submission-detail", course, assignment, owner, number)


@login_required
@require_POST
def run_create(request: SignedInRequest, course: str, assignment: str, owner: str, number: int) -> HttpResponse:
    """Staff run the tests, or check the paper, again."""
    staff = enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
    submission = version_or_404(staff, assignment, number, owner)
    if runs.queue_again(submission=submission) is None:
        messages.info(request, "It is already waiting or running.")
    else:
        messages.success(request, "Queued again.")
    return redirect("submission-detail", course, assignment, owner, number)


@login_required
def submission_list(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """Every student in reach: what counts, how late, what state."""
    staff = enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
    target = assignment_or_404(staff, assignment)
    items = queues.submissions_in_reach(staff, target)
    if is_masked(staff, target):  # by their names' order they could be told
        items.sort(key=lambda item: shown_name(staff, target, item.owner))
    page: Page = {
        "viewer": staff,
        "course": staff.course,
        "assignment": target,
        "items": items,
        "progress": queues.progress_of(items),
        "seconds": waiting_seconds(staff, target),
        "others_wait": others_wait(staff, target),
    }
    return render(request, "grading/submission_list.html", {**page, "queue": queues.queue_state()})


@login_required
def notebook_check(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """What the check of the instructor notebook found: per cell, on the reference and on the untouched version."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    target = assignment_or_404(staff, assignment)
    notebook = current_notebook(target)
    if notebook is None:
        raise Http404("No notebook yet")
    run = queues.check_of(notebook.pk)
    page: Page = {"viewer": staff, "course": staff.course, "assignment": target, "notebook": notebook, "run": run}
    page["ours"] = run is not None and run.state == Run.State.FAILED
    template = "grading/check_status.html" if request.htmx else "grading/notebook_check.html"  # type: ignore[attr-defined]
    return render(request, template, page)


@login_required
def check_report(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """The same as JSON, for those who keep it beside the notebook."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    notebook = current_notebook(assignment_or_404(staff, assignment))
    run = queues.check_of(notebook.pk) if notebook else None
    if run is None or run.state != Run.State.DONE:
        raise Http404("No check yet")
    return JsonResponse(run.report, json_dumps_params={"indent": 1})


@login_required
def operations(request: SignedInRequest) -> HttpResponse:
    """Queue, workers and walls, for lecturers and operators."""
    if not may_make_courses(request.user, enrolments_of(request.user)):
        raise Http404("No such page")
    return render(
        request,
        "grading/operations.html",
        {
            "queue": queues.queue_state(),
            "now": timezone.now(),
            "recomputation": queues.last_recomputation(),
        },
    )
