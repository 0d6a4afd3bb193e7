"""Pages for the lecturer: the vote, what came out of it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from assignments.selectors import entered_of
from courses.access import enrolment_or_404
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest, clean_text
from projects.access import project_or_404
from projects.ballots.forms import PeerMarksForm, VoteForm
from projects.ballots.peer_marks import enter_peer_marks, peer_marks
from projects.ballots.selectors import ballot_or_none, tracks_of, vote_of, voters_of
from projects.ballots.services import BallotRefused, exclude_ballot, set_vote, show_outcome
from projects.models import Project, Vote


@login_required
def vote_detail(request: SignedInRequest, course: str) -> HttpResponse:
    """When ballots are taken, who voted how far from the others, what came out, and where its marks go."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    project = project_or_404(staff)
    vote = vote_of(project)
    items = [(item.pk, item.title) for item in entered_of(staff.course)]
    initial = {"opens_at": vote.opens_at, "closes_at": vote.closes_at} if vote else {}
    form = VoteForm(request.POST if "times" in request.POST else None, initial=initial)
    marks = PeerMarksForm(request.POST if "enter" in request.POST else None, items=items)
    if request.method == "POST":
        enrolment_or_404(request.user, course, at_least=Role.LECTURER)
        if _done(request, project, vote, staff, form, marks):
            return redirect("vote-detail", course)
    page: Page = {"viewer": staff, "course": staff.course, "project": project, "vote": vote, "form": form}
    page |= {"now": timezone.now(), "marks": marks, "voters": voters_of(project)}
    page["tracks"] = peer_marks(project, vote) if vote else []
    page["has_groups"] = bool(tracks_of(project))
    return render(request, "projects/vote_detail.html", page, status=422 if form.errors or marks.errors else 200)


def _done(
    request: SignedInRequest, project: Project, vote: Vote | None, by: Enrolment, form: VoteForm, marks: PeerMarksForm
) -> bool:
    """Whether the page is to be shown anew."""
    try:
        if form.is_bound and form.is_valid():
            set_vote(project=project, **form.cleaned_data)
            messages.success(request, "Saved. Students find the ballot on the project’s page while it is open.")
        elif vote is not None and "show" in request.POST:
            show_outcome(vote=vote)
            messages.success(request, "Shown: students read the ranking, never single ballots.")
        elif vote is not None and marks.is_bound and marks.is_valid():
            item = next(each for each in entered_of(by.course) if str(each.pk) == marks.cleaned_data["item"])
            count = enter_peer_marks(project=project, vote=vote, item=item, by=by)
            messages.success(request, f"{count} mark{'' if count == 1 else 's'} entered. Release them under Marks.")
        else:
            return not (form.errors or marks.errors)
    except BallotRefused as refused:
        messages.error(request, str(refused))
    return True


@login_required
@require_POST
def ballot_exclude(request: SignedInRequest, course: str, ballot: int) -> HttpResponse:
    """Leave a ballot out with a reason, or take it in again."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    found = ballot_or_none(project_or_404(lecturer), ballot)
    if found is None:
        raise Http404("No such ballot")
    try:
        exclude_ballot(ballot=found, by=lecturer, reason=clean_text(request.POST.get("reason", "")))
    except BallotRefused as refused:
        messages.error(request, str(refused))
    return redirect("vote-detail", course)
