"""What a comparison of an assignment's notebooks found, and what people made of it. Evidence; nothing here moves a mark."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from assignments.models import Assignment, Submission
from courses.models import Enrolment


class SimilarityReport(models.Model):
    """One comparison of everything that counted when it ran. The row is the queue entry of its own work."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waits"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed, ours"

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="similarity_reports")
    asked_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    notebooks = models.PositiveIntegerField(default=0)
    former = models.PositiveIntegerField(default=0)
    """How many of them are from former years."""
    unreadable = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["assignment"],
                condition=Q(state__in=["queued", "running"]),
                name="similarity_report_is_one_at_a_time",
            ),
            CheckConstraint(
                condition=Q(state__in=["queued", "running", "done", "failed"]), name="similarity_report_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Similarity of {self.assignment} ({self.state})"

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)


class SimilarPair(models.Model):
    """Two submissions that share code which nobody gave out. `spans`: [cell, first line, last line] left, then right."""

    report = models.ForeignKey(SimilarityReport, on_delete=models.CASCADE, related_name="pairs")
    left = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="+")
    right = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="+")
    score = models.DecimalField(max_digits=5, decimal_places=4)
    left_share = models.DecimalField(max_digits=5, decimal_places=4)
    right_share = models.DecimalField(max_digits=5, decimal_places=4)
    spans = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["-score", "pk"]
        constraints: ClassVar = [CheckConstraint(condition=~Q(left=F("right")), name="similar_pair_is_of_two")]

    def __str__(self) -> str:
        return f"{self.left} and {self.right}"


class PairNote(models.Model):
    """What somebody made of a pair; it stays when notebooks are compared again. Never edited."""

    left = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="+")
    right = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    author = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.text[:40]
