"""Pages about people and courses."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render

from courses import selectors
from courses.access import enrolment_or_404
from courses.models import Role
from courses.requests import Page, SignedInRequest


@login_required
def course_list(request: SignedInRequest) -> HttpResponse:
    """The courses a person is in."""
    return render(request, "courses/course_list.html", {"enrolments": selectors.enrolments_of(request.user)})


@login_required
def people_list(request: SignedInRequest, course: str) -> HttpResponse:
    """Everyone in the course, for staff."""
    staff = enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
    page: Page = {
        "viewer": staff,
        "course": staff.course,
        "people": selectors.people_in_reach(staff),
        "sections": selectors.sections_with_sizes(staff.course),
    }
    return render(request, "courses/people_list.html", page)
