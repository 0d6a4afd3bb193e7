"""What groups hand in. Deliverables are never edited (a trigger sees to it)."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from assignments.models import Assignment
from courses.models import Enrolment, StoredFile
from groups.models import Group


class FormatCheck(models.Model):
    """What one version of the format check found in one file, by the rules of one stage: `report` as papercheck writes it."""

    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="format_checks")
    rules = models.CharField(max_length=32)
    report = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["file", "rules"], name="format_check_is_one_per_file_and_rules")
        ]

    def __str__(self) -> str:
        return f"Format of {self.file}"


class Deliverable(models.Model):
    """One version of what a group handed in for a stage; `members`: for whom it was handed in.

    `received_at`, `completed_at`, `accepted_at`: as for notebooks, see assignments.models.Submission.
    """

    stage = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="deliverables")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="deliverables")
    number = models.PositiveIntegerField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    original_name = models.CharField(max_length=200)
    handed_in_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    members = models.ManyToManyField(Enrolment, related_name="deliverables")
    received_at = models.DateTimeField()
    completed_at = models.DateTimeField()
    accepted_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["stage", "group", "number"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["stage", "group", "number"], name="deliverable_number_is_unique_per_group"),
            CheckConstraint(
                condition=Q(completed_at__gte=F("received_at")), name="deliverable_completes_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} of {self.group} v{self.number}"


class PutBackDeliverable(models.Model):
    """An earlier version was made to count again: who did so, when, and for staff why."""

    deliverable = models.ForeignKey(Deliverable, on_delete=models.PROTECT, related_name="put_back")
    put_back_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    put_back_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["put_back_at"]

    def __str__(self) -> str:
        return f"{self.deliverable} put back"


class HeldDeliverable(models.Model):
    """Bytes that would lower the factor, waiting for a member's yes. Keeps the time at which they arrived."""

    stage = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="+")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    handed_in_by = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    original_name = models.CharField(max_length=200)
    received_at = models.DateTimeField()
    completed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [UniqueConstraint(fields=["stage", "group"], name="held_deliverable_is_one_per_group")]

    def __str__(self) -> str:
        return f"{self.stage}: waiting for a yes"


class MoreTime(models.Model):
    """More time for one stage of one group: asked for by a member, granted or declined by staff, perhaps withdrawn.

    `until`: what was asked for, then what was granted. It never moves the due time earlier.
    """

    stage = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="more_time")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="more_time")
    until = models.DateTimeField()
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    granted = models.BooleanField(null=True)
    decided_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["stage", "group"],
                condition=Q(decided_at=None),
                name="more_time_is_one_open_request_per_group_and_stage",
            ),
            CheckConstraint(
                condition=Q(decided_at=None, granted=None) | Q(decided_at__isnull=False, granted__isnull=False),
                name="more_time_is_decided_with_a_yes_or_no",
            ),
            CheckConstraint(condition=~Q(reason=""), name="more_time_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.stage}: {self.group} until {self.until}"
