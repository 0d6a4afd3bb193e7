"""Writing notes while marking."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from assignments.access import version_or_404
from assignments.kinds.registry import kind_of
from courses.access import enrolment_or_404
from courses.models import Role
from courses.requests import SignedInRequest
from grading.notes.forms import LONGEST, PLACES, NoteRefused, anchor_in, refuse_nowhere
from grading.notes.services import withdraw_note, write_note
from grading.papers.submissions import report_of
from grading.selectors.reviews import conflict_of


@login_required
@require_POST
def note_create(request: SignedInRequest, course: str, assignment: str, owner: str, number: int) -> HttpResponse:
    """A note on a place of the work, or taking one back; then the desk again."""
    staff = enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
    submission = version_or_404(staff, assignment, number, owner)
    sent = request.POST.dict()
    try:
        if conflict_of(staff, submission):
            messages.error(request, "Somebody else marks this work: a conflict of interest is stated for you.")
        elif "withdraw" in sent:
            if not withdraw_note(submission=submission, by=staff, note=sent["withdraw"]):
                messages.error(request, "Only whoever wrote a note, or the lecturer, takes it back.")
        else:
            anchor = anchor_in(kind_of(submission.assignment).shown_as, sent)
            refuse_nowhere(anchor, report_of(submission))
            write_note(submission=submission, by=staff, text=sent.get("text", ""), anchor=anchor)
            messages.success(request, "Noted.")
    except NoteRefused as refused:
        messages.error(request, str(refused))
        request.session["note"] = {name: sent.get(name, "")[:LONGEST] for name in (*PLACES, "text")}
    desk = reverse("review-create", args=[course, assignment, owner, number], fragment="notes")
    return HttpResponseRedirect(desk)
