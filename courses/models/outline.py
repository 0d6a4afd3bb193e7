"""What a course tells its people: when it meets, whom to ask, what there is to read."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q

from courses.models.course import Course, Section
from courses.models.people import Enrolment, Role
from courses.models.records import StoredFile


class Holiday(models.Model):
    """Days without classes. A holiday that `pauses` takes the teaching weeks whose Monday it covers out of the count."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="holidays")
    name = models.CharField(max_length=100)
    first_day = models.DateField()
    last_day = models.DateField()
    pauses = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["course", "first_day", "pk"]
        constraints: ClassVar = [
            CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="holiday_ends_after_it_begins")
        ]

    def __str__(self) -> str:
        return self.name


class ClassSlot(models.Model):
    """When and where a section meets every week, in the course's time zone."""

    class Weekday(models.IntegerChoices):
        MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="slots")
    name = models.CharField(max_length=60)
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    starts = models.TimeField()
    ends = models.TimeField()
    place = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering: ClassVar = ["section", "weekday", "starts", "pk"]
        constraints: ClassVar = [
            CheckConstraint(condition=Q(ends__gt=F("starts")), name="class_ends_after_it_begins"),
            CheckConstraint(condition=Q(weekday__range=(0, 6)), name="class_has_a_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_weekday_display()} {self.starts:%H:%M}"


class Position(models.Model):
    """Staff that a course is to have. Without a `count` it is not known yet how many: the course can be published."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="positions")
    role = models.PositiveSmallIntegerField(choices=Role)
    section = models.ForeignKey(Section, on_delete=models.CASCADE, null=True, blank=True, related_name="positions")
    count = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["course", "pk"]
        constraints: ClassVar = [
            CheckConstraint(condition=Q(role__in=Role.values), name="position_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} × {self.count or '?'}"


class Channel(models.Model):
    """A way to reach the staff or the others, for example a mail address, a QQ group, office hours.

    `link`: where it leads, shown as a QR code too.
    """

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="channels")
    name = models.CharField(max_length=60)
    address = models.CharField(max_length=200)
    link = models.URLField(max_length=500, blank=True)
    enrolled_only = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["course", "pk"]

    def __str__(self) -> str:
        return f"{self.name}: {self.address}"


class Topic(models.Model):
    """One line of the syllabus. `weeks`, for example `3-5`, where the course says when."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="topics")
    title = models.CharField(max_length=200)
    weeks = models.CharField(max_length=10, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["course", "pk"]

    def __str__(self) -> str:
        return self.title


class Material(models.Model):
    """Something to read, watch, install or do. `text` is Markdown."""

    class Kind(models.TextChoices):
        NOTES = "notes", "Lecture notes"
        SLIDES = "slides", "Slides"
        BOOK = "book", "Books"
        READING = "reading", "Reading"
        SOFTWARE = "software", "Software"
        DATA = "data", "Data"
        HOMEWORK = "homework", "Ungraded work"
        RULE = "rule", "Rules"

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="materials")
    kind = models.CharField(max_length=12, choices=Kind)
    title = models.CharField(max_length=200)
    week = models.PositiveSmallIntegerField(null=True, blank=True)
    url = models.URLField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    file_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["course", "pk"]
        constraints: ClassVar = [
            CheckConstraint(condition=Q(file=None) | ~Q(file_name=""), name="material_file_has_a_name"),
            CheckConstraint(
                condition=Q(kind__in=["notes", "slides", "book", "reading", "software", "data", "homework", "rule"]),
                name="material_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Announcement(models.Model):
    """Something that staff told the course, or one section of it. `text` is Markdown."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="announcements")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, null=True, blank=True, related_name="announcements")
    author = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=150)
    text = models.TextField()
    posted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-posted_at", "-pk"]

    def __str__(self) -> str:
        return self.title
