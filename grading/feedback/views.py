"""The file that a student keeps."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from assignments.access import submission_or_404
from assignments.anonymity import is_masked
from courses.access import enrolment_or_404
from courses.downloads import attachment
from courses.requests import SignedInRequest
from grading.feedback.services import body_of
from grading.selectors.grades import item_of
from grading.visibility import visible_result

STYLES = ("tokens.css", "notebook.css")


@login_required
def submission_feedback(
    request: SignedInRequest, course: str, assignment: str, owner: str, number: int
) -> HttpResponse:
    """One HTML file that needs nothing else and runs nothing: what was released, as it was released."""
    viewer = enrolment_or_404(request.user, course)
    submission = submission_or_404(viewer, assignment, number, owner)
    result = visible_result(viewer, item_of(submission, viewer))
    if result.shown is None or viewer.is_staff or is_masked(viewer, submission.assignment):
        raise Http404("Nothing of yours was released")
    style = "\n".join((settings.BASE_DIR / "static" / "gradus" / name).read_text() for name in STYLES)
    page = {
        "course": viewer.course,
        "assignment": submission.assignment,
        "submission": submission,
        "student": viewer,
        "shown": result.shown,
        "rows": result.rows,
        "notes": result.notes,
        "body": mark_safe(body_of(result.shown, submission)),  # noqa: S308  sanitised when it was made
        "style": mark_safe(style),  # noqa: S308  our own
    }
    made = render_to_string("grading/feedback.html", page)
    return attachment(made.encode(), f"{assignment}-v{number}-feedback.html")
