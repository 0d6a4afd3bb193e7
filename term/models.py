"""Class meetings, and who was there."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from assignments.models import Assignment
from courses.models import Course, Enrolment, StoredFile


class Meeting(models.Model):
    """One class whose attendance is taken; `item`: what its marks are entered for.

    `code`: whoever writes it until `code_until` was there.
    """

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="meetings")
    item = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="meetings")
    title = models.CharField(max_length=100)
    held_on = models.DateField()
    code = models.CharField(max_length=10, blank=True)
    code_until = models.DateTimeField(null=True)
    made_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-held_on", "-pk"]
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(code="", code_until=None) | (~Q(code="") & Q(code_until__isnull=False)),
                name="meeting_code_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Presence(models.Model):
    """Whether a student was at a meeting. Who is not noted was not there. `noted_by`: the student themselves, by the code."""

    class State(models.TextChoices):
        PRESENT = "present", "Present"
        ABSENT = "absent", "Absent"
        EXCUSED = "excused", "Excused"

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="presences")
    student = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="presences")
    state = models.CharField(max_length=10, choices=State)
    noted_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["meeting", "student"], name="presence_is_one_per_meeting_and_student"),
            CheckConstraint(condition=Q(state__in=["present", "absent", "excused"]), name="presence_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.student}: {self.state}"


class CourseExport(models.Model):
    """Everything of a course as one archive, or of one person in it: asked for, made by a worker, kept for a while."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waits"
        RUNNING = "running", "Is being made"
        DONE = "done", "Done"
        FAILED = "failed", "Could not be made"

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="exports")
    student = models.ForeignKey(Enrolment, on_delete=models.CASCADE, null=True, related_name="+")
    asked_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(state__in=["queued", "running", "done", "failed"]), name="export_state_is_known"
            ),
            CheckConstraint(condition=Q(state="done") ^ Q(file=None), name="export_has_a_file_iff_done"),
        ]

    def __str__(self) -> str:
        return f"Export of {self.student or self.course}"
