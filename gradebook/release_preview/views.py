"""A dry run of a release, as one student would read it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render

from assignments.access import marked_or_404
from courses.access import enrolment_or_404
from courses.models import Role
from courses.requests import Page, SignedInRequest
from gradebook.release_preview.selectors import preview_of
from grading.release.selectors import student_among
from grading.selectors.queues import current_students


@login_required
def release_preview(request: SignedInRequest, course: str, assignment: str, student: int) -> HttpResponse:
    """A dry run: what this student would read if their grade were released now, and the mail. Nothing is kept."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    target = marked_or_404(lecturer, assignment)
    person = student_among(current_students(lecturer), student)
    seen = preview_of(target, person, lecturer)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "assignment": target, "student": person, "seen": seen}
    page |= {"item": seen.item, "result": seen.result}
    return render(request, "gradebook/release_preview.html", page)
