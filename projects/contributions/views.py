"""Pages of contributions: members say, the lecturer decides."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from assignments.models import Assignment
from courses.access import enrolment_or_404
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest
from groups.members.selectors import group_of
from projects.access import project_or_404, stage_or_404
from projects.contributions import selectors, services
from projects.contributions.forms import ContributionForm
from projects.contributions.selectors import member_factors
from projects.contributions.services import apply_factors
from projects.models import Project
from projects.talks.selectors import members_of


@login_required
def contribution_update(request: SignedInRequest, course: str) -> HttpResponse:
    """What a member says of their own and the others' part in the group's work."""
    student = enrolment_or_404(request.user, course)
    project = project_or_404(student)
    group = None if student.is_staff else group_of(project.group_set, student)
    if group is None or not project.group_set.contribution_span:
        raise Http404("Nothing is asked about contributions")
    saved = selectors.contribution_of(group, student)
    others = [(key, name) for key, name in members_of(group) if key != student.pk]
    form = ContributionForm(
        request.POST if request.method == "POST" else None, others=others, saved=saved.ratings if saved else {},
        initial={"statement": saved.statement if saved else ""},
    )  # fmt: skip
    if form.is_valid():
        try:
            services.save_contribution(
                group=group, student=student, statement=form.cleaned_data["statement"], ratings=form.ratings()
            )
            messages.success(request, "Saved. You can change it until your lecturer closes the ratings.")
        except services.ContributionRefused as refused:
            messages.error(request, str(refused))
        return redirect("contribution-update", course)
    page: Page = {"viewer": student, "course": student.course, "project": project, "group": group, "form": form}
    return render(request, "projects/contribution_update.html", page, status=422 if form.errors else 200)


@login_required
def contribution_list(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """What members say of each other, the factors that follow, and every mark they would make; then making them."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    project = project_or_404(lecturer)
    target = stage_or_404(lecturer, project, assignment)
    if not project.group_set.contribution_span:
        raise Http404("One mark for all members here")
    if request.method == "POST":
        _set(request, project, target, lecturer)
        return redirect("contribution-list", course, assignment)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "assignment": target, "project": project}
    page["rows"] = member_factors(project, target)
    return render(request, "projects/contribution_list.html", page)


def _set(request: SignedInRequest, project: Project, stage: Assignment, lecturer: Enrolment) -> None:
    """Close the ratings, open them again, or use what follows from them."""
    if "close" in request.POST or "open" in request.POST:
        services.close_ratings(project=project, closed="close" in request.POST)
        said = "closed: what members said stands" if "close" in request.POST else "open again"
        messages.success(request, f"The ratings are {said}.")
        return
    try:
        count = apply_factors(project=project, stage=stage, by=lecturer)
    except services.ContributionRefused as refused:
        messages.error(request, str(refused))
        return
    messages.success(
        request,
        f"{count} member{'' if count == 1 else 's'} got another factor. Students see it when the grades are released.",
    )
