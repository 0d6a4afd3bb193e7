"""Pages of a stage: what it asks, handing in for the group, the format check, asking for more time."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from assignments import format_checks, services
from assignments.forms import PaperForm
from assignments.models import Assignment, PendingReplacement, Submission
from assignments.owners import name_of
from assignments.receipts import receipt_of
from assignments.selectors import history_of, pending_of
from assignments.signals import submission_arriving
from courses import storage
from courses.access import enrolment_or_404
from courses.downloads import attachment
from courses.models import Enrolment
from courses.requests import Page, SignedInRequest
from groups.members.selectors import group_of
from groups.models import Group
from projects.access import deliverable_or_404, stage_or_404


@login_required
def stage_detail(request: SignedInRequest, course: str, stage: str) -> HttpResponse:
    """What a stage asks; for members when it is due for them, what lateness costs, hand in, versions."""
    viewer = enrolment_or_404(request.user, course)
    return _stage_page(request, viewer, stage_or_404(viewer, stage), PaperForm())


def _stage_page(request: SignedInRequest, viewer: Enrolment, stage: Assignment, form: PaperForm) -> HttpResponse:
    page: Page = {"viewer": viewer, "course": viewer.course, "stage": stage, "form": form, "now": timezone.now()}
    group = None if viewer.is_staff else group_of(stage.groups, viewer)
    if group is not None:
        group.group_set = stage.groups
        history = history_of(stage, group)
        here, after = history.step_at(page["now"])
        page |= {"group": group, "history": history, "here": here, "after": after, "steps": history.steps()}
        try:
            submission_arriving.send(Submission, assignment=stage, owner=group)
        except services.SubmissionRefused as refused:
            page["waits_for"] = str(refused)
    return render(request, "projects/stage_detail.html", page, status=422 if form.errors else 200)


@login_required
def deliverable_create(request: SignedInRequest, course: str, stage: str) -> HttpResponse:
    """Hand in for one's group."""
    student = enrolment_or_404(request.user, course)
    target = stage_or_404(student, stage)
    if request.method != "POST" or student.is_staff:
        if student.is_staff:
            messages.error(request, "Staff do not hand in.")
        return redirect("stage-detail", course, stage)
    group = _own_group_or_404(target, student)
    form = PaperForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["paper"]
        try:
            received = services.receive_submission(
                assignment=target, owner=group, by=student, content=file.read(), name=file.name,
                received_at=request.arrived_at,
            )  # fmt: skip
        except services.SubmissionRefused as refused:
            form.add_error("paper", str(refused))
        except services.NothingChanged:
            messages.info(request, "These are the same bytes as the version that counts. Nothing was changed.")
            return redirect("stage-detail", course, stage)
        else:
            if isinstance(received, services.Choice):
                return redirect("deliverable-confirm", course, stage)
            messages.success(request, "Received for the whole group. Everybody in it is told by mail.")
            return redirect("deliverable-detail", course, stage, group.pk, received.number)
    return _stage_page(request, student, target, form)


@login_required
def deliverable_confirm(request: SignedInRequest, course: str, stage: str) -> HttpResponse:
    """Both outcomes side by side, before a replacement lowers the factor."""
    student = enrolment_or_404(request.user, course)
    target = stage_or_404(student, stage)
    group = _own_group_or_404(target, student)
    held = pending_of(target, group)
    if held is None:
        raise Http404("Nothing waits for a yes")
    if request.method == "POST":
        return _decide(request, student, held)
    history = history_of(target, group)
    page: Page = {
        "viewer": student,
        "course": student.course,
        "stage": target,
        "choice": services.Choice(held, history),
    }
    page["new_late_by"] = history.lateness_at(held.received_at)
    page["findings"] = format_checks.report_for(held.file, target, group).get("findings", [])
    return render(request, "projects/deliverable_confirm.html", page)


def _decide(request: SignedInRequest, student: Enrolment, held: PendingReplacement) -> HttpResponse:
    where = [student.course.slug, held.assignment.slug]
    seen = request.POST.get("seen")
    try:
        if request.POST.get("decision") != "replace":
            services.decline_replacement(pending=held, by=student, seen=seen)
            messages.info(request, "Kept. The earlier version still counts.")
            return redirect("stage-detail", *where)
        submission = services.confirm_replacement(pending=held, by=student, at=request.arrived_at, seen=seen)
    except services.SubmissionRefused as refused:
        messages.error(request, str(refused))
        return redirect("stage-detail", *where)
    messages.success(request, "Replaced for the whole group. Everybody in it is told by mail.")
    return redirect("deliverable-detail", *where, held.group_id, submission.number)


@login_required
def paper_check(request: SignedInRequest, course: str, stage: str) -> HttpResponse:
    """Hold a PDF against the rules without handing it in: nothing is stored."""
    viewer = enrolment_or_404(request.user, course)
    target = stage_or_404(viewer, stage)
    form = PaperForm(request.POST, request.FILES) if request.method == "POST" else PaperForm()
    page: Page = {"viewer": viewer, "course": viewer.course, "stage": target, "form": form}
    if form.is_valid():
        file = form.cleaned_data["paper"]
        try:
            page["report"] = format_checks.look(file.read(), format_checks.rules_of(target))
            page["name"] = file.name
        except format_checks.PaperRefused as refused:
            form.add_error("paper", str(refused))
    return render(request, "projects/paper_check.html", page, status=422 if form.errors else 200)


@login_required
def deliverable_file(request: SignedInRequest, course: str, stage: str, group: int, number: int) -> HttpResponse:
    """Download the very bytes that were handed in."""
    viewer = enrolment_or_404(request.user, course)
    submission = deliverable_or_404(viewer, stage_or_404(viewer, stage), group, number)
    return attachment(storage.read(submission.file), f"{stage}-{name_of(submission.owner)}-v{number}.pdf")


@login_required
def deliverable_receipt(request: SignedInRequest, course: str, stage: str, group: int, number: int) -> HttpResponse:
    """The signed receipt as JSON."""
    viewer = enrolment_or_404(request.user, course)
    submission = deliverable_or_404(viewer, stage_or_404(viewer, stage), group, number)
    receipt = receipt_of(submission, history_of(submission.assignment, submission.owner))
    answer = JsonResponse(receipt, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="receipt-{stage}-v{number}.json"'
    return answer


def _own_group_or_404(stage: Assignment, student: Enrolment) -> Group:
    group = group_of(stage.groups, student)
    if group is None:
        raise Http404("You are in no group")
    group.group_set = stage.groups
    return group
