"""What people decided and what students were shown. Marks and released grades are never edited."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from assignments.models import Assignment, Submission
from courses.models import Enrolment, LatePolicy
from courses.policy.words import points_text
from grading.policy.codes import Code
from groups.models import Group


class Rubric(models.Model):
    """How one cell of an assignment is marked by hand: from nothing upwards, or from the full points downwards."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="rubrics")
    grade_id = models.CharField(max_length=120)
    starts_full = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["assignment", "grade_id"], name="rubric_is_one_per_cell_of_an_assignment")
        ]

    def __str__(self) -> str:
        return f"Rubric of {self.grade_id}"


class RubricChange(models.Model):
    """Who changed a rubric that marks hang on, how, and after a release why."""

    rubric = models.ForeignKey(Rubric, on_delete=models.CASCADE, related_name="changes")
    said = models.CharField(max_length=700)
    reason = models.CharField(max_length=500, blank=True)
    marks = models.PositiveIntegerField()
    changed_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return self.said


class RubricGroup(models.Model):
    """Items that belong together. `cap`: all of them together add or take at most so much; None: no limit."""

    rubric = models.ForeignKey(Rubric, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=60)
    cap = models.DecimalField(max_digits=8, decimal_places=3, null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["rubric", "pk"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["rubric", "name"], name="rubric_group_name_is_unique_in_its_rubric"),
            CheckConstraint(condition=Q(cap=None) | Q(cap__gte=0), name="rubric_cap_is_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class RubricItem(models.Model):
    """One thing that an answer does or misses, and its points, signed. Changing it changes every mark that has it."""

    rubric = models.ForeignKey(Rubric, on_delete=models.CASCADE, related_name="items")
    group = models.ForeignKey(RubricGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="items")
    text = models.CharField(max_length=300)
    points = models.DecimalField(max_digits=8, decimal_places=3)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["rubric", "pk"]

    def __str__(self) -> str:
        return self.text


class Mark(models.Model):
    """A person's points for one cell of one submission, or a word. Append-only: the latest counts, the others are history.

    Neither: the one before it was taken back.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="marks")
    grade_id = models.CharField(max_length=120)
    points = models.DecimalField(max_digits=9, decimal_places=4, null=True)
    code = models.CharField(max_length=10, choices=[(code.value, code.value) for code in Code if code], blank=True)
    """A word instead of points; absent has 0 of them, the others have none."""
    comment = models.TextField(blank=True)
    rubric = models.JSONField(null=True, default=None)
    """Keys of the rubric items that apply; `points` were made from them and the adjustment. None: given without a rubric."""
    adjustment = models.DecimalField(max_digits=8, decimal_places=3, default=0)
    batch = models.UUIDField(null=True)
    """What was saved together, so that it can be undone together."""
    by_hand = models.BooleanField(default=True)
    """A person gave it; else it was made from the ballots of a vote."""
    marker = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField(auto_now_add=True)
    several: tuple[str, ...] = ()
    """Names of those whose mean it is, of a talk; such a mark is never stored."""

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            CheckConstraint(condition=Q(points=None) | Q(points__gte=0), name="mark_is_not_negative"),
            CheckConstraint(
                condition=Q(code="")
                | Q(code="absent", points__isnull=False, points=0)
                | Q(code__in=["deferred", "exempt"], points=None),
                name="mark_is_points_or_a_code",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grade_id}: {self.code or self.points}"

    @property
    def given_points(self) -> Decimal:
        """`points` where there are some. Raises ValueError."""
        if self.points is None:
            raise ValueError(f"{self.grade_id} has no points")
        return self.points

    @property
    def said(self) -> str:
        """`72`, `absent`, `no mark`"""
        return self.code or ("no mark" if self.points is None else points_text(self.points))

    @property
    def is_taken_back(self) -> bool:
        """Whether neither points nor a word stand there."""
        return self.points is None and not self.code

    @property
    def given_by(self) -> str:
        """The marker, or all of them."""
        return ", ".join(self.several) or str(self.marker.user)


class ContributionFactor(models.Model):
    """By how much a member's part in a group's work makes their mark differ from the group's. The latest holds. Never edited."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="contribution_factors")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="contribution_factors")
    student = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="contribution_factors")
    factor = models.DecimalField(max_digits=6, decimal_places=4)
    set_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [CheckConstraint(condition=Q(factor__gt=0), name="contribution_factor_is_positive")]

    def __str__(self) -> str:
        return f"{self.student}: × {self.factor}"


class Release(models.Model):
    """The lecturer opened the gate for an assignment at this moment."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="releases")
    released_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField()
    late_policy = models.ForeignKey(LatePolicy, on_delete=models.PROTECT, null=True, related_name="+")
    own_rule = models.JSONField(null=True)
    """The assignment's own late rule, which held instead."""

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.assignment} released"


class ReleasedGrade(models.Model):
    """What one student was shown, frozen: numbers, version, every row, and the sentence that explains them."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="grades")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="released_grades")
    student = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="released_grades")
    auto = models.DecimalField(max_digits=10, decimal_places=3)
    manual = models.DecimalField(max_digits=11, decimal_places=4)
    maximum = models.DecimalField(max_digits=10, decimal_places=3)
    contribution = models.DecimalField(max_digits=6, decimal_places=4, default=1)
    """The member's factor in a group's work."""
    factor = models.DecimalField(max_digits=7, decimal_places=4)
    total = models.DecimalField(max_digits=14, decimal_places=7)
    late_seconds = models.PositiveBigIntegerField()
    sentence = models.CharField(max_length=300)
    rows = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    """Notes on cells, as grading.rows.VisibleNote."""
    ruled = models.DecimalField(max_digits=10, decimal_places=3, null=True)
    """The points that a lecturer's ruling set instead, if one did."""
    code = models.CharField(max_length=10, choices=[(code.value, code.value) for code in Code if code], blank=True)
    """The word that was given instead of a mark; then the numbers say nothing."""

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["release", "submission", "student"], name="released_grade_is_one_per_release"),
            CheckConstraint(
                condition=Q(total__gte=0) & Q(total__lte=F("maximum")), name="released_grade_lies_in_its_maximum"
            ),
        ]

    def __str__(self) -> str:
        return self.sentence
