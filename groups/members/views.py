"""Pages about groups: one's own, and all of them for staff."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from courses.access import enrolment_or_404, students_in_reach
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest, clean_text, key_in
from groups.members import selectors, services
from groups.members.access import group_or_404, group_set_or_404
from groups.members.forms import JoinForm, MakeForm, MoveForm
from groups.members.merging import allow_small, merge
from groups.members.selectors import merge_proposals
from groups.models import GroupSet


@login_required
@require_POST
def group_update(request: SignedInRequest, course: str, group_set: str) -> HttpResponse:
    """A student makes, joins, renames or leaves a group."""
    student = enrolment_or_404(request.user, course)
    target = group_set_or_404(student, group_set)
    if student.is_staff:
        raise Http404("Staff are in no group")
    try:
        messages.success(request, _changed(request, target, student))
    except services.GroupRefused as refused:
        messages.error(request, str(refused))
    return redirect(_back(request, course, group_set))


def _changed(request: SignedInRequest, group_set: GroupSet, student: Enrolment) -> str:
    """What was done, in words. Raises GroupRefused."""
    make, join = MakeForm(request.POST), JoinForm(request.POST)
    if "leave" in request.POST:
        return f"You left {services.leave_group(group_set=group_set, by=student)}."
    if "join" in request.POST:
        code = join.cleaned_data["code"] if join.is_valid() else ""
        return f"You are in {services.join_group(group_set=group_set, by=student, code=code)}."
    name = make.cleaned_data["name"] if make.is_valid() else ""
    if "rename" in request.POST:
        group = selectors.group_of(group_set, student)
        if group is None:
            raise services.GroupRefused("You are in no group.")
        services.rename_group(group=group, by=student, name=name)
        return f"Your group is called {name} now."
    return f"{services.make_group(group_set=group_set, by=student, name=name)} is made. Give its code to the others."


@login_required
def group_list(request: SignedInRequest, course: str, group_set: str) -> HttpResponse:
    """All groups in reach, who is in none, and moving somebody with a reason."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    target = group_set_or_404(staff, group_set)
    groups = selectors.groups_in_reach(staff, target)
    students = list(students_in_reach(staff).filter(left_at=None).select_related("user").order_by("user__name", "pk"))
    form = MoveForm(request.POST if request.method == "POST" else None, students=students, groups=groups)
    if form.is_valid():
        try:
            _moved(target, staff, form)
        except services.GroupRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Moved. The members are told by mail.")
            return redirect("group-list", course, group_set)
    page: Page = {"viewer": staff, "course": staff.course, "group_set": target, "groups": groups, "form": form}
    page["alone"] = selectors.students_without_group(staff, target)
    page["small"] = selectors.too_small(target, groups)
    page["proposals"] = merge_proposals(target, groups, len(page["alone"]))
    return render(request, "groups/group_list.html", page, status=422 if form.errors else 200)


@login_required
@require_POST
def group_decide(request: SignedInRequest, course: str, group_set: str, group: int) -> HttpResponse:
    """Staff merge a small group into another or let it be small, with a reason; or give a group another name."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    target = group_set_or_404(staff, group_set)
    found = group_or_404(staff, target, group)
    reason = clean_text(request.POST.get("reason", ""), 250)
    into = request.POST.get("into", "")
    try:
        if "name" in request.POST:
            name = clean_text(request.POST["name"], 60)
            services.rename_group(group=found, by=staff, name=name)
            messages.success(request, f"{found.name} is called {name} now.")
        elif key_in(into):
            other = group_or_404(staff, target, key_in(into))
            shared = request.POST.get("work") == "shared"
            merge(group_set=target, group=found, into=other, by=staff, reason=reason, shared=shared)
            messages.success(request, f"{found.name} is part of {other.name} now. All are told by mail.")
        else:
            allow_small(group=found, by=staff, reason=reason)
            messages.success(request, f"{found.name} may be small.")
    except services.GroupRefused as refused:
        messages.error(request, str(refused))
    return redirect("group-list", course, group_set)


def _moved(group_set: GroupSet, staff: Enrolment, form: MoveForm) -> None:
    """Into a group, into a new one, or out of all. Raises GroupRefused."""
    chosen = form.chosen()
    if form.is_new:
        fields = {"student": chosen["student"], "reason": chosen["reason"], "name": form.cleaned_data["name"]}
        services.make_group_for(group_set=group_set, by=staff, **fields)
    else:
        services.move_student(group_set=group_set, by=staff, **chosen)


def _back(request: SignedInRequest, course: str, group_set: str) -> str:
    """The page of ours that the form stood on, or the board of the groups."""
    page = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(page, allowed_hosts=None):
        return page
    return reverse("group-board", args=[course, group_set])
