"""Something whose marks people enter."""

from typing import ClassVar

from django.db import models
from django.db.models import UniqueConstraint

from courses.models import Course


class EnteredItem(models.Model):
    """Something whose marks people enter: an exam, a talk, a demo. It outlives the versions of a scheme."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="entered_items")
    name = models.CharField(max_length=120)

    class Meta:
        ordering: ClassVar = ["course", "pk"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["course", "name"], name="entered_item_name_is_unique_in_its_course")
        ]

    def __str__(self) -> str:
        return self.name
