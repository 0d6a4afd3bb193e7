"""Reads of what groups handed in. One route for one group and for all of a course."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from assignments.models import Assignment
from courses.models import Enrolment
from courses.policy import history
from courses.policy.lateness import LateRule, effective_due
from courses.policy.versions import HandedIn, PutBack, turns
from courses.selectors import current_late_rule
from groups.members.selectors import group_of, groups_in_reach_of
from groups.models import Group
from projects.models import Deliverable, HeldDeliverable, MoreTime, Project, PutBackDeliverable

Key = tuple[int, int]
"""Stage pk, group pk."""


@dataclass(frozen=True, kw_only=True)
class GroupHistory(history.History[Deliverable]):
    """What one group handed in for one stage, and what follows from it."""

    stage: Assignment
    group: Group
    put_back: Sequence[PutBackDeliverable] = ()

    @property
    def zone(self) -> ZoneInfo:
        return self.stage.course.zone

    @property
    def listed_due(self) -> datetime:
        return self.stage.deadline

    @property
    def last_taken(self) -> datetime | None:
        return None


def history_of(stage: Assignment, group: Group) -> GroupHistory:
    """One group's history of one stage."""
    return group_histories([stage], [group])[stage.pk, group.pk]


def group_histories(
    stages: Sequence[Assignment], groups: Sequence[Group], rule: LateRule | None = None
) -> dict[Key, GroupHistory]:
    """(stage pk, group pk) → history, in a constant number of queries. `rule`: as if this were the course's late rule."""
    if not stages or not groups:
        return {}
    rule = rule or current_late_rule(stages[0].course)
    handed_in = _deliverables(stages, groups)
    put_back = _put_back(stages, groups)
    longer = more_time(stages)
    return {
        (stage.pk, group.pk): _history(
            stage, group, rule, handed_in[stage.pk, group.pk], put_back[stage.pk, group.pk], longer[stage.pk, group.pk]
        )
        for stage in stages
        for group in groups
    }


def stages_of_group(student: Enrolment, project: Project | None) -> list[tuple[Assignment, GroupHistory | None]]:
    """Each stage with what the student's group handed in; None while they are in no group."""
    if project is None:
        return []
    stages = list(project.stages.all())
    for stage in stages:
        stage.course, stage.group_set = project.course, project.group_set
    group = group_of(project.group_set, student)
    found = group_histories(stages, [group]) if group is not None else {}
    return [(stage, found.get((stage.pk, group.pk)) if group is not None else None) for stage in stages]


def more_time(stages: Iterable[Assignment]) -> dict[Key, list[datetime]]:
    """(stage pk, group pk) → the later due times that hold."""
    found: dict[Key, list[datetime]] = defaultdict(list)
    for row in MoreTime.objects.filter(stage__in=stages, granted=True, withdrawn_at=None):
        found[row.stage_id, row.group_id].append(row.until)
    return found


def requests_in_reach(staff: Enrolment, stage: Assignment) -> QuerySet[MoreTime]:
    """Everything about more time for the groups of this person, newest first."""
    groups = groups_in_reach_of(staff, stage.groups).values("pk")
    rows = MoreTime.objects.filter(stage=stage, group__in=groups)
    return rows.select_related("group", "asked_by__user", "decided_by__user")


def requests_of(stage: Assignment, group: Group) -> QuerySet[MoreTime]:
    """What one group asked for and was given, newest first."""
    return MoreTime.objects.filter(stage=stage, group=group).select_related("decided_by__user", "asked_by__user")


def held_of(stage: Assignment, group: Group) -> HeldDeliverable | None:
    """What waits for a member's yes."""
    held = HeldDeliverable.objects.filter(stage=stage, group=group).select_related("file").first()
    if held is not None:
        held.stage, held.group = stage, group
    return held


def _history(
    stage: Assignment,
    group: Group,
    rule: LateRule,
    handed_in: Sequence[Deliverable],
    put_back: Sequence[PutBackDeliverable],
    longer: Sequence[datetime],
) -> GroupHistory:
    versions = [HandedIn(each.number, each.accepted_at, each.file_id) for each in handed_in]
    made = turns(versions, [PutBack(row.deliverable.number, row.put_back_at) for row in put_back])
    counting = next((each for each in handed_in if made and each.number == made[-1].number), None)
    return GroupHistory(
        stage=stage,
        group=group,
        own_due=effective_due(stage.deadline, longer),
        rule=rule,
        submissions=handed_in,
        counting=counting,
        turns=made,
        put_back=put_back,
    )


def _deliverables(stages: Sequence[Assignment], groups: Sequence[Group]) -> dict[Key, list[Deliverable]]:
    found: dict[Key, list[Deliverable]] = defaultdict(list)
    rows = Deliverable.objects.filter(stage__in=stages, group__in=groups)
    for row in rows.select_related("file", "handed_in_by__user").order_by("number"):
        found[row.stage_id, row.group_id].append(row)
    return found


def _put_back(stages: Sequence[Assignment], groups: Sequence[Group]) -> dict[Key, list[PutBackDeliverable]]:
    found: dict[Key, list[PutBackDeliverable]] = defaultdict(list)
    rows = PutBackDeliverable.objects.filter(deliverable__stage__in=stages, deliverable__group__in=groups)
    for row in rows.select_related("deliverable", "put_back_by__user"):
        found[row.deliverable.stage_id, row.deliverable.group_id].append(row)
    return found
