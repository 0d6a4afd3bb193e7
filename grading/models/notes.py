"""Words of a marker that hang on one cell of a notebook, or on one of its outputs."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q

from assignments.models import Submission
from courses.models import Enrolment


class CellNote(models.Model):
    """Cells and outputs are counted from 1, as the page of the notebook numbers them. Students read it once released."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="notes")
    cell = models.PositiveIntegerField()
    output = models.PositiveIntegerField(null=True, blank=True)
    text = models.TextField()
    author = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["submission", "cell", "output", "pk"]
        constraints: ClassVar = [
            CheckConstraint(condition=Q(cell__gte=1), name="note_hangs_on_a_cell"),
            CheckConstraint(condition=~Q(text=""), name="note_says_something"),
        ]

    def __str__(self) -> str:
        return f"Cell {self.cell}: {self.text[:40]}"
