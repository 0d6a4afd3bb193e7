"""Opening the vote, saving ballots, leaving one out, showing what came out."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from courses.models import Enrolment
from projects.ballots.selectors import is_open, own_groups, tracks_of
from projects.models import Ballot, Project, Vote


class BallotRefused(Exception):
    """It was not saved; the message says why."""


@transaction.atomic
def set_vote(*, project: Project, opens_at: datetime, closes_at: datetime) -> Vote:
    """When ballots are taken; while they are, nobody reads what came out. Raises BallotRefused."""
    if closes_at <= opens_at:
        raise BallotRefused("The vote closes after it opens.")
    times = {"opens_at": opens_at, "closes_at": closes_at, **({"shown_at": None} if closes_at > timezone.now() else {})}
    vote, _ = Vote.objects.update_or_create(project=project, defaults=times)
    return vote


@transaction.atomic
def save_ballot(
    *, vote: Vote, student: Enrolment, track: str, ranked: Sequence[int], unseen: Sequence[int], at: datetime
) -> Ballot:
    """One student's ranking of one track as it stands now, best first. Raises BallotRefused."""
    Enrolment.objects.select_for_update(no_key=True, of=("self",)).get(pk=student.pk)
    if not is_open(Vote.objects.filter(pk=vote.pk).first(), at):
        raise BallotRefused("The vote is not open. What you saved before it closed counts.")
    project = vote.project
    mine = own_groups(project, [student]).get(student.pk, set())
    tracks = tracks_of(project)
    if track not in tracks:
        raise BallotRefused("Nothing of this kind can be ranked now. Load the page again.")
    allowed = {group.pk for group in tracks[track] if group.pk not in mine}
    named = [*ranked, *unseen]
    if len(named) != len(set(named)) or not set(named) <= allowed:
        raise BallotRefused("Each of the other groups stands once. Load the page again.")
    ballot, _ = Ballot.objects.update_or_create(
        vote=vote, student=student, track=track,
        defaults={"ranked": list(ranked), "unseen": list(unseen), "saved_at": at},
    )  # fmt: skip
    return ballot


@transaction.atomic
def exclude_ballot(*, ballot: Ballot, by: Enrolment, reason: str) -> None:
    """Leave a ballot out, or with it left out: take it in again (empty reason). Raises BallotRefused without a reason."""
    found = Ballot.objects.select_for_update(no_key=True, of=("self",)).get(pk=ballot.pk)
    if found.excluded_by_id is not None:
        Ballot.objects.filter(pk=found.pk).update(excluded_by=None, excluded_because="")
        return
    if not reason.strip():
        raise BallotRefused("Say why this ballot is left out.")
    Ballot.objects.filter(pk=found.pk).update(excluded_by=by, excluded_because=reason.strip()[:500])


@transaction.atomic
def show_outcome(*, vote: Vote) -> None:
    """Students may read the aggregate from now on. Raises BallotRefused before the vote has closed."""
    found = Vote.objects.select_for_update(no_key=True).get(pk=vote.pk)
    if found.closes_at > timezone.now():
        raise BallotRefused("The vote has not closed yet.")
    Vote.objects.filter(pk=found.pk, shown_at=None).update(shown_at=timezone.now())
