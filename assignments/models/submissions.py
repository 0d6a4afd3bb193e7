"""What was handed in. Submissions are never edited (a trigger sees to it)."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from assignments.models.assignments import Assignment
from assignments.owners import Owner, by_one_owner, owner_in, slug_of
from courses.models import Enrolment, StoredFile
from groups.models import Group


class Bytes:
    """What was sent: a file, and perhaps code beside it."""

    file_id: str | None
    code_file_id: str | None

    @property
    def fingerprint(self) -> str:
        """Changes with any byte of it: the SHA-256 of the file, and of the code."""
        return "+".join(part for part in (self.file_id, self.code_file_id) if part)


class Submission(Bytes, models.Model):
    """One version that was handed in: which bytes, by whom, when the request began, when the bytes were complete.

    Its owner is a student or a group. `members`: of a group's work those for whom it was handed in. `file` None: a group's
    talk, which was given and not handed in, or what a student's entered mark hangs on. `accepted_at` is when it became a
    version: for a replacement that had to be confirmed, the moment of the yes.
    """

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="submissions")
    student = models.ForeignKey(Enrolment, on_delete=models.PROTECT, null=True, related_name="submissions")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, related_name="submissions")
    members = models.ManyToManyField(Enrolment, related_name="submissions_as_member")
    number = models.PositiveIntegerField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    original_name = models.CharField(max_length=200, blank=True)
    code_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    code_name = models.CharField(max_length=200, blank=True)
    handed_in_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    completed_at = models.DateTimeField()
    accepted_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)
    """Why staff handed it in for its owner; empty: its owner did."""
    notices = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["assignment", "student", "group", "number"]
        constraints: ClassVar = [
            by_one_owner("submission_has_one_owner"),
            UniqueConstraint(
                fields=["assignment", "student", "number"],
                condition=Q(group=None),
                name="submission_number_is_unique_per_student",
            ),
            UniqueConstraint(
                fields=["assignment", "group", "number"],
                condition=Q(student=None),
                name="submission_number_is_unique_per_group",
            ),
            CheckConstraint(
                condition=Q(completed_at__gte=F("received_at")), name="submission_completes_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment} v{self.number}"

    @property
    def owner(self) -> Owner:
        """Whose work it is."""
        return owner_in(self)

    @property
    def owner_slug(self) -> str:
        """Its owner in addresses."""
        return slug_of(self)

    @property
    def stored(self) -> StoredFile:
        """The bytes. Raises ValueError where there are none."""
        if self.file is None:
            raise ValueError(f"{self} has no file")
        return self.file

    @property
    def has_file(self) -> bool:
        """Whether it was handed in."""
        return self.file_id is not None

    @property
    def is_talk(self) -> bool:
        """Whether a group gave it, so that several mark it at once."""
        return not self.has_file and self.group_id is not None

    @property
    def said(self) -> str:
        """As people call it."""
        return f"Version {self.number}" if self.has_file else "Talk" if self.is_talk else "Mark"


class AddedMember(models.Model):
    """Staff said that a version is for one member more than were in the group when it was handed in, and why. Never edited."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="added_members")
    student = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    added_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [CheckConstraint(condition=~Q(reason=""), name="added_member_has_a_reason")]

    def __str__(self) -> str:
        return f"{self.submission} is for {self.student} too"


class PutBackVersion(models.Model):
    """An earlier version was made to count again: who did so, when, and for staff why."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="put_back")
    put_back_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    put_back_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["put_back_at"]

    def __str__(self) -> str:
        return f"{self.submission} put back"


class PendingReplacement(Bytes, models.Model):
    """Bytes that would lower the factor, or that look damaged (`doubt`), waiting for the owner's yes. Keeps when they arrived."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="+")
    student = models.ForeignKey(Enrolment, on_delete=models.CASCADE, null=True, related_name="+")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, related_name="+")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    original_name = models.CharField(max_length=200)
    code_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    code_name = models.CharField(max_length=200, blank=True)
    handed_in_by = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    received_at = models.DateTimeField()
    completed_at = models.DateTimeField()
    notices = models.JSONField(default=list)
    doubt = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            by_one_owner("pending_replacement_has_one_owner"),
            UniqueConstraint(
                fields=["assignment", "student"], condition=Q(group=None), name="pending_replacement_is_one_per_student"
            ),
            UniqueConstraint(
                fields=["assignment", "group"], condition=Q(student=None), name="pending_replacement_is_one_per_group"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment}: waiting for a yes"

    @property
    def owner(self) -> Owner:
        """Whose work it would be."""
        return owner_in(self)


class FormatCheck(models.Model):
    """What one version of the format check found in one file, by the rules of one paper: `report` as papercheck writes it."""

    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="format_checks")
    rules = models.CharField(max_length=32)
    report = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["file", "rules"], name="format_check_is_one_per_file_and_rules")
        ]

    def __str__(self) -> str:
        return f"Format of {self.file}"
