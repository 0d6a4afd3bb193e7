"""Marking twice: a sample that a second person marks without seeing the first marks. It moves no grade."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from assignments.models import Submission
from courses.models import Enrolment


class SecondReview(models.Model):
    """One submission that was drawn, and who marks it again."""

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="second_review")
    marker = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="second_reviews")
    drawn_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.submission} again by {self.marker}"


class SecondMark(models.Model):
    """What the second marker would have given for one cell. Never edited."""

    review = models.ForeignKey(SecondReview, on_delete=models.PROTECT, related_name="marks")
    grade_id = models.CharField(max_length=120)
    points = models.DecimalField(max_digits=8, decimal_places=3)
    comment = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["review", "grade_id"], name="second_mark_is_one_per_cell"),
            CheckConstraint(condition=Q(points__gte=0), name="second_mark_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.grade_id}: {self.points}"
