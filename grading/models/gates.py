"""What stands between a grade and its student beside the release itself: holds, plans, and what was taken back."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from assignments.models import Assignment
from courses.models import Enrolment, Section


class Withdrawal(models.Model):
    """What was released of an assignment, up to the released grade numbered `up_to`, is shown no longer. Never edited.

    `student`: to this one; None: to anybody.
    """

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="withdrawals")
    student = models.ForeignKey(Enrolment, on_delete=models.PROTECT, null=True, related_name="+")
    up_to = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=500)
    withdrawn_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [CheckConstraint(condition=~Q(reason=""), name="withdrawal_has_a_reason")]

    def __str__(self) -> str:
        return f"{self.assignment}: taken back"


class Hold(models.Model):
    """One student's grade of one assignment is not released until somebody lifts this."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="holds")
    student = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="holds")
    reason = models.CharField(max_length=500)
    held_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    held_at = models.DateTimeField(auto_now_add=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["assignment", "student"], condition=Q(lifted_at=None), name="hold_is_one_at_a_time"
            ),
            CheckConstraint(condition=~Q(reason=""), name="hold_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment}: {self.student} held back"


class PlannedRelease(models.Model):
    """At this moment what is complete then is released: of a section, or of all. `released`: how many that were."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="planned_releases")
    section = models.ForeignKey(Section, on_delete=models.CASCADE, null=True, related_name="+")
    due_at = models.DateTimeField()
    planned_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)
    released = models.PositiveIntegerField(default=0)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["due_at", "pk"]
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(done_at=None) | Q(cancelled_at=None), name="planned_release_is_done_or_cancelled"
            )
        ]

    def __str__(self) -> str:
        return f"{self.assignment}: planned for {self.due_at}"
