"""The programme of talks, as everybody in the course reads it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from courses.access import enrolment_or_404
from courses.requests import Page, SignedInRequest
from projects.access import project_or_404
from projects.talks.selectors import programme, talk_lists, talks_of_list


@login_required
def talk_programme(request: SignedInRequest, course: str) -> HttpResponse:
    """Who talks when and on what; before there are times, who talks."""
    viewer = enrolment_or_404(request.user, course)
    project = project_or_404(viewer)
    lists = talk_lists(project)
    page: Page = {"viewer": viewer, "course": viewer.course, "project": project, "now": timezone.now()}
    page["talks"] = programme(viewer.course)
    page["without_time"] = [talk for row in lists for talk in talks_of_list(row) if talk.starts_at is None]
    page["is_confirmed"] = bool(lists)
    return render(request, "projects/talk_programme.html", page)
