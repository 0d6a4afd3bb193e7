"""Pages about people and courses."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from courses import selectors
from courses.access import enrolment_or_404, may_make_courses
from courses.models import Role
from courses.requests import Page, SignedInRequest


@login_required
def course_list(request: SignedInRequest) -> HttpResponse:
    """The courses a person is in."""
    enrolments = list(selectors.enrolments_of(request.user))
    page: Page = {"enrolments": enrolments, "may_make_courses": may_make_courses(request.user, enrolments)}
    return render(request, "courses/course_list.html", page)


@login_required
def syllabus(request: SignedInRequest, course: str) -> HttpResponse:
    """What the course is about, when it meets, what there is to read and do, and whom to ask."""
    viewer = enrolment_or_404(request.user, course)
    page: Page = {"viewer": viewer, "course": viewer.course, "outline": selectors.outline_of(viewer.course)}
    page["week"] = viewer.course.calendar.week_of(timezone.now().astimezone(viewer.course.zone).date())
    return render(request, "courses/syllabus.html", page)


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
