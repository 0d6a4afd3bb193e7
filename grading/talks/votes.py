"""Pages for the lecturer: the vote, what came out of it, and what members say of each other."""

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
from grading.papers.selectors import works_of
from grading.talks.forms import PeerMarksForm
from grading.talks.peers import apply_factors, enter_peer_marks, member_factors, peer_marks
from groups.members.selectors import groups_of
from projects.access import project_or_404, stage_or_404
from projects.ballots.forms import VoteForm
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
    return render(request, "grading/vote_detail.html", page, status=422 if form.errors or marks.errors else 200)


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


@login_required
def contribution_list(request: SignedInRequest, course: str, stage: str) -> HttpResponse:
    """What members say of each other, the factors that follow, and every mark they would make; then making them."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    target = stage_or_404(lecturer, stage)
    project = target.groups.project
    if not project.group_set.contribution_span:
        raise Http404("One mark for all members here")
    if request.method == "POST":
        count = apply_factors(project=project, stage=target, by=lecturer)
        messages.success(request, f"Marks of {count} group{'' if count == 1 else 's'} carry the factors now.")
        return redirect("contribution-list", course, stage)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "stage": target, "project": project}
    page["rows"] = member_factors(project, works_of(target, groups_of(project.group_set)))
    return render(request, "grading/contribution_list.html", page)
