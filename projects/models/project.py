"""A course's group project."""

from django.db import models

from assignments.models import AssignmentQuerySet
from courses.models import Course
from groups.models import GroupSet
from projects.policy.sentences import ballot_sentence, talks_sentence

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
    ratings_closed_at = models.DateTimeField(null=True, editable=False)
    """Since then members say nothing more of each other's contribution."""

    def __str__(self) -> str:
        return self.title

    @property
    def stages(self) -> AssignmentQuerySet:
        """What its groups hand in or do, in order."""
        return self.group_set.assignments.stages()

    @property
    def sentences(self) -> list[str]:
        """Who presents, and how peers rank."""
        return [said for said in (talks_sentence(self.talks), ballot_sentence(self.ballot)) if said]
