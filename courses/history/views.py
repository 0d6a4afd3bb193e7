"""The page on which changes of settings are read."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from courses.access import enrolment_or_404
from courses.history.selectors import changes_of
from courses.models import Role
from courses.requests import Page, SignedInRequest, clean_text

ON_A_PAGE = 50


@login_required
def setting_history(request: SignedInRequest, course: str) -> HttpResponse:
    """Who changed what, from what to what, when and why. `?of=late-rule`: of one topic; `?page=2`: earlier ones."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    topic = clean_text(request.GET.get("of", ""), 100)
    found = Paginator(changes_of(lecturer.course, topic), ON_A_PAGE).get_page(request.GET.get("page"))
    page: Page = {"viewer": lecturer, "course": lecturer.course, "topic": topic, "changes": found}
    return render(request, "courses/setting_history.html", page)
