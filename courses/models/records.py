"""Bytes, mails, rosters and changes of settings: what was received, what is to be sent, who changed what."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q
from django.db.models.functions import Length
from django.utils import timezone

from courses.models.course import Course
from courses.models.people import Enrolment

models.CharField.register_lookup(Length)


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


class SettingChange(models.Model):
    """Who changed a setting, from what to what, when and why: in words, as the pages say it. Never edited.

    `topic`: what it is about, as `late-rule` or `assignment:7`; `subject`: the same for people.
    """

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="setting_changes")
    topic = models.CharField(max_length=100)
    subject = models.CharField(max_length=200)
    setting = models.CharField(max_length=200, blank=True)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    reason = models.CharField(max_length=500, blank=True)
    changed_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["course", "topic"], name="setting_change_by_topic")]

    def __str__(self) -> str:
        return f"{self.subject}: {self.setting}"


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
