"""Pages of the peer ranking: the ballot, the projector, what came out."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from courses.access import enrolment_or_404
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest
from projects.access import project_or_404
from projects.ballots import selectors, services
from projects.ballots.forms import ranking_in
from projects.models import Project, Vote


@login_required
def ballot_update(request: SignedInRequest, course: str) -> HttpResponse:
    """One's own ballots, saved while they are made; once it is shown, what came out."""
    viewer = enrolment_or_404(request.user, course)
    project, vote = _vote_or_404(viewer)
    if viewer.is_staff:
        return redirect("vote-detail", course)
    now = timezone.now()
    page: Page = {"viewer": viewer, "course": viewer.course, "project": project, "vote": vote, "now": now}
    page["is_open"] = selectors.is_open(vote, now)
    if vote.shown_at is not None:
        page["outcomes"] = selectors.outcomes(project, vote)
    page["sheets"] = selectors.sheets_for(viewer, project, vote)
    if request.method == "POST":
        return _save(request, viewer, vote, page["sheets"])
    return render(request, "projects/ballot_update.html", page)


def _save(request: SignedInRequest, student: Enrolment, vote: Vote, sheets: list[selectors.Sheet]) -> HttpResponse:
    """One track; to a script in JSON, to a plain form with the page again."""
    track = request.POST.get("track", "")
    sheet = next((each for each in sheets if each.track == track), None)
    groups = [group.pk for group in (*sheet.ranked, *sheet.unseen, *sheet.rest)] if sheet else []
    ranked, unseen = ranking_in(request.POST, groups)
    by_script = request.headers.get("accept", "").startswith("application/json")
    try:
        services.save_ballot(
            vote=vote, student=student, track=track, ranked=ranked, unseen=unseen, at=request.arrived_at
        )
    except services.BallotRefused as refused:
        if by_script:
            return JsonResponse({"said": str(refused)}, status=409)
        messages.error(request, str(refused))
        return redirect("ballot-update", student.course.slug)
    standing = sheet.standing_with(len(ranked)) if sheet else ""
    if by_script:
        return JsonResponse({"said": f"Saved, {len(ranked)} placed. {standing}".strip(), "counts": not standing})
    messages.add_message(
        request, messages.WARNING if standing else messages.SUCCESS,
        f"Saved. {standing or 'You can change it until the vote closes.'}",
    )  # fmt: skip
    return redirect("ballot-update", student.course.slug)


@login_required
def vote_screen(request: SignedInRequest, course: str) -> HttpResponse:
    """For the projector: how many voted, where to vote, until when. Never what comes out."""
    staff = enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
    project, vote = _vote_or_404(staff)
    tracks = selectors.tracks_of(project)
    counts = selectors.turnout(project, vote)
    page: Page = {"viewer": staff, "course": staff.course, "project": project, "vote": vote, "now": timezone.now()}
    page["rows"] = [(selectors.TALK.__class__(track).label, counts[track]) for track in tracks]
    page |= {"voters": selectors.voters_of(project), "is_open": selectors.is_open(vote, page["now"])}
    template = "projects/vote_turnout.html" if request.htmx else "projects/vote_screen.html"  # type: ignore[attr-defined]
    return render(request, template, page)


def _vote_or_404(viewer: Enrolment) -> tuple[Project, Vote]:
    project = project_or_404(viewer)
    vote = selectors.vote_of(project)
    if vote is None:
        raise Http404("There is no vote")
    vote.project = project
    return project, vote
