"""What workers do to submissions, what came of it, the pages made, and who works. A run is the queue entry of its own work."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from assignments.models import Assignment, InstructorNotebook, Submission
from courses.models import StoredFile
from grading.models.marks import ReleasedGrade


class Run(models.Model):
    """One grading of a notebook, one check of an instructor notebook (no submission), or one look at a PDF (no notebook).

    The row is the queue. `attempt` fences: a result is written only by the worker whose attempt it still is.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed, ours"

    notebook = models.ForeignKey(InstructorNotebook, on_delete=models.PROTECT, null=True, related_name="runs")
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
    executed = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    """The notebook as it ran, hidden tests and all: for staff."""

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
                condition=Q(notebook__isnull=False) | Q(submission__isnull=False), name="run_is_of_something"
            ),
            CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False), name="run_has_a_lease_when_running"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "nudged_at"], name="run_by_state")]

    def __str__(self) -> str:
        return f"Run {self.pk} ({self.state})"

    @property
    def assignment(self) -> Assignment:
        """Whose worker's time it is. Raises ValueError for a run of nothing."""
        if self.notebook is not None:
            return self.notebook.assignment
        if self.submission is not None:
            return self.submission.assignment
        raise ValueError(f"{self} is of nothing")

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


class RunRendering(models.Model):
    """The same of a run: the notebook as it ran here."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="renderings")
    renderer = models.PositiveSmallIntegerField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    problem = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["run", "renderer"], name="run_rendering_is_one_per_run_and_renderer"),
            CheckConstraint(condition=Q(file=None) ^ Q(problem=""), name="run_rendering_is_shown_or_says_why_not"),
        ]

    def __str__(self) -> str:
        return f"{self.run} as HTML"


class FeedbackBody(models.Model):
    """The notebook of a released grade with what was said of it, as HTML to keep. No file: it cannot be made."""

    released = models.OneToOneField(ReleasedGrade, on_delete=models.CASCADE, related_name="feedback_body")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Feedback on {self.released}"


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


class Recomputation(models.Model):
    """Every released grade was reckoned again by another route: how many there were, and which came out otherwise."""

    checked_at = models.DateTimeField()
    grades = models.PositiveIntegerField()
    different = models.PositiveIntegerField()
    differences = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.different} of {self.grades} differ"
