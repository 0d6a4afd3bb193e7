"""A course's group project and its stages."""

from typing import ClassVar

from django.db import models
from django.db.models import UniqueConstraint

from courses.models import Course
from groups.models import GroupSet
from projects.policy.sentences import ballot_sentence, format_sentence, talks_sentence

PROJECT_SLUG = "project"
"""Of the set of groups that a project has."""


class Project(models.Model):
    """One group project of a course. Groups keep the same members for all stages.

    `topic_first`: what must happen before the proposal is written; `talks` and `ballot`: who presents and how peers rank,
    as in `docs/course.schema.json`.
    """

    course = models.OneToOneField(Course, on_delete=models.CASCADE, related_name="project")
    group_set = models.OneToOneField(GroupSet, on_delete=models.PROTECT, related_name="project")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    topic_first = models.TextField(blank=True)
    topic_blocks = models.BooleanField("the proposal waits for an approved topic", default=False)
    topics_hidden = models.BooleanField("groups do not see each other's topics", default=False)
    talks = models.JSONField(default=dict, blank=True)
    ballot = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return self.title

    @property
    def sentences(self) -> list[str]:
        """Who presents, and how peers rank."""
        return [said for said in (talks_sentence(self.talks), ballot_sentence(self.ballot)) if said]


class Stage(models.Model):
    """One thing a group hands in or does. `due_at` is the last second that is on time, `due_when` the words it was made from.

    `questions` are those that the work must answer; `format_rules` as in `docs/course.schema.json`.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="stages")
    slug = models.SlugField(max_length=60)
    title = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=1)
    due_at = models.DateTimeField("due")
    due_when = models.CharField(max_length=40, blank=True)
    questions = models.JSONField(default=list, blank=True)
    format_rules = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["project", "slug"], name="stage_slug_is_unique_in_its_project")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def format_sentence(self) -> str:
        """The format of what is handed in, in one line."""
        return format_sentence(self.format_rules)
