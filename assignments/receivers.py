"""What work makes of messages from below."""

from django.dispatch import receiver

from assignments.behalf import share_work
from courses.models import Enrolment
from groups.models import Group
from groups.signals import groups_merged


@receiver(groups_merged)
def work_of_merged(
    sender: object, *, group: Group, into: Group, by: Enrolment, reason: str, shared: bool, **_: object
) -> None:
    """What either group has handed in counts for all of them, where that was chosen."""
    if shared:
        share_work(group=group, into=into, by=by, reason=reason)
