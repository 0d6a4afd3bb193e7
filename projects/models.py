"""A course's group project and its stages."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from courses.models import Course


class Project(models.Model):
    """One group project of a course. Groups keep the same members for all stages."""

    course = models.OneToOneField(Course, on_delete=models.CASCADE, related_name="project")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    smallest_group = models.PositiveSmallIntegerField(default=3)
    largest_group = models.PositiveSmallIntegerField(default=5)
    across_sections = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(smallest_group__gte=1) & Q(largest_group__gte=F("smallest_group")),
                name="project_group_sizes_fit",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Stage(models.Model):
    """One thing a group hands in or does. `due_at` is the last second that is on time."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="stages")
    slug = models.SlugField(max_length=60)
    title = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=1)
    due_at = models.DateTimeField("due")
    must_answer = models.TextField(blank=True)
    format_rule = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["project", "slug"], name="stage_slug_is_unique_in_its_project")
        ]

    def __str__(self) -> str:
        return self.title
