"""Pages of a stage: what it asks, handing in for the group, the format check, asking for more time."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from assignments.models import Assignment
from courses import storage
from courses.access import enrolment_or_404
from courses.downloads import attachment
from courses.forms import MoreTimeForm
from courses.models import Enrolment
from courses.requests import Page, SignedInRequest
from groups.members.selectors import group_of
from groups.models import Group
from projects import format_checks
from projects.access import deliverable_or_404, stage_or_404
from projects.handing_in import services
from projects.handing_in.forms import PaperForm
from projects.handing_in.more_time import MoreTimeRefused, ask_for_time
from projects.handing_in.receipts import receipt_of
from projects.handing_in.selectors import held_of, history_of, requests_of
from projects.models import HeldDeliverable


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
            services.refuse_without_topic(stage, group)
        except services.DeliverableRefused as refused:
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
            received = services.receive_deliverable(
                stage=target, group=group, by=student, content=file.read(), name=file.name,
                received_at=request.arrived_at,
            )  # fmt: skip
        except services.DeliverableRefused as refused:
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
    held = held_of(target, group)
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


def _decide(request: SignedInRequest, student: Enrolment, held: HeldDeliverable) -> HttpResponse:
    where = [student.course.slug, held.stage.slug]
    seen = request.POST.get("seen")
    try:
        if request.POST.get("decision") != "replace":
            services.decline_held(held=held, by=student, seen=seen)
            messages.info(request, "Kept. The earlier version still counts.")
            return redirect("stage-detail", *where)
        deliverable = services.confirm_held(held=held, by=student, at=request.arrived_at, seen=seen)
    except services.DeliverableRefused as refused:
        messages.error(request, str(refused))
        return redirect("stage-detail", *where)
    messages.success(request, "Replaced for the whole group. Everybody in it is told by mail.")
    return redirect("deliverable-detail", *where, held.group_id, deliverable.number)


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
    deliverable = deliverable_or_404(viewer, stage_or_404(viewer, stage), group, number)
    return attachment(storage.read(deliverable.file), f"{stage}-{deliverable.group.name}-v{number}.pdf")


@login_required
def deliverable_receipt(request: SignedInRequest, course: str, stage: str, group: int, number: int) -> HttpResponse:
    """The signed receipt as JSON."""
    viewer = enrolment_or_404(request.user, course)
    deliverable = deliverable_or_404(viewer, stage_or_404(viewer, stage), group, number)
    receipt = receipt_of(deliverable, history_of(deliverable.stage, deliverable.group))
    answer = JsonResponse(receipt, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="receipt-{stage}-v{number}.json"'
    return answer


@login_required
def more_time_request(request: SignedInRequest, course: str, stage: str) -> HttpResponse:
    """A member asks for more time for the group, and reads what was answered."""
    student = enrolment_or_404(request.user, course)
    target = stage_or_404(student, stage)
    if student.is_staff:
        return redirect("more-time-list", course, stage)
    group = _own_group_or_404(target, student)
    due_at = history_of(target, group).due_at
    form = MoreTimeForm(request.POST if request.method == "POST" else None, due_at=due_at)
    if form.is_valid():
        try:
            wanted = form.cleaned_data
            ask_for_time(stage=target, group=group, by=student, until=wanted["wanted_until"], reason=wanted["reason"])
        except MoreTimeRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Asked. All of you get a mail when it is decided; until then the due time stays.")
            return redirect("more-time-request", course, stage)
    page: Page = {"viewer": student, "course": student.course, "stage": target, "form": form, "due_at": due_at}
    page["asked"] = list(requests_of(target, group))
    page["waits"] = any(asked.decided_at is None for asked in page["asked"])
    return render(request, "projects/more_time_request.html", page, status=422 if form.is_bound else 200)


def _own_group_or_404(stage: Assignment, student: Enrolment) -> Group:
    group = group_of(stage.groups, student)
    if group is None:
        raise Http404("You are in no group")
    group.group_set = stage.groups
    return group
