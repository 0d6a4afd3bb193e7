"""Reads of the board."""

from django.db.models import Exists, OuterRef, Q

from courses.models import Enrolment
from groups.members.selectors import with_members
from groups.models import Approach, Group, GroupSet, Membership, Seeker


def looking_groups(group_set: GroupSet) -> list[Group]:
    """Groups that look for members and have a place, with their members."""
    groups = Group.objects.filter(group_set=group_set, dissolved_at=None).exclude(looks_for="")
    return [group for group in with_members(groups) if len(group.members) < group_set.largest_group]  # type: ignore[attr-defined]


def seekers_of(group_set: GroupSet) -> list[Seeker]:
    """Students who look for a group and are in none."""
    placed = Membership.objects.filter(group_set=group_set, student=OuterRef("student"), left_at=None)
    rows = Seeker.objects.filter(~Exists(placed), group_set=group_set, student__left_at=None)
    return list(rows.select_related("student__user").prefetch_related("student__sections"))


def approaches_for(viewer: Enrolment, group: Group | None) -> dict[str, list[Approach]]:
    """`invitations` that wait for this student, `requests` that wait for their group, `asked` what they asked themselves."""
    waiting = Approach.objects.filter(answered_at=None, group__dissolved_at=None).select_related(
        "group", "student__user"
    )
    return {
        "invitations": list(waiting.filter(by_group=True, student=viewer.pk)),
        "requests": list(waiting.filter(by_group=False, group=group)) if group else [],
        "asked": list(waiting.filter(by_group=False, student=viewer.pk)),
    }


def approach_or_none(group_set: GroupSet, student: Enrolment, key: int) -> Approach | None:
    """What waits for this student's answer: their invitation, or a request to their group."""
    mine = Membership.objects.filter(group=OuterRef("group"), student=student.pk, left_at=None)
    rows = Approach.objects.filter(Q(by_group=True, student=student.pk) | (Q(by_group=False) & Exists(mine)))
    found = (
        rows.filter(group__group_set=group_set, pk=key, answered_at=None)
        .select_related("group", "student__user")
        .first()
    )
    if found is not None:
        found.group.group_set = group_set
    return found
