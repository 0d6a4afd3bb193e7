"""Words of a marker that hang on a place of what was handed in, or on all of it."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q

from assignments.models import Submission
from courses.models import Enrolment

ON_A_CELL = Q(cell__gte=1, page=None, file="", line=None)
ON_A_PAGE = Q(cell=None, output=None, page__gte=1, file="", line=None)
ON_A_LINE = Q(cell=None, output=None, page=None, line__gte=1) & ~Q(file="")
ON_ALL = Q(cell=None, output=None, page=None, file="", line=None)


class Note(models.Model):
    """Students read it once released, as it was then.

    It hangs on a cell or on one of its outputs, on a page or on a place of it (in thousandths of the page), on a line of
    a file, or on the whole work. Everything is counted from 1, as the pages number it.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="notes")
    cell = models.PositiveIntegerField(null=True)
    output = models.PositiveIntegerField(null=True)
    page = models.PositiveSmallIntegerField(null=True)
    left = models.PositiveSmallIntegerField(null=True)
    top = models.PositiveSmallIntegerField(null=True)
    width = models.PositiveSmallIntegerField(null=True)
    height = models.PositiveSmallIntegerField(null=True)
    file = models.CharField(max_length=255, blank=True)
    line = models.PositiveIntegerField(null=True)
    text = models.TextField()
    author = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = [
            "submission",
            F("cell").asc(nulls_first=True),
            F("output").asc(nulls_first=True),
            F("page").asc(nulls_first=True),
            "file",
            "line",
            "pk",
        ]
        constraints: ClassVar = [
            CheckConstraint(condition=ON_A_CELL | ON_A_PAGE | ON_A_LINE | ON_ALL, name="note_hangs_on_one_thing"),
            CheckConstraint(
                condition=Q(left=None, top=None, width=None, height=None)
                | Q(left__isnull=False, top__isnull=False, width__isnull=False, height__isnull=False)
                & Q(page__gte=1, left__lte=1000, top__lte=1000, width__range=(1, 1000), height__range=(1, 1000)),
                name="note_has_a_whole_place_or_none",
            ),
            CheckConstraint(condition=~Q(text=""), name="note_says_something"),
        ]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def place(self) -> tuple[int, int, int, int] | None:
        """Left, top, width, height in thousandths of the page; None: on the whole page."""
        if self.left is None or self.top is None or self.width is None or self.height is None:
            return None
        return self.left, self.top, self.width, self.height
