"""Who has which work open, and which presses of "save" arrived: what the desk's script asks while people mark."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from assignments.access import assignment_or_404, work_or_404
from courses.access import enrolment_or_404
from courses.models import Role
from courses.requests import SignedInRequest
from grading.selectors.reviews import saved_among
from grading.services.reviews import BEAT, leave_review, open_review

MOST_KEYS = 200


@login_required
@require_POST
def review_hold(request: SignedInRequest, course: str, assignment: str, owner: str, number: int) -> HttpResponse:
    """A sign of life of the page, or taking the work over from whoever has it open."""
    staff = enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
    submission = work_or_404(staff, assignment, number, owner, every_talk=True)
    if "take_over" in request.POST:
        open_review(submission=submission, by=staff, take_over=True)
        return redirect("review-create", course, assignment, owner, number)
    held = open_review(submission=submission, by=staff, span=BEAT)
    mine = held.holder_id == staff.pk
    return JsonResponse({"mine": mine, "holder": "" if mine or held.holder is None else str(held.holder.user)})


@login_required
@require_POST
def review_leave(request: SignedInRequest, course: str, assignment: str, owner: str, number: int) -> HttpResponse:
    """The page was closed."""
    staff = enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
    leave_review(submission=work_or_404(staff, assignment, number, owner, every_talk=True), by=staff)
    return HttpResponse(status=204)


@login_required
@never_cache
def review_saved(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """Which of these presses of "save" were carried out: the journal in the browser forgets them."""
    staff = enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
    assignment_or_404(staff, assignment)
    keys = [UUID(key) for key in request.GET.getlist("key")[:MOST_KEYS] if _is_key(key)]
    return JsonResponse({"saved": saved_among(staff, keys)})


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
