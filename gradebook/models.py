"""How a course's total is made, in versions; final grades; how other systems call the columns of the gradebook."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from assignments.models import Assignment
from courses.models import Course, Enrolment

ROOT = "Course"
RULES = ("drop", "best", "better_of", "minimum", "cap")
"""Of a component: what counts of its parts, what is needed of it, and the most that it counts."""


class Scheme(models.Model):
    """One version of how a course's total is made. The latest published version holds."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="schemes")
    version = models.PositiveIntegerField()
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["course", "version"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["course", "version"], name="scheme_version_is_unique_in_its_course")
        ]

    def __str__(self) -> str:
        return f"{self.course}: scheme v{self.version}"


class Component(models.Model):
    """A node of the tree: a group, or a leaf, which is an assignment of whatever kind.

    `drop`, `best`, `better_of`, `minimum`, `cap`: as in gradebook.policy.tree.Node.
    """

    class Kind(models.TextChoices):
        GROUP = "group", "Group"
        ASSIGNMENT = "assignment", "Assignment"

    scheme = models.ForeignKey(Scheme, on_delete=models.CASCADE, related_name="components")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="children")
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=120)
    weight = models.DecimalField(max_digits=7, decimal_places=4)
    optional = models.CharField(max_length=30, default="no")
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, null=True, related_name="components")
    drop = models.PositiveSmallIntegerField(default=0)
    best = models.PositiveSmallIntegerField(default=0)
    better_of = models.BooleanField(default=False)
    minimum = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    cap = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["scheme", "position", "pk"]
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(kind="assignment", assignment__isnull=False)
                | (~Q(kind="assignment") & Q(assignment__isnull=True)),
                name="component_has_an_assignment_iff_it_is_one",
            ),
            CheckConstraint(condition=Q(weight__gte=0) & Q(weight__lte=100), name="component_weight_is_a_percentage"),
            CheckConstraint(condition=Q(kind__in=["group", "assignment"]), name="component_kind_is_known"),
        ]

    def __str__(self) -> str:
        return self.name


class ExportHeader(models.Model):
    """The heading of one column in one other system, with its id: `Homework 1 (48213)`."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")
    system = models.CharField(max_length=20)
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="+")
    header = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["system", "assignment"], name="export_header_is_one_per_column")
        ]

    def __str__(self) -> str:
        return self.header


class FinalScale(models.Model):
    """By which scale a course makes final grades, as in gradebook.policy.final; `shown_at`: since when students read theirs."""

    course = models.OneToOneField(Course, on_delete=models.CASCADE, related_name="final_scale")
    scale = models.JSONField(default=dict)
    shown_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Scale of {self.course}"


class Freeze(models.Model):
    """Final grades were made from the totals as they stood, by this scale. Never edited."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="freezes")
    scale = models.JSONField()
    reason = models.CharField(max_length=500, blank=True)
    frozen_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"Final grades of {self.course}"


class FinalGrade(models.Model):
    """One student's final grade: made by a freeze, or set by a person with a reason (`freeze` None). The latest holds.

    `grade` empty: none yet, and `remark` says why.
    """

    student = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="final_grades")
    freeze = models.ForeignKey(Freeze, on_delete=models.PROTECT, null=True, related_name="grades")
    total = models.DecimalField(max_digits=9, decimal_places=4, null=True)
    grade = models.CharField(max_length=20, blank=True)
    remark = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    set_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(freeze__isnull=False) | ~Q(reason=""), name="final_grade_is_changed_with_a_reason"
            ),
            UniqueConstraint(fields=["freeze", "student"], name="final_grade_is_one_per_freeze_and_student"),
        ]

    def __str__(self) -> str:
        return f"{self.student}: {self.grade}"
