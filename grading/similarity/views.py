"""Which notebooks have code in common: the list, and two side by side. For people to judge."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render

from assignments.access import assignment_or_404, notebook_or_404
from courses.access import enrolment_or_404
from courses.models import Role
from courses.requests import Page, SignedInRequest, clean_text
from grading.similarity import selectors as found
from grading.similarity.services import CodeUnreadable, ask_for_comparison, code_of, note_pair


@login_required
def similarity_report(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """The newest comparison, and asking for another."""
    staff = enrolment_or_404(request.user, course, at_least=Role.LAB_INSTRUCTOR)
    target = notebook_or_404(staff, assignment)
    if request.method == "POST":
        ask_for_comparison(assignment=target, by=staff)
        messages.info(request, "The notebooks are being compared. That takes a moment; reload this page.")
        return redirect("similarity-report", course, assignment)
    page: Page = {"viewer": staff, "course": staff.course, "assignment": target}
    page["report"] = found.last_finished(target)
    last = found.last_report(target)
    page["active"] = last if last and not last.is_over else None
    page["failed"] = last is not None and last.state == last.State.FAILED
    page["pairs"] = found.pairs_of(staff, page["report"]) if page["report"] else []
    page["clusters"] = found.clusters_of(page["pairs"])
    return render(request, "grading/similarity_report.html", page)


@login_required
def similar_pair(request: SignedInRequest, course: str, assignment: str, pair: int) -> HttpResponse:
    """Two notebooks side by side with what they share, and what people noted."""
    staff = enrolment_or_404(request.user, course, at_least=Role.LAB_INSTRUCTOR)
    target = assignment_or_404(staff, assignment)
    both = found.pair_or_404(staff, target, pair)
    if request.method == "POST":
        if text := clean_text(request.POST.get("text", "")).strip():
            note_pair(pair=both, by=staff, text=text)
        else:
            messages.error(request, "Write the note first.")
        return redirect("similar-pair", course, assignment, pair)
    page: Page = {"viewer": staff, "course": staff.course, "assignment": target, "pair": both}
    page["notes"] = found.notes_of(both)
    page["sides"] = []
    try:
        left, right = code_of(both.left, both.right)
    except CodeUnreadable:
        page["unreadable"] = True
    else:
        page["sides"] = [
            (both.left, both.left_share, found.marked(left, [span[:3] for span in both.spans])),
            (both.right, both.right_share, found.marked(right, [span[3:] for span in both.spans])),
        ]
    return render(request, "grading/similar_pair.html", page)
