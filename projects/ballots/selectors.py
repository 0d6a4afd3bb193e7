"""Reads of the peer ranking: what may be ranked, who voted, what came out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from assignments.models import Submission
from courses.models import Enrolment, Role
from groups.models import Group, Membership
from projects.models import Ballot, Project, Vote
from projects.policy.peers import (
    LEAST,
    Quorum,
    agreement,
    looks_reversed,
    marks_by_rank,
    marks_by_score,
    places_needed,
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


def own_groups(project: Project, students: Iterable[Enrolment | int]) -> dict[int, set[int]]:
    """Student pk → the groups that they are or were in, which they may not rank."""
    rows = Membership.objects.filter(group_set=project.group_set_id, student__in=students)
    found: dict[int, set[int]] = {}
    for student, group in rows.values_list("student", "group"):
        found.setdefault(student, set()).add(group)
    return found


def least_of(project: Project) -> int:
    """How many groups a ballot ranks at least, where there are so many."""
    return int(str(project.ballot.get("least", LEAST)))


@dataclass(frozen=True)
class Sheet:
    """One track as one student ranks it: `ranked` best first, `unseen`, and `rest` not placed yet.

    `needed`: how many must be placed for it to count.
    """

    track: str
    ranked: Sequence[Group]
    unseen: Sequence[Group]
    rest: Sequence[Group]
    saved_at: datetime | None = None
    needed: int = LEAST

    @property
    def title(self) -> str:
        return Ballot.Track(self.track).label

    @property
    def can_count(self) -> bool:
        """Whether there are enough groups to put in order."""
        return len(self.ranked) + len(self.unseen) + len(self.rest) >= self.needed

    @property
    def standing(self) -> str:
        """Why it does not count as it is saved; empty: it does."""
        return self.standing_with(len(self.ranked))

    def standing_with(self, placed: int) -> str:
        """The same with so many groups placed."""
        if not self.can_count:
            return "It cannot count: there is only one group that you may rank."
        return "" if placed >= self.needed else f"It does not count yet: place at least {self.needed}."


def sheets_for(student: Enrolment, project: Project, vote: Vote) -> list[Sheet]:
    """The tracks with what the student saved; a group that they are or were in is in none."""
    mine = own_groups(project, [student]).get(student.pk, set())
    saved = {ballot.track: ballot for ballot in Ballot.objects.filter(vote=vote, student=student)}
    found = []
    for track, groups in tracks_of(project).items():
        others = {group.pk: group for group in groups if group.pk not in mine}
        ballot = saved.get(track)
        ranked = [others[key] for key in (ballot.ranked if ballot else []) if key in others]
        unseen = [others[key] for key in (ballot.unseen if ballot else []) if key in others]
        rest = [group for group in others.values() if group not in ranked and group not in unseen]
        needed = places_needed(len(others), least_of(project))
        found.append(Sheet(track, ranked, unseen, rest, ballot.saved_at if ballot else None, needed))
    return found


@dataclass(frozen=True)
class Cast:
    """A ballot as it stands now: `ranked` without groups that left the track or that its voter is or was in."""

    ballot: Ballot
    ranked: Sequence[int]
    needed: int

    @property
    def counts(self) -> bool:
        return self.ballot.excluded_by_id is None and len(self.ranked) >= self.needed


@dataclass(frozen=True)
class Outcome:
    """What came out of one track. `marks`: by the project's rule, before the quorum is asked; exact fractions."""

    track: str
    groups: Sequence[Group]
    found: Mapping[int, Fraction]
    marks: Mapping[int, Fraction]
    quorum: Quorum
    ballots: Sequence[Cast]

    @property
    def title(self) -> str:
        return Ballot.Track(self.track).label

    @property
    def rows(self) -> list[tuple[Group, Fraction | None, Fraction | None]]:
        """(group, score, mark), best first; those whom nobody ranked at the end."""
        ordered = sorted(self.groups, key=lambda group: (-self.found.get(group.pk, Fraction(-1)), group.name))
        return [(group, self.found.get(group.pk), self.marks.get(group.pk)) for group in ordered]

    @property
    def checked(self) -> list[tuple[Cast, Fraction | None, bool]]:
        """(ballot, agreement with the whole, looks reversed), the least agreeing first."""
        rows = [
            (cast, agreement(cast.ranked, self.found), looks_reversed(cast.ranked, self.found)) for cast in self.ballots
        ]
        return sorted(rows, key=lambda row: (row[1] is None, row[1] or Fraction(), row[0].ballot.pk))


def voters_of(project: Project) -> int:
    """How many may vote."""
    return Enrolment.objects.filter(course=project.course_id, role=Role.STUDENT, left_at=None).count()


def turnout(project: Project, vote: Vote) -> dict[str, int]:
    """Track → ballots that count."""
    tracks = tracks_of(project)
    cast = ballots_of(project, vote, tracks)
    return {track: sum(each.counts for each in cast[track]) for track in tracks}


def ballots_of(project: Project, vote: Vote, tracks: Mapping[str, Sequence[Group]]) -> dict[str, list[Cast]]:
    """Track → every ballot that was saved for it."""
    ballots = list(Ballot.objects.filter(vote=vote).select_related("student__user", "excluded_by__user"))
    own = own_groups(project, {ballot.student_id for ballot in ballots})
    least = least_of(project)
    found: dict[str, list[Cast]] = {track: [] for track in tracks}
    for ballot in ballots:
        if ballot.track in tracks:
            may = {group.pk for group in tracks[ballot.track]} - own.get(ballot.student_id, set())
            ranked = [key for key in ballot.ranked if key in may]
            found[ballot.track].append(Cast(ballot, ranked, places_needed(len(may), least)))
    return found


def outcomes(project: Project, vote: Vote) -> list[Outcome]:
    """Every track, reckoned from the ballots that count."""
    tracks = tracks_of(project)
    cast = ballots_of(project, vote, tracks)
    voters = voters_of(project)
    return [_outcome(track, groups, cast[track], project.ballot, voters) for track, groups in tracks.items()]


def _outcome(
    track: str, groups: Sequence[Group], cast: Sequence[Cast], rule: Mapping[str, object], voters: int
) -> Outcome:
    keys = [group.pk for group in groups]
    valid = [each.ranked for each in cast if each.counts]
    found = scores(valid, keys)
    limits = {
        "highest": Fraction(str(rule.get("highest_mark", 100))),
        "lowest": Fraction(str(rule.get("lowest_mark", 60))),
    }
    reckon = marks_by_score if rule.get("marks_by") == "score" else marks_by_rank
    return Outcome(track, groups, found, reckon(found, **limits), quorum(valid, keys, voters=voters), cast)


def ballot_or_none(project: Project, key: int) -> Ballot | None:
    """A ballot of the project's vote."""
    return Ballot.objects.filter(vote__project=project, pk=key).first()
