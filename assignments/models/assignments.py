"""What is asked, by when, and by whom it is handed in."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from assignments.policy import format_sentence
from courses.models import Course, Enrolment, StoredFile
from courses.policy.late_rule_json import rule_from_json
from courses.policy.lateness import LateRule
from groups.models import GroupSet

MOST_MINUTES = 60
MOST_MEMORY_GIB = 64
MOST_ATTEMPTS = 100


class Queue(models.TextChoices):
    """Which workers grade an assignment: the names of Celery's queues."""

    GRADING = "grading", "any worker"
    GPU = "gpu", "a worker with a GPU"


class Kind:
    """What is handed in, where something beside `assignments.kinds` speaks of one kind: the registry there has them all."""

    NOTEBOOK = "notebook"
    PAPER = "paper"
    ENTERED = "entered"


class WithCode(models.TextChoices):
    """Whether a paper asks for its code beside it: files, or a zip."""

    NO = "", "no"
    OPTIONAL = "optional", "may be handed in"
    REQUIRED = "required", "must be handed in"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Assignments by what is handed in."""

    def listed(self) -> Self:
        """What is to be done, or was: not what is archived."""
        return self.filter(archived_at=None)

    def notebooks(self) -> Self:
        return self.filter(kind=Kind.NOTEBOOK)

    def stages(self) -> Self:
        """What a project's groups hand in, in order. (`project`: the room above hangs on the set of groups.)"""
        return self.filter(kind=Kind.PAPER, group_set__project__isnull=False).order_by("position", "pk")

    def handed_in(self) -> Self:
        """What students or groups hand in."""
        return self.exclude(kind=Kind.ENTERED)

    def outside_projects(self) -> Self:
        """The same without the stages of a project."""
        return self.handed_in().filter(~Q(kind=Kind.PAPER) | Q(group_set__project__isnull=True))

    def entered(self) -> Self:
        """Exams, talks, demos, in the order in which they were made."""
        return self.filter(kind=Kind.ENTERED).order_by("pk")


class Assignment(models.Model):
    """One thing that is asked and marked. Instants are in UTC; `due_at` is the last second that is on time.

    `group_set`: whose groups hand it in; None: each student alone. `opens_at` None: open from the start.
    `opens_when` and the like are the words that an instant was made from ("week 8"); empty where one was picked.
    `late_rule`: its own, as in course files; None: the course's.
    `archived_at`: it takes nothing more and stands in no list of what is to be done.
    `attempts`: so many versions are taken of each; None: any number. `minutes` and `memory_gib` limit the run of one
    notebook. `questions` are those that work without cells must answer; `format_rules` as in `docs/course.schema.json`.
    """

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="assignments")
    slug = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, default=Kind.NOTEBOOK)
    group_set = models.ForeignKey(
        GroupSet, on_delete=models.RESTRICT, null=True, blank=True, related_name="assignments"
    )
    position = models.PositiveSmallIntegerField(default=1)
    opens_at = models.DateTimeField("opens", null=True)
    due_at = models.DateTimeField("due", null=True)
    closes_at = models.DateTimeField("closes", null=True, blank=True)
    opens_when = models.CharField(max_length=40, blank=True)
    due_when = models.CharField(max_length=40, blank=True)
    closes_when = models.CharField(max_length=40, blank=True)
    description = models.TextField(blank=True)
    queue = models.CharField("runs on", max_length=20, choices=Queue, default=Queue.GRADING)
    minutes = models.PositiveSmallIntegerField("time limit", default=5)
    memory_gib = models.PositiveSmallIntegerField("memory", default=2)
    attempts = models.PositiveSmallIntegerField("versions taken", null=True, blank=True)
    is_anonymous = models.BooleanField("mark without names", default=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    late_rule = models.JSONField(null=True, blank=True)
    questions = models.JSONField(default=list, blank=True)
    with_code = models.CharField("code beside it", max_length=10, choices=WithCode, blank=True, default=WithCode.NO)
    format_rules = models.JSONField(default=dict, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "due_at", "pk"]
        constraints: ClassVar = [
            CheckConstraint(condition=~Q(kind=""), name="assignment_is_of_a_kind"),
            CheckConstraint(
                condition=Q(kind="entered", due_at=None, opens_at=None, closes_at=None)
                | (~Q(kind="entered") & Q(due_at__isnull=False)),
                name="what_is_handed_in_is_due_some_time",
            ),
            UniqueConstraint(
                fields=["course", "title"],
                condition=Q(kind="entered"),
                name="entered_mark_title_is_unique_in_its_course",
            ),
            CheckConstraint(condition=Q(minutes__range=(1, MOST_MINUTES)), name="a_notebook_runs_for_at_most_an_hour"),
            CheckConstraint(
                condition=Q(attempts=None) | Q(attempts__range=(1, MOST_ATTEMPTS)), name="assignment_takes_some_version"
            ),
            CheckConstraint(condition=Q(memory_gib__range=(1, MOST_MEMORY_GIB)), name="a_notebook_has_a_memory_limit"),
            UniqueConstraint(fields=["course", "slug"], name="assignment_slug_is_unique_in_its_course"),
            CheckConstraint(
                condition=Q(opens_at=None) | Q(due_at__gt=F("opens_at")), name="assignment_is_due_after_it_opens"
            ),
            CheckConstraint(
                condition=Q(closes_at=None) | Q(closes_at__gte=F("due_at")), name="assignment_closes_after_it_is_due"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def deadline(self) -> datetime:
        """`due_at` of what is handed in. Raises ValueError for entered marks."""
        if self.due_at is None:
            raise ValueError(f"{self} is never due")
        return self.due_at

    @property
    def groups(self) -> GroupSet:
        """The set whose groups hand it in. Raises ValueError where each student works alone."""
        if self.group_set is None:
            raise ValueError(f"{self} is handed in by students")
        return self.group_set

    @property
    def own_rule(self) -> LateRule | None:
        """Its own late rule, which has no slip days; None: the course's holds."""
        return None if self.late_rule is None else rule_from_json(self.late_rule)

    def has_opened(self, at: datetime) -> bool:
        """Whether students may know of it."""
        return self.opens_at is None or self.opens_at <= at

    @property
    def format_sentence(self) -> str:
        """The format of what is handed in, in one line."""
        return format_sentence(self.format_rules)


class DataFile(models.Model):
    """A data set of an assignment: students' notebooks find it read-only as `data/<name>`."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="data_files")
    name = models.CharField(max_length=100)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    attached_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    attached_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["assignment", "name"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["assignment", "name"], name="data_file_name_is_unique_in_its_assignment")
        ]

    def __str__(self) -> str:
        return self.name


class InstructorNotebook(models.Model):
    """One version of the instructor's notebook, and the student version made from it. The latest one is used."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="notebooks")
    version = models.PositiveIntegerField()
    source = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    student_version = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    original_name = models.CharField(max_length=200)
    max_points = models.DecimalField(max_digits=8, decimal_places=3)
    uploaded_by = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["assignment", "version"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["assignment", "version"], name="notebook_version_is_unique_in_its_assignment")
        ]

    def __str__(self) -> str:
        return f"{self.assignment}: notebook v{self.version}"


class GradedCell(models.Model):
    """A cell with points. `is_hidden`: part of it is kept from students until release."""

    class CellRole(models.TextChoices):
        TESTS = "tests", "Tests"
        MANUAL = "manual", "Marked by a person"
        TASK = "task", "Task"

    notebook = models.ForeignKey(InstructorNotebook, on_delete=models.CASCADE, related_name="cells")
    grade_id = models.CharField(max_length=120)
    role = models.CharField(max_length=10, choices=CellRole)
    points = models.DecimalField(max_digits=8, decimal_places=3)
    is_hidden = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["notebook", "position"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["notebook", "grade_id"], name="graded_cell_id_is_unique_in_its_notebook"),
            CheckConstraint(condition=Q(role__in=["tests", "manual", "task"]), name="graded_cell_role_is_known"),
            CheckConstraint(condition=Q(points__gte=0), name="graded_cell_points_are_not_negative"),
        ]

    def __str__(self) -> str:
        return self.grade_id
