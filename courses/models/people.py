"""People, and who they are in which course."""

import secrets
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from courses.models.course import Course, Section


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


def new_key() -> str:
    """Nobody guesses it."""
    return secrets.token_urlsafe(24)


class CalendarKey(models.Model):
    """The secret part of a person's calendar address: whoever has it reads their due times, and nothing else."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="calendar_key")
    key = models.CharField(max_length=64, unique=True, default=new_key)
    made_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Calendar of {self.user}"

    def renew(self) -> None:
        """Another address; the old one answers no more."""
        self.key = new_key()
        self.save()


class Invitation(models.Model):
    """A one-time way into an account that nobody has used: by a link in a mail, or by a code on paper. Only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    key_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"Invitation of {self.user}"


class AccountMerge(models.Model):
    """Two accounts of one person became one. `moves` is what undoing needs."""

    kept = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    closed = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="account_merges")
    moves = models.JSONField()
    merged_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.closed} → {self.kept}"
