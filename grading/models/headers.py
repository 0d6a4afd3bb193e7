"""How other systems call the columns of our gradebook."""

from typing import ClassVar

from django.db import models
from django.db.models import UniqueConstraint

from courses.models import Course


class ExportHeader(models.Model):
    """The heading of one column in one other system, with its id: `Homework 1 (48213)`. `target`: as `assignment-7`."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")
    system = models.CharField(max_length=20)
    target = models.CharField(max_length=40)
    header = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["course", "system", "target"], name="export_header_is_one_per_column")
        ]

    def __str__(self) -> str:
        return self.header
