"""The button that takes an assignment away."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from assignments.access import assignment_or_404
from courses.access import enrolment_or_404
from courses.models import Role
from courses.requests import SignedInRequest
from gradebook.removal.services import RemovalRefused, archive_assignment, delete_assignment


@login_required
@require_POST
def assignment_remove(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """Delete what nothing hangs on; archive the rest, or take it back out."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    target = assignment_or_404(lecturer, assignment)
    try:
        if "delete" in request.POST:
            delete_assignment(assignment=target, by=lecturer)
            messages.success(request, f"{target.title} is deleted.")
            return redirect("assignment-list", course)
        archive_assignment(assignment=target, by=lecturer, archived="archive" in request.POST)
    except RemovalRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Archived." if "archive" in request.POST else "It stands in the lists again.")
    return redirect("assignment-detail", course, assignment)
