"""From ballots to marks of members."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.db import transaction
from django.utils import timezone

from assignments.models import Assignment
from courses.models import Course, Enrolment
from grading.entered.services import Entry, enter_reckoned
from grading.policy.papers import percent_to_four_places
from grading.selectors.grades import grades_of
from groups.members.selectors import groups_of, members_now
from groups.models import Group
from projects.ballots.selectors import Outcome, outcomes
from projects.ballots.services import BallotRefused
from projects.models import Project, Vote
from projects.selectors import last_stage


@dataclass(frozen=True)
class PeerMark:
    """What one group gets: the peers' mark, or below the quorum the lecturer's; None: there is neither."""

    group: Group
    score: Fraction | None
    mark: Fraction | None
    is_lecturers: bool


def peer_marks(project: Project, vote: Vote) -> list[tuple[Outcome, list[PeerMark]]]:
    """Each track with the marks that follow from it. Below its quorum every group of the track has the lecturer's mark."""
    stage = last_stage(project)
    works = grades_of([stage], groups_of(project.group_set)) if stage is not None else {}
    by_lecturer = {group: work.raw_percent for (_, group), work in works.items()}
    return [
        (outcome, [_mark(outcome, row, by_lecturer) for row in outcome.rows]) for outcome in outcomes(project, vote)
    ]


def _mark(
    outcome: Outcome, row: tuple[Group, Fraction | None, Fraction | None], by_lecturer: Mapping[int, Fraction | None]
) -> PeerMark:
    group, score, mark = row
    if outcome.quorum.is_met:
        return PeerMark(group, score, mark, is_lecturers=False)
    return PeerMark(group, score, by_lecturer.get(group.pk), is_lecturers=True)


@transaction.atomic
def enter_peer_marks(*, project: Project, vote: Vote, item: Assignment, by: Enrolment) -> int:
    """Write each member's mark into this column, where it differs; how many. Released as any other column is.

    What a person entered there stays. Raises BallotRefused while the vote is open.
    """
    Course.objects.select_for_update(no_key=True).get(pk=by.course_id)
    if vote.closes_at > timezone.now():
        raise BallotRefused("The vote has not closed yet: ballots may still change.")
    rows = [row for _, each in peer_marks(project, vote) for row in each]
    given = {member: entry for row in rows if (entry := _entry(row)) for member in members_now(row.group)}
    return enter_reckoned(item, by, given)


def _entry(row: PeerMark) -> Entry | None:
    if row.mark is None:
        return None
    note = "By the lecturer: too few ballots." if row.is_lecturers else "By peers."
    return Entry(percent_to_four_places(row.mark), note, by_hand=False)
