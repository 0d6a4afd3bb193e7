"""Who gives a talk, when, who was there, and how peers rank what they saw."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from courses.models import Enrolment, Section
from groups.models import Group
from projects.models.project import Project


class TalkList(models.Model):
    """The lecturer confirmed who gives a talk: of the whole course, or of one section.

    `ranking`: [group pk, raw mark as text] as they stood then, best first; `picked`: pks chosen among equals at the cut.
    `dissolved_at`: taken back before it was frozen.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="talk_lists")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, null=True, related_name="+")
    ranking = models.JSONField()
    picked = models.JSONField(default=list)
    reason = models.CharField(max_length=500, blank=True)
    confirmed_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(auto_now_add=True)
    frozen_at = models.DateTimeField(null=True)
    dissolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["section__name", "pk"]
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["project", "section"], condition=Q(dissolved_at=None), name="talk_list_is_one_per_section"
            ),
            UniqueConstraint(
                fields=["project"], condition=Q(dissolved_at=None, section=None), name="talk_list_is_one_per_project"
            ),
            CheckConstraint(condition=Q(frozen_at=None) | Q(dissolved_at=None), name="frozen_talk_list_stays"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"Talks of {self.section or self.project}"


class Talk(models.Model):
    """One group's talk. `withdrawn_because`: why it gives none after all."""

    talk_list = models.ForeignKey(TalkList, on_delete=models.CASCADE, related_name="talks")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="talks")
    starts_at = models.DateTimeField(null=True)
    place = models.CharField(max_length=100, blank=True)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = [F("starts_at").asc(nulls_last=True), "pk"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["talk_list", "group"], name="talk_is_one_per_group_and_list"),
            CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_because=""), name="talk_is_withdrawn_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"Talk of {self.group}"


class Attendance(models.Model):
    """Whether a member was there when their group spoke."""

    talk = models.ForeignKey(Talk, on_delete=models.CASCADE, related_name="attendances")
    student = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    was_there = models.BooleanField()
    noted_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["talk", "student"], name="attendance_is_one_per_talk_and_student")
        ]

    def __str__(self) -> str:
        return f"{self.student}: {self.was_there}"


class Vote(models.Model):
    """Students rank what they saw between these two instants. `shown_at`: since then they may read what came out."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="vote")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="vote_closes_after_it_opens")
        ]

    def __str__(self) -> str:
        return f"Peer ranking of {self.project}"


class Ballot(models.Model):
    """One student's ranking of one track, best first; their own until the vote closes. `unseen`: groups they did not see."""

    class Track(models.TextChoices):
        TALK = "talk", "Talks"
        POSTER = "poster", "Posters"

    vote = models.ForeignKey(Vote, on_delete=models.CASCADE, related_name="ballots")
    student = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="ballots")
    track = models.CharField(max_length=10, choices=Track)
    ranked = models.JSONField(default=list)
    unseen = models.JSONField(default=list)
    saved_at = models.DateTimeField()
    excluded_because = models.CharField(max_length=500, blank=True)
    excluded_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["track", "pk"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["vote", "student", "track"], name="ballot_is_one_per_student_and_track"),
            CheckConstraint(condition=Q(track__in=["talk", "poster"]), name="ballot_track_is_known"),
            CheckConstraint(
                condition=Q(excluded_by=None, excluded_because="")
                | (Q(excluded_by__isnull=False) & ~Q(excluded_because="")),
                name="ballot_is_excluded_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"Ballot of {self.student}"


class Contribution(models.Model):
    """What a member says of the group's work: a statement, and points from 0 to 10 for each of the others (pk → points)."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="contributions")
    student = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="contributions")
    statement = models.TextField(blank=True)
    ratings = models.JSONField(default=dict)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [UniqueConstraint(fields=["group", "student"], name="contribution_is_one_per_member")]

    def __str__(self) -> str:
        return f"Contribution of {self.student}"
