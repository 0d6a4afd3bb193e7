"""Next year's course: what it would be made of is shown first, and stays readable afterwards."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from courses.access import enrolment_or_404
from courses.course_file.reading import CourseFileError
from courses.models import Role
from courses.requests import Page, SignedInRequest
from courses.selectors import rollover_of
from term.rollover.forms import RolloverForm
from term.rollover.make import roll_over


@login_required
def rollover_create(request: SignedInRequest, course: str) -> HttpResponse:
    """When and where the next one is; the report; making it."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    form = RolloverForm(request.POST if request.method == "POST" else None)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "form": form}
    if form.is_valid():
        try:
            with transaction.atomic():
                made, report = roll_over(source=lecturer.course, lecturer=request.user, **form.cleaned_data)
                transaction.set_rollback("make" not in request.POST)
        except CourseFileError as error:
            form.add_error(None, error.problems)
        else:
            if "make" in request.POST:
                messages.success(request, "The course is made. Students see it once you publish it.")
                return redirect("rollover-report", made.slug)
            page["report"] = report
    return render(request, "term/rollover_create.html", page, status=422 if form.errors else 200)


@login_required
def rollover_report(request: SignedInRequest, course: str) -> HttpResponse:
    """What became of each thing when this course was made from another."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    found = rollover_of(lecturer.course)
    if found is None:
        raise Http404("Not made from another course")
    page: Page = {"viewer": lecturer, "course": lecturer.course, "rollover": found, "report": found.report}
    return render(request, "term/rollover_report.html", page)
