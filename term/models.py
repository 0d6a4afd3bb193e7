"""Class meetings, and who was there."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from assignments.models import Assignment
from courses.models import Course, Enrolment


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
