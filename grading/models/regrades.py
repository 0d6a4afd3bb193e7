"""Appeals: a student asks to look at one cell of a released grade again; staff answer and decide."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from courses.models import Enrolment
from grading.models.marks import ReleasedGrade


class RegradeRequest(models.Model):
    """One cell of one released grade, and how it went."""

    class State(models.TextChoices):
        OPEN = "open", "Waits"
        ESCALATED = "escalated", "With the lecturer"
        ACCEPTED = "accepted", "Accepted"
        PARTLY = "partly", "Partly accepted"
        DECLINED = "declined", "Declined"

    released = models.ForeignKey(ReleasedGrade, on_delete=models.PROTECT, related_name="regrade_requests")
    grade_id = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["asked_at", "pk"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["released", "grade_id"], name="regrade_request_is_one_per_released_cell"),
            CheckConstraint(
                condition=Q(state__in=["open", "escalated"], decided_at=None)
                | Q(state__in=["accepted", "partly", "declined"], decided_at__isnull=False),
                name="regrade_request_is_decided_or_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grade_id} of {self.released.submission}"

    @property
    def title(self) -> str:
        """What is asked there, or the cell's id."""
        rows: list[dict[str, str]] = self.released.rows
        title = next((row.get("title") for row in rows if row["grade_id"] == self.grade_id), "")
        return title or self.grade_id

    @property
    def is_open(self) -> bool:
        return self.decided_at is None


class RegradeMessage(models.Model):
    """One line of the talk about it. Never edited."""

    request = models.ForeignKey(RegradeRequest, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.author.user}: {self.text[:40]}"
