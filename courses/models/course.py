"""A course in one term, its sections and the versions of its late rule."""

from datetime import date
from typing import ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from courses.policy.calendar import YEARS, Break, Calendar
from courses.policy.late_rule_json import rule_from_json
from courses.policy.lateness import LateRule

REGRADE_DAYS = 7


def validate_time_zone(name: str) -> None:
    """Only names that zoneinfo knows, for example Asia/Shanghai."""
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is not a time zone such as Asia/Shanghai.")


def validate_monday(day: date) -> None:
    """Teaching weeks begin on Mondays."""
    if day.year not in YEARS:
        raise ValidationError(f"Choose a year from {YEARS.start} to {YEARS.stop - 1}.")
    if day.weekday() != 0:
        raise ValidationError("Week 1 begins on a Monday.")


class Course(models.Model):
    """One course in one term. `week_one` is the Monday of teaching week 1."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=200)
    institution = models.CharField(max_length=200, blank=True)
    term = models.CharField(max_length=60)
    language = models.CharField(max_length=10, default="en")
    time_zone = models.CharField(max_length=60, default="Asia/Shanghai", validators=[validate_time_zone])
    week_one = models.DateField(validators=[validate_monday])
    weeks = models.PositiveSmallIntegerField(default=16)
    description = models.TextField(blank=True)
    regrade_days = models.PositiveSmallIntegerField(default=REGRADE_DAYS)
    """So long after a release students may ask to look at it again; 0: not at all."""
    is_published = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    """Since then it is off the lists, and nothing in it can be changed."""

    class Meta:
        ordering: ClassVar = ["-week_one", "title"]
        constraints: ClassVar = [
            CheckConstraint(condition=Q(weeks__gte=1), name="course_has_weeks"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def calendar(self) -> Calendar:
        """Teaching weeks in the course's time zone; asks the database for its holidays."""
        breaks = [Break(day.first_day, day.last_day) for day in self.holidays.all() if day.pauses]
        return Calendar(self.week_one, self.zone, self.weeks, tuple(breaks))


class Section(models.Model):
    """A class of a course: who sits together, and whom its TAs look after."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="sections")
    name = models.CharField(max_length=100)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["course", "name"], name="section_name_is_unique_in_its_course")
        ]

    def __str__(self) -> str:
        return self.name


class LatePolicy(models.Model):
    """One version of a course's late rule. The latest version holds; a release remembers which one it used."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="late_policies")
    version = models.PositiveIntegerField()
    rule = models.JSONField()
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["course", "version"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["course", "version"], name="late_policy_version_is_unique_in_its_course")
        ]

    def __str__(self) -> str:
        return f"{self.course}: late rule v{self.version}"

    @property
    def parsed(self) -> LateRule:
        return rule_from_json(self.rule)
