"""From ballots to marks of members, and from what members say of each other to factors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from assignments.models import Assignment
from courses.models import Course, Enrolment
from grading.models import EnteredMark
from grading.papers.members import carry_over
from grading.papers.selectors import GroupWork, groups_at_work, works_of
from grading.policy.papers import member_percent
from groups.members.selectors import groups_of, members_now
from groups.models import Group
from projects.ballots.selectors import Outcome, last_stage, outcomes
from projects.ballots.services import BallotRefused
from projects.models import Contribution, Project, Vote
from projects.policy.contributions import factors


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
    works = works_of(stage, groups_of(project.group_set)) if stage is not None else []
    by_lecturer = {work.group.pk: work.percent for work in works}
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
    latest = {mark.student_id: mark for mark in EnteredMark.objects.filter(assignment=item).order_by("pk")}
    batch = uuid4()
    new = []
    for _, rows in peer_marks(project, vote):
        for row in rows:
            note = "By the lecturer: too few ballots." if row.is_lecturers else "By peers."
            if row.mark is None:
                continue
            for member in members_now(row.group):
                mark = EnteredMark(
                    assignment=item, student=member, percent=member_percent(row.mark), note=note, batch=batch, group=row.group,
                    by_hand=False, marker=by,
                )  # fmt: skip
                old = latest.get(member.pk)
                stays = old is not None and old.by_hand and (old.percent is not None or bool(old.code))
                if not stays and (old is None or (old.percent, old.note) != (mark.percent, mark.note)):
                    new.append(mark)
    EnteredMark.objects.bulk_create(new)
    return len(new)


@dataclass(frozen=True)
class MemberFactor:
    """What one member would get for a stage: the group's mark, their factor, and the product."""

    student: Enrolment
    factor: Decimal
    mark: Decimal | None
    statement: str


def member_factors(project: Project, works: Sequence[GroupWork]) -> list[tuple[GroupWork, list[MemberFactor]]]:
    """Each group with its members and the factors that follow from what they said of each other."""
    said: dict[int, dict[int, Contribution]] = {}
    for row in Contribution.objects.filter(group__in=[work.group.pk for work in works]):
        said.setdefault(row.group_id, {})[row.student_id] = row
    return [(work, _of_group(project, work, said.get(work.group.pk, {}))) for work in works]


def _of_group(project: Project, work: GroupWork, said: Mapping[int, Contribution]) -> list[MemberFactor]:
    members = [membership.student for membership in work.group.members]  # type: ignore[attr-defined]
    ratings = {who: {int(key): points for key, points in row.ratings.items()} for who, row in said.items()}
    found = factors(ratings, [member.pk for member in members], span=project.group_set.contribution_span)
    rows = []
    for member in members:
        factor = round(Decimal(found[member.pk].numerator) / Decimal(found[member.pk].denominator), 4)
        mark = member_percent(work.percent, factor) if work.percent is not None else None
        statement = said[member.pk].statement if member.pk in said else ""
        rows.append(MemberFactor(member, factor, mark, statement))
    return rows


@transaction.atomic
def apply_factors(*, project: Project, stage: Assignment, by: Enrolment) -> int:
    """Write the members' marks of every marked group of a stage with their factors; how many groups."""
    marked = [work for work in works_of(stage, groups_at_work(stage)) if work.percent is not None]
    for work, rows in member_factors(project, marked):
        carry_over(work, by=by, factors={row.student.pk: row.factor for row in rows})
    return len(marked)
