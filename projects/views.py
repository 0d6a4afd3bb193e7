"""Pages about the group project."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from courses.access import enrolment_or_404
from courses.requests import Page, SignedInRequest
from projects.selectors import project_of


@login_required
def project_detail(request: SignedInRequest, course: str) -> HttpResponse:
    """What the project asks and by when."""
    viewer = enrolment_or_404(request.user, course)
    page: Page = {
        "viewer": viewer,
        "course": viewer.course,
        "project": project_of(viewer.course_id),
        "now": timezone.now(),
    }
    return render(request, "projects/project_detail.html", page)
