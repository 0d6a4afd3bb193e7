"""The queue of those who mark: what waits for a person, who has it open, and how long each marking took."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from assignments.models import Assignment, Submission
from assignments.owners import Owner, by_one_owner, name_of, owner_in, slug_of
from courses.models import Enrolment
from groups.models import Group


class Review(models.Model):
    """One owner's work on one assignment, for those who mark. The row is the queue, and a consequence: `submission`
    and `waits` are derived from facts whenever one of them changes (grading.services.reviews), and again when it is taken.

    `place`: a random number, from which each marker's own order is made.
    """

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="reviews")
    student = models.ForeignKey(Enrolment, on_delete=models.CASCADE, null=True, related_name="reviews")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, related_name="reviews")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, null=True, related_name="+")
    waits = models.BooleanField(default=False)
    place = models.BigIntegerField()
    share_of = models.ForeignKey(Enrolment, on_delete=models.SET_NULL, null=True, related_name="share")
    """Whose share of the work it is; None: whoever comes first."""
    holder = models.ForeignKey(Enrolment, on_delete=models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            by_one_owner("review_has_one_owner"),
            UniqueConstraint(
                fields=["assignment", "student"],
                condition=Q(group=None),
                name="review_is_one_per_student_and_assignment",
            ),
            UniqueConstraint(
                fields=["assignment", "group"], condition=Q(student=None), name="review_is_one_per_group_and_assignment"
            ),
            CheckConstraint(
                condition=Q(holder=None) | Q(opened_at__isnull=False, held_until__isnull=False),
                name="review_that_is_held_says_since_and_until_when",
            ),
            CheckConstraint(condition=Q(waits=False) | Q(submission__isnull=False), name="review_waits_for_some_work"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["assignment"], condition=Q(waits=True), name="review_that_waits"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment}: {name_of(self.owner)}"

    @property
    def owner(self) -> Owner:
        """Whose work it is."""
        return owner_in(self)

    @property
    def owner_slug(self) -> str:
        """Its owner in addresses."""
        return slug_of(self)


class Marking(models.Model):
    """One press of "save": sent twice (a double click, a page that was sent again) it is still one. Never edited."""

    key = models.UUIDField(unique=True)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="markings")
    marker = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="markings")
    opened_at = models.DateTimeField(null=True)
    saved_at = models.DateTimeField(auto_now_add=True)
    marks = models.PositiveSmallIntegerField()
    content = models.CharField(max_length=64, blank=True)
    """A digest of what was sent: the same key with other content is another press."""

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.submission} marked by {self.marker}"


class Conflict(models.Model):
    """Somebody who does not mark somebody's work, and why."""

    marker = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="conflicts")
    student = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="conflicts_with")
    reason = models.CharField(max_length=300)
    stated_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["marker", "student"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["marker", "student"], name="conflict_is_stated_once"),
            CheckConstraint(condition=~Q(reason=""), name="conflict_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.marker} does not mark {self.student}"
