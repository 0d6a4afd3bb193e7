"""Pages where staff say what a stage is marked by."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render

from courses.access import enrolment_or_404
from courses.models import Role
from courses.requests import Page, SignedInRequest
from grading.papers.forms import MOST_CRITERIA, criteria_in, typed_rows
from grading.papers.selectors import criteria_of
from grading.papers.services import change_criteria, criteria_from_questions
from projects.access import stage_or_404


@login_required
def criteria_update(request: SignedInRequest, course: str, stage: str) -> HttpResponse:
    """What a stage is marked by: its questions at first, with points that the lecturer changes."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    target = stage_or_404(lecturer, stage)
    problem = ""
    if request.method == "POST":
        wanted, problem = criteria_in(request.POST)
        if not problem:
            change_criteria(stage=target, wanted=wanted, by=lecturer)
            messages.success(request, "Saved. Sheets have these lines from now on.")
            return redirect("criteria-update", course, stage)
    there = [(c.pk, c.text, c.points) for c in criteria_of(target)]
    rows = [
        {"key": key, "text": text, "points": points.normalize()}
        for key, text, points in there or criteria_from_questions(target)
    ]
    rows += [{"key": "", "text": "", "points": ""}] * min(3, MOST_CRITERIA - len(rows))
    page: Page = {"viewer": lecturer, "course": lecturer.course, "stage": target, "problem": problem}
    page |= {"rows": typed_rows(request.POST) if problem else rows, "proposed": not there}
    return render(request, "grading/criteria_update.html", page, status=422 if problem else 200)
