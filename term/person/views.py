"""One page for one student."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render

from courses.access import enrolment_or_404, student_or_404
from courses.models import Role
from courses.requests import Page, SignedInRequest
from term.person.selectors import overview_of


@login_required
def student_detail(request: SignedInRequest, course: str, student: int) -> HttpResponse:
    """Work, marks, more time, requests, groups, attendance and history of one student in reach."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    person = student_or_404(staff, student)
    page: Page = {"viewer": staff, "course": staff.course, "person": person, "all": overview_of(person, staff)}
    return render(request, "term/student_detail.html", page)
