"""What members said of each other, and the factors that follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from assignments.models import Assignment
from courses.models import Enrolment
from courses.policy.rounding import rounded
from grading.policy.papers import FOUR_PLACES, percent_to_four_places
from grading.selectors.grades import ItemGrade, grades_of
from groups.members.selectors import groups_of
from groups.models import Group
from projects.models import Contribution, Project
from projects.policy.contributions import factors


@dataclass(frozen=True)
class MemberFactor:
    """What one member would get for a stage before lateness: the group's mark, their factor, and the product in percent."""

    student: Enrolment
    factor: Decimal
    mark: Decimal | None
    statement: str


def contribution_of(group: Group, student: Enrolment) -> Contribution | None:
    """What a member said of their group's work."""
    return Contribution.objects.filter(group=group, student=student).first()


def member_factors(project: Project, stage: Assignment) -> list[tuple[Group, ItemGrade, list[MemberFactor]]]:
    """Each group with its work and its members, and the factors that follow from what they said of each other."""
    groups = groups_of(project.group_set)
    said: dict[int, dict[int, Contribution]] = {}
    for row in Contribution.objects.filter(group__in=groups):
        said.setdefault(row.group_id, {})[row.student_id] = row
    works = grades_of([stage], groups)
    span = project.group_set.contribution_span
    return [
        (group, work, _of_group(group, work, said.get(group.pk, {}), span))
        for group in groups
        for work in [works[stage.pk, group.pk]]
    ]


def _of_group(group: Group, work: ItemGrade, said: Mapping[int, Contribution], span: int) -> list[MemberFactor]:
    members = [membership.student for membership in group.members]  # type: ignore[attr-defined]
    ratings = {who: {int(key): points for key, points in row.ratings.items()} for who, row in said.items()}
    found = factors(ratings, [member.pk for member in members], span=span)
    rows = []
    for member in members:
        percent = work.raw_percent
        mark = percent_to_four_places(percent * found[member.pk]) if percent is not None else None
        statement = said[member.pk].statement if member.pk in said else ""
        rows.append(MemberFactor(member, rounded(found[member.pk], FOUR_PLACES), mark, statement))
    return rows
