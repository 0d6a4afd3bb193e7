"""Groups that are too small: put together, or allowed to be."""

from django.db import transaction
from django.utils import timezone

from courses.models import Enrolment
from groups.members.services import GroupRefused, take_seat, tell_group
from groups.models import Group, GroupSet, Membership


@transaction.atomic
def merge(*, group_set: GroupSet, group: Group, into: Group, by: Enrolment, reason: str) -> Group:
    """All members of one group move into another, and the first is dissolved. All are told. Raises GroupRefused."""
    if not reason.strip():
        raise GroupRefused("Say why: the members read it.")
    pair = list(
        Group.objects.select_for_update(no_key=True)
        .filter(pk__in=[group.pk, into.pk], dissolved_at=None)
        .order_by("pk")
    )
    if len(pair) != 2:  # noqa: PLR2004  the two
        raise GroupRefused("One of the two groups is gone.")
    if group.submissions.exists():
        raise GroupRefused(
            f"{group.name} has handed in work: merge the other way round, or move its members one by one."
        )
    people = [
        row.student for row in Membership.objects.filter(group=group, left_at=None).select_related("student__user")
    ]
    members = Membership.objects.filter(group=into, left_at=None).count()
    if members + len(people) > group_set.largest_group:
        raise GroupRefused(
            f"Together they would have {members + len(people)} members; at most {group_set.largest_group}."
        )
    staff = by if by.is_staff else None
    Membership.objects.filter(group=group, left_at=None).update(
        left_at=timezone.now(), changed_by=staff, reason=reason[:300]
    )
    for student in people:
        take_seat(into, student, by=staff, reason=reason[:300])
    Group.objects.filter(pk=group.pk).update(dissolved_at=timezone.now(), looks_for="")
    tell_group(
        into, f"{group.name} and {into.name} are one group now", f"{reason}\n\nThe group is called {into.name}.\n"
    )
    return into


@transaction.atomic
def allow_small(*, group: Group, by: Enrolment, reason: str) -> None:
    """Staff let a group have fewer members than it should. Raises GroupRefused without a reason."""
    if not reason.strip():
        raise GroupRefused("Say why: it stands beside the group.")
    Group.objects.filter(pk=group.pk).update(small_because=f"{reason.strip()} ({by.user})"[:300])
