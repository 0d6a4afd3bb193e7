"""The versions of a submission, and what changed from one to the other."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render

from assignments.access import version_or_404
from assignments.kinds.registry import kind_of
from assignments.selectors import history_of
from courses.access import enrolment_or_404
from courses.requests import Page, SignedInRequest
from grading.versions.selectors import changes_between, versions_of


@login_required
def submission_versions(
    request: SignedInRequest, course: str, assignment: str, owner: str, number: int
) -> HttpResponse:
    """`?against=2`: this version held against another; against the one before where nothing is said."""
    viewer = enrolment_or_404(request.user, course)
    submission = version_or_404(viewer, assignment, number, owner)
    versions = versions_of(submission)
    against = request.GET.get("against", "") or str(number - 1)
    other = next((v for v in versions if str(v.number) == against and v.pk != submission.pk), None)
    page: Page = {"viewer": viewer, "course": viewer.course, "assignment": submission.assignment}
    page |= {"submission": submission, "versions": versions, "other": other}
    page["counting"] = history_of(submission.assignment, submission.owner).counting
    if other is not None and kind_of(submission.assignment).has_cells:
        older, newer = sorted((submission, other), key=lambda version: version.number)
        page |= {"older": older, "newer": newer, "changes": changes_between(older, newer)}
    return render(request, "grading/submission_versions.html", page)
