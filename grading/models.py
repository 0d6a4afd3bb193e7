"""Runs, marks, schemes, releases. A run is the queue entry of its own work; marks and released grades are never edited."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from assignments.models import Assignment, InstructorNotebook, Submission
from courses.models import Course, Enrolment, LatePolicy, StoredFile
from projects.models import Stage


class Run(models.Model):
    """One grading of one submission, or one check of an instructor notebook (then there is no submission).

    The row is the queue. `attempt` fences: a result is written only by the worker whose attempt it still is.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed, ours"

    notebook = models.ForeignKey(InstructorNotebook, on_delete=models.PROTECT, related_name="runs")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, null=True, related_name="runs")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    queued_at = models.DateTimeField()
    nudged_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=20, blank=True)
    message = models.CharField(max_length=1000, blank=True)
    report = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["submission"],
                condition=Q(state__in=["queued", "running"]),
                name="run_is_one_active_per_submission",
            ),
            CheckConstraint(condition=Q(state__in=["queued", "running", "done", "failed"]), name="run_state_is_known"),
            CheckConstraint(condition=Q(state="done") ^ Q(verdict=""), name="run_has_a_verdict_when_done"),
            CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False), name="run_has_a_lease_when_running"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "nudged_at"], name="run_by_state")]

    def __str__(self) -> str:
        return f"Run {self.pk} ({self.state})"

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)


class TestResult(models.Model):
    """What one run said of one graded cell. `by_hand`: a person marks it; then `score` is None unless nothing was written."""

    __test__ = False  # the field's own word, not a pytest class

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="results")
    grade_id = models.CharField(max_length=120)
    status = models.CharField(max_length=20)
    points = models.DecimalField(max_digits=8, decimal_places=3)
    score = models.DecimalField(max_digits=8, decimal_places=3, null=True)
    message = models.CharField(max_length=600, blank=True)
    is_hidden = models.BooleanField(default=False)
    by_hand = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["run", "position"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["run", "grade_id"], name="test_result_is_one_per_cell_and_run"),
            CheckConstraint(
                condition=Q(score=None) | (Q(score__gte=0) & Q(score__lte=F("points"))),
                name="test_result_lies_in_its_points",
            ),
            CheckConstraint(
                condition=Q(status__in=["passed", "failed", "partial", "needs_review", "not_run"]),
                name="test_result_status_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grade_id}: {self.status}"


class Mark(models.Model):
    """A person's points for one cell of one submission. Append-only: the latest counts, the others are history."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="marks")
    grade_id = models.CharField(max_length=120)
    points = models.DecimalField(max_digits=8, decimal_places=3)
    comment = models.TextField(blank=True)
    marker = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [CheckConstraint(condition=Q(points__gte=0), name="mark_is_not_negative")]

    def __str__(self) -> str:
        return f"{self.grade_id}: {self.points}"


class Scheme(models.Model):
    """One version of how a course's total is made. The latest published version holds."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="schemes")
    version = models.PositiveIntegerField()
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["course", "version"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["course", "version"], name="scheme_version_is_unique_in_its_course")
        ]

    def __str__(self) -> str:
        return f"{self.course}: scheme v{self.version}"


class EnteredItem(models.Model):
    """Something whose marks people enter: an exam, a talk, a demo. It outlives the versions of a scheme."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="entered_items")
    name = models.CharField(max_length=120)

    class Meta:
        ordering: ClassVar = ["course", "pk"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["course", "name"], name="entered_item_name_is_unique_in_its_course")
        ]

    def __str__(self) -> str:
        return self.name


class Component(models.Model):
    """A node of the tree: a group, or a leaf that is an assignment, a project stage, or a mark entered by hand.

    `drop`, `best`, `better_of`, `minimum`: as in grading.policy.totals.Node.
    """

    class Kind(models.TextChoices):
        GROUP = "group", "Group"
        ASSIGNMENT = "assignment", "Assignment"
        STAGE = "stage", "Project stage"
        ENTERED = "entered", "Entered mark"

    scheme = models.ForeignKey(Scheme, on_delete=models.CASCADE, related_name="components")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="children")
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=120)
    weight = models.DecimalField(max_digits=7, decimal_places=4)
    optional = models.CharField(max_length=30, default="no")
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, null=True, related_name="components")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, null=True, related_name="components")
    entered = models.ForeignKey(EnteredItem, on_delete=models.PROTECT, null=True, related_name="components")
    drop = models.PositiveSmallIntegerField(default=0)
    best = models.PositiveSmallIntegerField(default=0)
    better_of = models.BooleanField(default=False)
    minimum = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["scheme", "position", "pk"]
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(kind="assignment", assignment__isnull=False)
                | (~Q(kind="assignment") & Q(assignment__isnull=True)),
                name="component_has_an_assignment_iff_it_is_one",
            ),
            CheckConstraint(
                condition=Q(kind="stage", stage__isnull=False) | (~Q(kind="stage") & Q(stage__isnull=True)),
                name="component_has_a_stage_iff_it_is_one",
            ),
            CheckConstraint(
                condition=Q(kind="entered", entered__isnull=False) | (~Q(kind="entered") & Q(entered__isnull=True)),
                name="component_has_an_item_iff_it_is_entered",
            ),
            CheckConstraint(condition=Q(weight__gte=0) & Q(weight__lte=100), name="component_weight_is_a_percentage"),
            CheckConstraint(
                condition=Q(kind__in=["group", "assignment", "stage", "entered"]), name="component_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EnteredMark(models.Model):
    """A mark that a person entered, in percent of the full mark. Append-only: the latest counts, empty takes it back.

    `received_at`: when the work came in, where the late rule applies to it; None: it was on time, or is no such work.
    """

    item = models.ForeignKey(EnteredItem, on_delete=models.PROTECT, null=True, related_name="marks")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, null=True, related_name="marks")
    student = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="entered_marks")
    percent = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    received_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)
    marker = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            CheckConstraint(condition=Q(item=None) ^ Q(stage=None), name="entered_mark_is_for_an_item_or_a_stage"),
            CheckConstraint(
                condition=Q(percent=None) | Q(percent__range=(0, 100)), name="entered_mark_is_a_percentage"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item or self.stage}: {self.percent}"


class MarkRelease(models.Model):
    """The lecturer showed the entered marks of one item or stage, up to and including the mark numbered `up_to`."""

    item = models.ForeignKey(EnteredItem, on_delete=models.PROTECT, null=True, related_name="releases")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, null=True, related_name="releases")
    up_to = models.PositiveBigIntegerField()
    late_policy = models.ForeignKey(LatePolicy, on_delete=models.PROTECT, null=True, related_name="+")
    released_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            CheckConstraint(condition=Q(item=None) ^ Q(stage=None), name="mark_release_is_for_an_item_or_a_stage"),
        ]

    def __str__(self) -> str:
        return f"{self.item or self.stage} released"


class Release(models.Model):
    """The lecturer opened the gate for an assignment at this moment."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="releases")
    released_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField()
    late_policy = models.ForeignKey(LatePolicy, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.assignment} released"


class ReleasedGrade(models.Model):
    """What one student was shown, frozen: numbers, version, every row, and the sentence that explains them."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="grades")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="released_grades")
    auto = models.DecimalField(max_digits=10, decimal_places=3)
    manual = models.DecimalField(max_digits=10, decimal_places=3)
    maximum = models.DecimalField(max_digits=10, decimal_places=3)
    factor = models.DecimalField(max_digits=7, decimal_places=4)
    total = models.DecimalField(max_digits=14, decimal_places=7)
    late_seconds = models.PositiveBigIntegerField()
    sentence = models.CharField(max_length=300)
    rows = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["release", "submission"], name="released_grade_is_one_per_release"),
            CheckConstraint(
                condition=Q(total__gte=0) & Q(total__lte=F("maximum")), name="released_grade_lies_in_its_maximum"
            ),
        ]

    def __str__(self) -> str:
        return self.sentence


class Worker(models.Model):
    """A worker host as it last spoke: whether its sandbox is closed, and which walls hold. An open one grades nothing."""

    name = models.CharField(max_length=200, unique=True)
    seen_at = models.DateTimeField()
    tier = models.CharField(max_length=10)
    is_closed = models.BooleanField()
    has_gpu = models.BooleanField(default=False)
    walls = models.JSONField(default=dict)
    message = models.CharField(max_length=1000, blank=True)

    WITHOUT_NAMESPACES = "C"
    """The tier with the weaker walls."""

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Rollover(models.Model):
    """A course was made from another one. `report`: lists of sentences, as grading.rollover.make.Report."""

    course = models.OneToOneField(Course, on_delete=models.CASCADE, related_name="rollover")
    source = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="rolled_over")
    report = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.course} from {self.source}"


class Rendering(models.Model):
    """A submission as HTML, by one version of the renderer. No file: `problem` says why it cannot be shown."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="renderings")
    renderer = models.PositiveSmallIntegerField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    problem = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["submission", "renderer"], name="rendering_is_one_per_submission_and_renderer"),
            CheckConstraint(condition=Q(file=None) ^ Q(problem=""), name="rendering_is_shown_or_says_why_not"),
        ]

    def __str__(self) -> str:
        return f"{self.submission} as HTML"
