"""A course's group project, its stages, and who works with whom."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from courses.models import Course, Enrolment, Section
from projects.policy.sentences import ballot_sentence, format_sentence, talks_sentence


class Project(models.Model):
    """One group project of a course. Groups keep the same members for all stages.

    `topic_first`: what must happen before the proposal is written; `talks` and `ballot`: who presents and how peers rank,
    as in `docs/course.schema.json`.
    """

    course = models.OneToOneField(Course, on_delete=models.CASCADE, related_name="project")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    smallest_group = models.PositiveSmallIntegerField(default=3)
    largest_group = models.PositiveSmallIntegerField(default=5)
    across_sections = models.BooleanField(default=False)
    topic_first = models.TextField(blank=True)
    talks = models.JSONField(default=dict, blank=True)
    ballot = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(smallest_group__gte=1) & Q(largest_group__gte=F("smallest_group")),
                name="project_group_sizes_fit",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def locks_at(self) -> datetime | None:
        """From then on students change no group: when the first stage is due. None: there is no stage yet."""
        return min((stage.due_at for stage in self.stages.all()), default=None)

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


class Group(models.Model):
    """Students who work together through all stages. `section`: of whoever made it; its TA owns the group."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=60)
    code = models.CharField(max_length=12, unique=True)
    section = models.ForeignKey(Section, on_delete=models.PROTECT, null=True, related_name="+")
    made_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    dissolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["project", "name"], condition=Q(dissolved_at=None), name="group_name_is_unique_in_its_project"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A student in a group, from when to when. `seat`: one of as many as the group may have; two never share one."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="memberships")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    student = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="memberships")
    seat = models.PositiveSmallIntegerField()
    joined_at = models.DateTimeField(auto_now_add=True)
    left_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    """Why staff put them here or took them out; empty where they did so themselves."""

    class Meta:
        ordering: ClassVar = ["group", "seat", "pk"]
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["project", "student"], condition=Q(left_at=None), name="student_is_in_one_group_of_a_project"
            ),
            UniqueConstraint(fields=["group", "seat"], condition=Q(left_at=None), name="seat_of_a_group_is_taken_once"),
            CheckConstraint(condition=Q(seat__gte=1), name="seats_are_counted_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.student} in {self.group}"
