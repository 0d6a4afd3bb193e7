"""Reads of groups and their members."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from courses.access import students_in_reach
from courses.models import Enrolment, Role
from groups.models import Group, GroupSet, Membership
from groups.policy import proposals


def group_of(group_set: GroupSet, student: Enrolment) -> Group | None:
    """The group that this student is in now, with its members (`members`)."""
    mine = Membership.objects.filter(group=OuterRef("pk"), student=student.pk, left_at=None)
    return with_members(Group.objects.filter(Exists(mine), group_set=group_set)).first()


def groups_in_reach(staff: Enrolment, group_set: GroupSet) -> list[Group]:
    """Groups that this person looks after, with their members."""
    return list(with_members(groups_in_reach_of(staff, group_set).filter(dissolved_at=None)))


def groups_of(group_set: GroupSet) -> list[Group]:
    """Every group that stands, with its members."""
    return list(with_members(Group.objects.filter(group_set=group_set, dissolved_at=None)))


def groups_in_reach_of(staff: Enrolment, group_set: GroupSet) -> QuerySet[Group]:
    """Of their sections, with a member in their reach, or that nobody's sections reach: none is outside every queue."""
    return all_groups_in_reach(staff).filter(group_set=group_set)


def all_groups_in_reach(staff: Enrolment) -> QuerySet[Group]:
    """The same of every set of the course."""
    groups = Group.objects.filter(group_set__course=staff.course_id)
    if staff.sees_all_sections:
        return groups
    assistants = Enrolment.objects.filter(
        course=staff.course_id, role__in=(Role.STUDENT_ASSISTANT, Role.TA), left_at=None
    )
    mine = assistants.filter(pk=staff.pk)
    return groups.filter(_reached_by(mine) | ~_reached_by(assistants))


def _reached_by(staff: QuerySet[Enrolment]) -> Q:
    """Groups that sit in a section of one of these people, or that have, or handed in for, a student who does."""
    through = Enrolment.sections.through.objects.filter(section__enrolments__in=staff.values("pk"))
    here = Membership.objects.filter(group=OuterRef("pk"), left_at=None, student__in=through.values("enrolment"))
    return (
        Q(section__in=Enrolment.sections.through.objects.filter(enrolment__in=staff.values("pk")).values("section"))
        | Exists(here)
        | Exists(Group.objects.filter(pk=OuterRef("pk"), submissions__members__in=through.values("enrolment")))
    )


def students_without_group(staff: Enrolment, group_set: GroupSet) -> list[Enrolment]:
    """Those in reach who are in no group, by name."""
    placed = Membership.objects.filter(group_set=group_set, student=OuterRef("pk"), left_at=None)
    alone = students_in_reach(staff).filter(~Exists(placed), left_at=None)
    return list(alone.select_related("user").prefetch_related("sections").order_by("user__name", "pk"))


def too_small(group_set: GroupSet, groups: Sequence[Group]) -> list[Group]:
    """Those with fewer members than a group should have, and nobody has allowed it."""
    return [
        group
        for group in groups
        if len(group.members) < group_set.smallest_group and not group.small_because  # type: ignore[attr-defined]
    ]


def with_members(groups: QuerySet[Group]) -> QuerySet[Group]:
    """Each group with its section and its `members`, by seat."""
    now = Membership.objects.filter(left_at=None, student__left_at=None)
    people = Prefetch("memberships", queryset=now.select_related("student__user").order_by("seat"), to_attr="members")
    return groups.select_related("section").prefetch_related(people)


def members_now(group: Group) -> list[Enrolment]:
    """Who is in the group and in the course."""
    rows = Membership.objects.filter(group=group, left_at=None, student__left_at=None)
    return [row.student for row in rows.select_related("student__user").order_by("seat")]


def merge_proposals(group_set: GroupSet, groups: list[Group], alone: int) -> list[tuple[Group, Group]]:
    """Pairs of groups of which the first is too small and that staff could merge."""
    by_pk = {group.pk: group for group in groups if not group.small_because}
    sizes = {pk: len(group.members) for pk, group in by_pk.items()}  # type: ignore[attr-defined]
    found = proposals(sizes, alone, smallest=group_set.smallest_group, largest=group_set.largest_group)
    return [(by_pk[one], by_pk[other]) for one, other in found]
