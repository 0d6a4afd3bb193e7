"""What a project makes of messages from below."""

from django.dispatch import receiver

from assignments.models import Assignment
from assignments.owners import Owner
from assignments.signals import submission_arriving
from groups.models import Group
from projects.topics.services import refuse_without_topic


@receiver(submission_arriving)
def wait_for_topic(sender: object, *, assignment: Assignment, owner: Owner, **_: object) -> None:
    """Raises SubmissionRefused where the topic must be approved first."""
    if isinstance(owner, Group):
        refuse_without_topic(assignment, owner)
