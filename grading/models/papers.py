"""What papers are marked by, and their pages as pictures."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from assignments.models import Assignment
from courses.models import StoredFile


class Criterion(models.Model):
    """One thing that a paper is marked by, and its points. What was retired stays with the marks that have it."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="criteria")
    text = models.CharField(max_length=300)
    points = models.DecimalField(max_digits=7, decimal_places=2)
    position = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["assignment", "position", "pk"]
        constraints: ClassVar = [CheckConstraint(condition=Q(points__gt=0), name="criterion_has_points")]

    def __str__(self) -> str:
        return self.text


class PageImage(models.Model):
    """One page of a PDF, named by its bytes, as a picture by one version of the drawer. No file: it cannot be drawn."""

    source = models.CharField(max_length=64)
    page = models.PositiveSmallIntegerField()
    drawer = models.PositiveSmallIntegerField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["source", "page", "drawer"], name="page_image_is_one_per_page_and_drawer")
        ]

    def __str__(self) -> str:
        return f"Page {self.page} of {self.source}"
