"""What a lecturer decided about one student's assignment against what the rules say: a fact with its reason."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q

from assignments.models import Assignment
from courses.models import Enrolment
from grading.policy.codes import Code


class Ruling(models.Model):
    """Points instead of those that were reckoned, or a code. The latest holds; without either it takes back. Never edited."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="rulings")
    student = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="rulings")
    points = models.DecimalField(max_digits=10, decimal_places=3, null=True)
    code = models.CharField(max_length=10, choices=[(code.value, code.value) for code in Code if code], blank=True)
    reason = models.CharField(max_length=500)
    ruled_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    ruled_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            CheckConstraint(condition=Q(points=None) | Q(points__gte=0, code=""), name="ruling_is_points_or_a_code"),
            CheckConstraint(condition=~Q(reason=""), name="ruling_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment}: {self.student}"
