"""Who works with whom, from when to when, and how they find each other."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from courses.models import Course, Enrolment, Section


class GroupSet(models.Model):
    """One way in which a course is divided into groups: a project has one, and so may any assignment."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="group_sets")
    slug = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    smallest_group = models.PositiveSmallIntegerField(default=3)
    largest_group = models.PositiveSmallIntegerField(default=5)
    across_sections = models.BooleanField(default=False)
    groups_fixed_at = models.DateTimeField("groups are fixed", null=True, blank=True)
    contribution_span = models.PositiveSmallIntegerField(
        "members' marks differ by at most so many percent", default=0, blank=True
    )
    """By what they say of each other's contribution; 0: one mark for all."""

    class Meta:
        ordering: ClassVar = ["course", "pk"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["course", "slug"], name="group_set_slug_is_unique_in_its_course"),
            CheckConstraint(
                condition=Q(smallest_group__gte=1) & Q(largest_group__gte=F("smallest_group")), name="group_sizes_fit"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def locks_at(self) -> datetime | None:
        """From then on students change no group: as set, or when the first work of these groups is due. None: never yet."""
        dues = (work.due_at for work in self.assignments.all() if work.due_at is not None)
        return self.groups_fixed_at or min(dues, default=None)


class Group(models.Model):
    """Students who work together on all work of their set. `section`: of whoever made it; its TA owns the group."""

    group_set = models.ForeignKey(GroupSet, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=60)
    code = models.CharField(max_length=12, unique=True)
    section = models.ForeignKey(Section, on_delete=models.PROTECT, null=True, related_name="+")
    made_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    dissolved_at = models.DateTimeField(null=True)
    looks_for = models.CharField(max_length=300, blank=True)
    """What others read of it on the board of those who look for somebody; empty: it looks for nobody."""
    small_because = models.CharField(max_length=300, blank=True)
    """Why staff let it have fewer members than a group should have."""

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["group_set", "name"], condition=Q(dissolved_at=None), name="group_name_is_unique_in_its_set"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A student in a group, from when to when. `seat`: one of as many as the group may have; two never share one."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="memberships")
    group_set = models.ForeignKey(GroupSet, on_delete=models.CASCADE, related_name="+")
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
                fields=["group_set", "student"], condition=Q(left_at=None), name="student_is_in_one_group_of_a_set"
            ),
            UniqueConstraint(fields=["group", "seat"], condition=Q(left_at=None), name="seat_of_a_group_is_taken_once"),
            CheckConstraint(condition=Q(seat__gte=1), name="seats_are_counted_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.student} in {self.group}"


class Approach(models.Model):
    """A group asked a student in, or a student asked to be taken in (`by_group` tells which), and the answer."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="approaches")
    student = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="approaches")
    by_group = models.BooleanField()
    text = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    accepted = models.BooleanField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["group", "student"],
                condition=Q(answered_at=None),
                name="approach_is_one_open_per_group_and_student",
            ),
            CheckConstraint(
                condition=Q(answered_at=None, accepted=None) | Q(answered_at__isnull=False, accepted__isnull=False),
                name="approach_is_answered_with_a_yes_or_no",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} and {self.student}"


class Seeker(models.Model):
    """A student who looks for a group, and what others should know."""

    group_set = models.ForeignKey(GroupSet, on_delete=models.CASCADE, related_name="seekers")
    student = models.OneToOneField(Enrolment, on_delete=models.CASCADE, related_name="seeks")
    text = models.CharField(max_length=300)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.student} looks for a group"
