"""Pages about the group project: what it asks, one's own group, and all groups for staff."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from courses.access import enrolment_or_404
from courses.requests import Page, SignedInRequest
from groups.members.forms import JoinForm, MakeForm
from groups.members.selectors import group_of
from projects import selectors
from projects.ballots.selectors import vote_of


@login_required
def project_detail(request: SignedInRequest, course: str) -> HttpResponse:
    """What the project asks and by when; for students their group."""
    viewer = enrolment_or_404(request.user, course)
    project = selectors.project_of(viewer.course_id)
    page: Page = {"viewer": viewer, "course": viewer.course, "project": project, "now": timezone.now()}
    if project is not None and not viewer.is_staff:
        group = group_of(project.group_set, viewer)
        page |= {"group": group, "topic": selectors.topic_of(group) if group else None}
        page |= {"make": MakeForm(), "join": JoinForm(), "vote": vote_of(project)}
    return render(request, "projects/project_detail.html", page)
