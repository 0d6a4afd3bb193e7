"""Later due times: granted, and asked for."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from assignments.models.assignments import Assignment
from assignments.owners import Owner, by_one_owner, name_of, owner_in
from assignments.policy import MOST_DAYS, MOST_TIMES
from courses.models import Enrolment, Section
from groups.models import Group


class Extension(models.Model):
    """A later due time for one student, one group or one section, with a reason. It never moves anyone's due time earlier."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="extensions")
    student = models.ForeignKey(Enrolment, on_delete=models.PROTECT, null=True, blank=True, related_name="extensions")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, blank=True, related_name="extensions")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    due_at = models.DateTimeField("new due time")
    reason = models.CharField(max_length=500)
    granted_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_because = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["-granted_at"]
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(student__isnull=False, group=None, section=None)
                | Q(student=None, group__isnull=False, section=None)
                | Q(student=None, group=None, section__isnull=False),
                name="extension_is_for_a_student_a_group_or_a_section",
            ),
            CheckConstraint(condition=~Q(reason=""), name="extension_has_a_reason"),
            CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_because=""), name="extension_is_withdrawn_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment}: extension to {self.due_at}"


class Accommodation(models.Model):
    """More time for one student in everything that each hands in alone, for the whole course, with a reason.

    `times`: of the time between opening and due time; `days` on top where that is later, or where nothing says when it
    opened. What groups hand in is due when it is due for the group.
    """

    student = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="accommodations")
    times = models.DecimalField(max_digits=4, decimal_places=2, default=1)
    days = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=500)
    granted_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-granted_at"]
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["student"], condition=Q(withdrawn_at=None), name="accommodation_is_one_per_student"
            ),
            CheckConstraint(
                condition=Q(times__range=(1, MOST_TIMES), days__lte=MOST_DAYS) & (Q(times__gt=1) | Q(days__gt=0)),
                name="accommodation_gives_time",
            ),
            CheckConstraint(condition=~Q(reason=""), name="accommodation_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.student}: {self.said}"

    @property
    def said(self) -> str:
        """`1.5 × the time`, `2 days more`, or both."""
        more = f"{self.days} day{'' if self.days == 1 else 's'} more"
        factor = f"{self.times.normalize():f} × the time"
        return f"{factor}, at least {more}" if self.times > 1 and self.days else factor if self.times > 1 else more


class ExtensionRequest(models.Model):
    """A student, for a group one of its members, asked for more time. `granted` is None until staff decided.

    What was granted is an Extension of its own and may be another time.
    """

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="extension_requests")
    student = models.ForeignKey(
        Enrolment, on_delete=models.PROTECT, null=True, blank=True, related_name="extension_requests"
    )
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, blank=True, related_name="extension_requests")
    asked_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    wanted_until = models.DateTimeField()
    reason = models.CharField(max_length=500)
    asked_at = models.DateTimeField(auto_now_add=True)
    granted = models.BooleanField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["asked_at", "pk"]
        constraints: ClassVar = [
            by_one_owner("extension_request_has_one_owner"),
            UniqueConstraint(
                fields=["assignment", "student"],
                condition=Q(decided_at=None, group=None),
                name="extension_request_is_one_open_per_student",
            ),
            UniqueConstraint(
                fields=["assignment", "group"],
                condition=Q(decided_at=None, student=None),
                name="extension_request_is_one_open_per_group",
            ),
            CheckConstraint(
                condition=Q(decided_at=None, granted=None) | Q(decided_at__isnull=False, granted__isnull=False),
                name="extension_request_is_decided_with_a_yes_or_no",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment}: more time for {name_of(self.owner)}"

    @property
    def owner(self) -> Owner:
        """Who would have more time."""
        return owner_in(self)
