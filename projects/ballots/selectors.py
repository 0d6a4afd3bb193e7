"""Reads of the peer ranking: what may be ranked, who voted, what came out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from assignments.models import Submission
from courses.models import Enrolment, Role
from groups.members.selectors import group_of
from groups.models import Group
from projects.models import Ballot, Project, Vote
from projects.policy.peers import (
    Quorum,
    agreement,
    looks_reversed,
    marks_by_rank,
    marks_by_score,
    quorum,
    scores,
)
from projects.selectors import last_stage
from projects.talks.selectors import speaking

TALK, POSTER = Ballot.Track.TALK, Ballot.Track.POSTER


def vote_of(project: Project) -> Vote | None:
    """The project's vote, if one was opened or planned."""
    return Vote.objects.filter(project=project).first()


def is_open(vote: Vote | None, at: datetime) -> bool:
    """Whether ballots are taken now."""
    return vote is not None and vote.opens_at <= at <= vote.closes_at


def tracks_of(project: Project) -> dict[str, list[Group]]:
    """Track → its groups, by name: those who talk; of the others those who handed in a poster. Empty tracks are left out."""
    talks = speaking(project)
    last = last_stage(project)
    files = Submission.objects.filter(assignment=last, file__isnull=False)
    handed_in = set(files.values_list("group", flat=True)) if last else set()
    groups = list(
        Group.objects.filter(group_set=project.group_set_id, dissolved_at=None)
        .select_related("topic")
        .order_by("name", "pk")
    )
    found = {
        str(TALK): [group for group in groups if group.pk in talks],
        str(POSTER): [group for group in groups if group.pk not in talks and group.pk in handed_in],
    }
    return {track: members for track, members in found.items() if members}


@dataclass(frozen=True)
class Sheet:
    """One track as one student ranks it: `ranked` best first, `unseen`, and `rest` not placed yet."""

    track: str
    ranked: Sequence[Group]
    unseen: Sequence[Group]
    rest: Sequence[Group]
    saved_at: datetime | None = None

    @property
    def title(self) -> str:
        return Ballot.Track(self.track).label


def sheets_for(student: Enrolment, project: Project, vote: Vote) -> list[Sheet]:
    """The tracks with what the student saved; their own group is in none."""
    mine = group_of(project.group_set, student)
    saved = {ballot.track: ballot for ballot in Ballot.objects.filter(vote=vote, student=student)}
    found = []
    for track, groups in tracks_of(project).items():
        others = {group.pk: group for group in groups if mine is None or group.pk != mine.pk}
        ballot = saved.get(track)
        ranked = [others[key] for key in (ballot.ranked if ballot else []) if key in others]
        unseen = [others[key] for key in (ballot.unseen if ballot else []) if key in others]
        rest = [group for group in others.values() if group not in ranked and group not in unseen]
        found.append(Sheet(track, ranked, unseen, rest, ballot.saved_at if ballot else None))
    return found


@dataclass(frozen=True)
class Outcome:
    """What came out of one track. `marks`: by the project's rule, before the quorum is asked; exact fractions."""

    track: str
    groups: Sequence[Group]
    found: Mapping[int, Fraction]
    marks: Mapping[int, Fraction]
    quorum: Quorum
    ballots: Sequence[Ballot]

    @property
    def title(self) -> str:
        return Ballot.Track(self.track).label

    @property
    def rows(self) -> list[tuple[Group, Fraction | None, Fraction | None]]:
        """(group, score, mark), best first; those whom nobody ranked at the end."""
        ordered = sorted(self.groups, key=lambda group: (-self.found.get(group.pk, Fraction(-1)), group.name))
        return [(group, self.found.get(group.pk), self.marks.get(group.pk)) for group in ordered]

    @property
    def checked(self) -> list[tuple[Ballot, Fraction | None, bool]]:
        """(ballot, agreement with the whole, looks reversed) of those that count, the least agreeing first."""
        rows = [
            (ballot, agreement(ballot.ranked, self.found), looks_reversed(ballot.ranked, self.found))
            for ballot in self.ballots
        ]
        return sorted(rows, key=lambda row: (row[1] is None, row[1] or Fraction(), row[0].pk))


def voters_of(project: Project) -> int:
    """How many may vote."""
    return Enrolment.objects.filter(course=project.course_id, role=Role.STUDENT, left_at=None).count()


def turnout(vote: Vote) -> dict[str, int]:
    """Track → ballots that rank anything."""
    counts = {str(track): 0 for track in Ballot.Track}
    for ballot in Ballot.objects.filter(vote=vote, excluded_by=None):
        counts[ballot.track] += bool(ballot.ranked)
    return counts


def outcomes(project: Project, vote: Vote) -> list[Outcome]:
    """Every track, reckoned from the ballots that were not excluded."""
    rule = project.ballot
    ballots = list(Ballot.objects.filter(vote=vote).select_related("student__user", "excluded_by__user"))
    voters = voters_of(project)
    return [
        _outcome(track, groups, [b for b in ballots if b.track == track], rule, voters)
        for track, groups in tracks_of(project).items()
    ]


def _outcome(
    track: str, groups: Sequence[Group], ballots: Sequence[Ballot], rule: Mapping[str, object], voters: int
) -> Outcome:
    keys = [group.pk for group in groups]
    valid = [[key for key in ballot.ranked if key in keys] for ballot in ballots if ballot.excluded_by_id is None]
    least = int(str(rule.get("least", 3)))
    found = scores(valid, keys, least)
    limits = {
        "highest": Fraction(str(rule.get("highest_mark", 100))),
        "lowest": Fraction(str(rule.get("lowest_mark", 60))),
    }
    reckon = marks_by_score if rule.get("marks_by") == "score" else marks_by_rank
    return Outcome(
        track, groups, found, reckon(found, **limits), quorum(valid, keys, voters=voters, least=least), ballots
    )


def ballot_or_none(project: Project, key: int) -> Ballot | None:
    """A ballot of the project's vote."""
    return Ballot.objects.filter(vote__project=project, pk=key).first()
