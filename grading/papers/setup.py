"""The page where the lecturer says what a paper is marked by."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from assignments.access import assignment_or_404
from assignments.kinds.registry import kind_of
from assignments.models import Assignment
from courses.access import enrolment_or_404
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest
from grading.papers.forms import MOST_CRITERIA, criteria_in, typed_rows
from grading.papers.selectors import criteria_of
from grading.papers.services import change_criteria, criteria_from_questions


@login_required
def criteria_update(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """What a paper is marked by: its questions at first, with points that the lecturer changes."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    target = without_cells_or_404(lecturer, assignment)
    problem = ""
    if request.method == "POST":
        wanted, problem = criteria_in(request.POST)
        if not problem:
            change_criteria(assignment=target, by=lecturer, wanted=wanted)
            messages.success(request, "Saved. Sheets have these lines from now on.")
            return redirect("criteria-update", course, assignment)
    there = [(c.pk, c.text, c.points) for c in criteria_of(target)]
    rows = [
        {"key": key, "text": text, "points": points.normalize()}
        for key, text, points in there or criteria_from_questions(target)
    ]
    rows += [{"key": "", "text": "", "points": ""}] * min(3, MOST_CRITERIA - len(rows))
    page: Page = {"viewer": lecturer, "course": lecturer.course, "assignment": target, "problem": problem}
    page |= {"rows": typed_rows(request.POST) if problem else rows, "proposed": not there}
    return render(request, "grading/criteria_update.html", page, status=422 if problem else 200)


def without_cells_or_404(viewer: Enrolment, assignment: str) -> Assignment:
    """What is marked by criteria: a stage of the project or another."""
    found = assignment_or_404(viewer, assignment)
    if kind_of(found).has_cells:
        raise Http404("It is marked by its cells")
    return found
