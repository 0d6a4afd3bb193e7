"""What a group works on, agreed with those who teach before the proposal is written."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q

from courses.models import Enrolment
from groups.models import Group


class Topic(models.Model):
    """A group's topic as it stands. What was said about it, and who decided what, is its thread."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        TO_DISCUSS = "to_discuss", "To discuss"
        APPROVED = "approved", "Approved"

    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="topic")
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.PROPOSED)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["group__name", "pk"]
        constraints: ClassVar = [
            CheckConstraint(condition=Q(state__in=["proposed", "to_discuss", "approved"]), name="topic_state_is_known")
        ]

    def __str__(self) -> str:
        return self.title


class TopicMessage(models.Model):
    """One contribution to the thread. `state`: what it decided, if it did. Never edited."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    state = models.CharField(max_length=12, choices=Topic.State, blank=True)
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.text[:40]
