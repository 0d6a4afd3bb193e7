"""Groups that are too small: put together, or allowed to be."""

from django.db import transaction
from django.utils import timezone

from courses.models import Enrolment
from groups.members.selectors import members_now
from groups.members.services import GroupRefused, take_seat, tell_group
from groups.models import Group, GroupSet, Membership
from groups.signals import groups_merged


@transaction.atomic
def merge(*, group_set: GroupSet, group: Group, into: Group, by: Enrolment, reason: str, shared: bool = False) -> Group:
    """All members of one group move into another, and the first is dissolved. All are told. Raises GroupRefused.

    `shared`: what either of them has handed in counts for all from now on, and where both have, what `into` has. Else it
    counts on for whom it was handed in, until they hand in anew together.
    """
    if not reason.strip():
        raise GroupRefused("Say why: the members read it.")
    pair = list(
        Group.objects.select_for_update(no_key=True)
        .filter(pk__in=[group.pk, into.pk], dissolved_at=None)
        .order_by("pk")
    )
    if len(pair) != 2:  # noqa: PLR2004  the two
        raise GroupRefused("One of the two groups is gone.")
    people, members = members_now(group), members_now(into)
    if len(members) + len(people) > group_set.largest_group:
        raise GroupRefused(
            f"Together they would have {len(members) + len(people)} members; at most {group_set.largest_group}."
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
    groups_merged.send(merge, group=group, into=into, by=by, reason=reason.strip()[:300], shared=shared)
    return into


@transaction.atomic
def allow_small(*, group: Group, by: Enrolment, reason: str) -> None:
    """Staff let a group have fewer members than it should. Raises GroupRefused without a reason."""
    if not reason.strip():
        raise GroupRefused("Say why: it stands beside the group.")
    Group.objects.filter(pk=group.pk).update(small_because=f"{reason.strip()} ({by.user})"[:300])
