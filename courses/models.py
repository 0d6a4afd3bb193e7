"""People and courses. Facts are rows that are never edited; the database keeps the promises."""

from datetime import date
from typing import ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.db.models.functions import Length
from django.utils import timezone

from courses.policy.calendar import Break, Calendar
from courses.policy.late_rule_json import rule_from_json
from courses.policy.lateness import LateRule

models.CharField.register_lookup(Length)


class User(AbstractUser):
    """A person with an account. `name` is what others read; `student_number` what the university writes."""

    name = models.CharField(max_length=120)
    student_number = models.CharField(max_length=40, blank=True)
    email = models.EmailField("mail address")

    as_student_in = ""
    """The course that this person, one of its staff, looks at as its students do; set for one request."""

    first_name = None  # type: ignore[assignment]  # one name field: not every name has two parts
    last_name = None  # type: ignore[assignment]

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["email"], condition=~Q(email=""), name="user_email_is_unique"),
            UniqueConstraint(
                fields=["student_number"], condition=~Q(student_number=""), name="user_student_number_is_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


def validate_time_zone(name: str) -> None:
    """Only names that zoneinfo knows, for example Asia/Shanghai."""
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is not a time zone such as Asia/Shanghai.")


def validate_monday(day: date) -> None:
    """Teaching weeks begin on Mondays."""
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
    is_published = models.BooleanField(default=False)

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


class Role(models.IntegerChoices):
    """Who may do what; a higher role may do all that a lower one may."""

    STUDENT = 10, "Student"
    STUDENT_ASSISTANT = 20, "Student assistant"
    TA = 30, "Teaching assistant"
    LAB_INSTRUCTOR = 40, "Lab instructor"
    LECTURER = 50, "Lecturer"


class Enrolment(models.Model):
    """A person in a course. Students sit in one section; assistants look after some; lecturers see all."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="enrolments")
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="enrolments")
    role = models.PositiveSmallIntegerField(choices=Role)
    sections = models.ManyToManyField(Section, related_name="enrolments", blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["user__name", "pk"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["user", "course"], name="enrolment_is_one_per_person_and_course"),
            CheckConstraint(condition=Q(role__in=Role.values), name="enrolment_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.course}"

    @property
    def is_staff(self) -> bool:
        return self.role >= Role.STUDENT_ASSISTANT

    @property
    def is_lecturer(self) -> bool:
        return self.role >= Role.LECTURER

    @property
    def sees_all_sections(self) -> bool:
        return self.role >= Role.LAB_INSTRUCTOR


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
    """A way to reach the staff or the others, for example a mail address, a QQ group, office hours."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="channels")
    name = models.CharField(max_length=60)
    address = models.CharField(max_length=200)
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

    class Meta:
        ordering: ClassVar = ["course", "pk"]
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(kind__in=["notes", "slides", "book", "reading", "software", "data", "homework", "rule"]),
                name="material_kind_is_known",
            )
        ]

    def __str__(self) -> str:
        return self.title


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


class StoredFile(models.Model):
    """Bytes kept by their content: the same bytes are stored once, under their SHA-256."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()
    stored_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(condition=Q(sha256__length=64), name="stored_file_name_is_a_sha256"),
        ]

    def __str__(self) -> str:
        return self.sha256


class OutgoingMail(models.Model):
    """A mail to be sent: written with the fact it tells of, sent by the worker, never lost with a broker."""

    recipient = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient}"


class RosterImport(models.Model):
    """A roster that was read: first a proposal, then applied, then perhaps undone. `changes` is what undoing needs."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="roster_imports")
    read_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(auto_now_add=True)
    file_name = models.CharField(max_length=200)
    people = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    changes = models.JSONField(default=dict)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["course", "pk"]
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(undone_at=None) | Q(applied_at__isnull=False),
                name="roster_import_is_applied_before_it_is_undone",
            )
        ]

    def __str__(self) -> str:
        return self.file_name
