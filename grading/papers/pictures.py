"""Pictures of pages as answers."""

from django.http import Http404, HttpResponse

from assignments.models import Submission
from courses import storage
from grading.papers.reading import MOST_PAGES
from grading.services.pages import page_image


def picture_of(submission: Submission, page: int) -> HttpResponse:
    """One page as a picture that we drew, never the student's own bytes."""
    drawn = page_image(submission.stored, page) if page <= MOST_PAGES else None
    if drawn is None:
        raise Http404("This page cannot be drawn")
    answer = HttpResponse(storage.read(drawn), content_type="image/png")
    answer["Cache-Control"] = "private, max-age=86400, immutable"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
