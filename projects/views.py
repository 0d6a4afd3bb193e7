"""Pages about the group project: what it asks, one's own group, and all groups for staff."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from courses.access import enrolment_or_404, students_in_reach
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest, clean_text
from projects import selectors, services
from projects.access import group_or_404, project_or_404
from projects.ballots.selectors import vote_of
from projects.finding.selectors import merge_proposals
from projects.finding.services import allow_small, merge
from projects.forms import JoinForm, MakeForm, MoveForm
from projects.models import Project


@login_required
def project_detail(request: SignedInRequest, course: str) -> HttpResponse:
    """What the project asks and by when; for students their group."""
    viewer = enrolment_or_404(request.user, course)
    project = selectors.project_of(viewer.course_id)
    page: Page = {"viewer": viewer, "course": viewer.course, "project": project, "now": timezone.now()}
    if project is not None and not viewer.is_staff:
        group = selectors.group_of(project, viewer)
        page |= {"group": group, "topic": selectors.topic_of(group) if group else None}
        page |= {"make": MakeForm(), "join": JoinForm(), "vote": vote_of(project)}
    return render(request, "projects/project_detail.html", page)


@login_required
@require_POST
def group_update(request: SignedInRequest, course: str) -> HttpResponse:
    """A student makes, joins, renames or leaves a group."""
    student = enrolment_or_404(request.user, course)
    project = project_or_404(student)
    if student.is_staff:
        raise Http404("Staff are in no group")
    try:
        messages.success(request, _changed(request, project, student))
    except services.GroupRefused as refused:
        messages.error(request, str(refused))
    return redirect("project-detail", course)


def _changed(request: SignedInRequest, project: Project, student: Enrolment) -> str:
    """What was done, in words. Raises GroupRefused."""
    make, join = MakeForm(request.POST), JoinForm(request.POST)
    if "leave" in request.POST:
        return f"You left {services.leave_group(project=project, by=student)}."
    if "join" in request.POST:
        code = join.cleaned_data["code"] if join.is_valid() else ""
        return f"You are in {services.join_group(project=project, by=student, code=code)}."
    name = make.cleaned_data["name"] if make.is_valid() else ""
    if "rename" in request.POST:
        group = selectors.group_of(project, student)
        if group is None:
            raise services.GroupRefused("You are in no group.")
        services.rename_group(group=group, by=student, name=name)
        return f"Your group is called {name} now."
    return f"{services.make_group(project=project, by=student, name=name)} is made. Give its code to the others."


@login_required
def group_list(request: SignedInRequest, course: str) -> HttpResponse:
    """All groups in reach, who is in none, and moving somebody with a reason."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    project = project_or_404(staff)
    groups = selectors.groups_in_reach(staff, project)
    students = list(students_in_reach(staff).filter(left_at=None).select_related("user").order_by("user__name", "pk"))
    form = MoveForm(request.POST if request.method == "POST" else None, students=students, groups=groups)
    if form.is_valid():
        try:
            _moved(project, staff, form)
        except services.GroupRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Moved. The members are told by mail.")
            return redirect("group-list", course)
    page: Page = {"viewer": staff, "course": staff.course, "project": project, "groups": groups, "form": form}
    page["alone"] = selectors.students_without_group(staff, project)
    page["small"] = selectors.too_small(project, groups)
    page["proposals"] = merge_proposals(project, groups, len(page["alone"]))
    return render(request, "projects/group_list.html", page, status=422 if form.errors else 200)


@login_required
@require_POST
def group_decide(request: SignedInRequest, course: str, group: int) -> HttpResponse:
    """Staff merge a small group into another or let it be small, with a reason; or give a group another name."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    project = project_or_404(staff)
    found = group_or_404(staff, project, group)
    reason = clean_text(request.POST.get("reason", ""), 250)
    into = request.POST.get("into", "")
    try:
        if "name" in request.POST:
            name = clean_text(request.POST["name"], 60)
            services.rename_group(group=found, by=staff, name=name)
            messages.success(request, f"{found.name} is called {name} now.")
        elif into.isascii() and into.isdigit():
            other = group_or_404(staff, project, int(into[:9]))
            merge(project=project, group=found, into=other, by=staff, reason=reason)
            messages.success(request, f"{found.name} is part of {other.name} now. All are told by mail.")
        else:
            allow_small(group=found, by=staff, reason=reason)
            messages.success(request, f"{found.name} may be small.")
    except services.GroupRefused as refused:
        messages.error(request, str(refused))
    return redirect("group-list", course)


def _moved(project: Project, staff: Enrolment, form: MoveForm) -> None:
    """Into a group, into a new one, or out of all. Raises GroupRefused."""
    chosen = form.chosen()
    if form.is_new:
        fields = {"student": chosen["student"], "reason": chosen["reason"], "name": form.cleaned_data["name"]}
        services.make_group_for(project=project, by=staff, **fields)
    else:
        services.move_student(project=project, by=staff, **chosen)
