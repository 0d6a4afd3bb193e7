"""Pages on which staff act for somebody: handing in what came by another way, and saying that it is for one more."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from assignments import behalf
from assignments.access import assignment_or_404, submission_or_404
from assignments.forms import OnBehalfForm, sent_in
from assignments.models import Assignment
from assignments.owners import Owner, name_of
from assignments.services import NothingChanged, SubmissionRefused
from courses.access import enrolment_or_404, students_in_reach
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest, clean_text
from groups.members.selectors import groups_in_reach, members_now


@login_required
def submission_on_behalf(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """Hand in for a student or a group in reach, as of when the work arrived."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    target = assignment_or_404(staff, assignment)
    owners = _owners(staff, target)
    choices = [(key, name_of(owner)) for key, owner in owners.items()]
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = OnBehalfForm(*sent, owners=choices, assignment=target)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            received = behalf.receive_on_behalf(
                assignment=target, owner=owners[form.cleaned_data["owner"]], by=staff, content=file.read(), name=file.name,
                received_at=form.cleaned_data["received_at"] or request.arrived_at, reason=form.cleaned_data["reason"],
                code=sent_in(form.cleaned_data.get("code")),
            )  # fmt: skip
        except SubmissionRefused as refused:
            form.add_error(None, str(refused))
        except NothingChanged:
            form.add_error("file", "These are the same bytes as the version that counts.")
        else:
            messages.success(request, "Handed in. It counts now, and its owner has the receipt by mail.")
            return redirect("submission-detail", course, assignment, received.owner_slug, received.number)
    page: Page = {"viewer": staff, "course": staff.course, "assignment": target, "form": form, "now": timezone.now()}
    return render(request, "assignments/submission_on_behalf.html", page, status=422 if form.errors else 200)


def _owners(staff: Enrolment, assignment: Assignment) -> dict[str, Owner]:
    """As in addresses → each student or group in reach, by name."""
    if assignment.group_set is not None:
        return {f"g{group.pk}": group for group in groups_in_reach(staff, assignment.group_set)}
    students = students_in_reach(staff).filter(left_at=None).select_related("user", "course")
    return {str(student.pk): student for student in students.order_by("user__name", "pk")}


@login_required
@require_POST
def member_add(request: SignedInRequest, course: str, assignment: str, owner: str, number: int) -> HttpResponse:
    """Say that a version is for one more who is in the group now."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    submission = submission_or_404(staff, assignment, number, owner)
    now = members_now(submission.group) if submission.group is not None else []
    student = next((member for member in now if str(member.pk) == request.POST.get("student")), None)
    if student is None:
        raise Http404("No such member")
    try:
        behalf.add_member(
            submission=submission, student=student, by=staff, reason=clean_text(request.POST.get("reason", ""))
        )
    except SubmissionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"It counts for {student.user} too; they are told by mail.")
    return redirect("submission-detail", course, assignment, owner, number)
