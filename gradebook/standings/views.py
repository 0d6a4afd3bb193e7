"""A student's own page of marks."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render

from courses.access import enrolment_or_404
from courses.requests import Page, SignedInRequest
from gradebook.standings.finals import shown_final
from gradebook.standings.selectors import gradebook
from gradebook.standings.trace import trace_of


@login_required
def standing(request: SignedInRequest, course: str) -> HttpResponse:
    """A student's own marks and three standing numbers, each explained."""
    viewer = enrolment_or_404(request.user, course)
    if viewer.is_staff:
        return redirect("gradebook", course)
    book = gradebook(viewer, [viewer])
    page: Page = {"viewer": viewer, "course": viewer.course, "book": book, "row": book.rows[0] if book.rows else None}
    page["trace"] = trace_of(book, book.rows[0], request.GET.dict()) if book.rows else None
    page |= {"sentences": book.sentences, "final": shown_final(viewer)}
    return render(request, "gradebook/standing.html", page)
