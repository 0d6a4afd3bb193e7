"""How papers are marked: by which criteria, with notes on places of pages."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from assignments.models import Assignment, Submission
from courses.models import Enrolment, StoredFile


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


class PaperNote(models.Model):
    """Words about a submission, on a place of a page or on all of it (`page` 0). The place in thousandths of the page."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="page_notes")
    page = models.PositiveSmallIntegerField(default=0)
    left = models.PositiveSmallIntegerField(null=True)
    top = models.PositiveSmallIntegerField(null=True)
    width = models.PositiveSmallIntegerField(null=True)
    height = models.PositiveSmallIntegerField(null=True)
    text = models.TextField()
    author = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["page", "pk"]
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(left=None, top=None, width=None, height=None)
                | Q(left__isnull=False, top__isnull=False, width__isnull=False, height__isnull=False)
                & Q(page__gte=1, left__lte=1000, top__lte=1000, width__range=(1, 1000), height__range=(1, 1000)),
                name="paper_note_has_a_whole_place_or_none",
            )
        ]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def place(self) -> tuple[int, int, int, int] | None:
        """Left, top, width, height in thousandths of the page; None: on the whole page."""
        if self.left is None or self.top is None or self.width is None or self.height is None:
            return None
        return self.left, self.top, self.width, self.height


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
