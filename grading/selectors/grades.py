"""Grades of many students and assignments in a constant number of queries. One route for a page and for a release."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from django.db.models import Exists, OuterRef, Q, QuerySet

from assignments.kinds.registry import kind_of
from assignments.models import Assignment, Submission
from assignments.owners import Owner
from assignments.selectors import History, Key, histories, histories_for, history_of
from courses.models import Enrolment
from courses.policy.lateness import LateRule
from courses.selectors import with_people
from grading.models import (
    ContributionFactor,
    Criterion,
    Mark,
    Note,
    ReleasedGrade,
    RubricItem,
    Ruling,
    Run,
    TestResult,
    Withdrawal,
)
from grading.policy.grade import ONE, Grade, Part, grade_of
from grading.rows import ENTERED_ROW, CriterionRow, Result, VisibleNote, VisibleRow, full_row, row_of, thawed
from grading.selectors.sheets import mean_marks

STORED = Decimal("0.0001")
"""As finely as a released factor is stored."""


@dataclass(frozen=True)
class ItemGrade:
    """Everything staff may know of one owner's work on one assignment; of a group's perhaps as one member has it.

    `student`: for whom this is: the owner, or the member. None: for the whole group.
    """

    owner: Owner
    student: Enrolment | None
    history: History
    run: Run | None = None
    results: Sequence[Result] = ()
    marks: dict[str, Mark] = field(default_factory=dict)
    grade: Grade | None = None
    shown: ReleasedGrade | None = None
    newest: Run | None = None
    rubric_items: Mapping[int, RubricItem] = field(default_factory=dict)
    """Of the assignment, by their keys."""
    ruling: Ruling | None = None
    notes: Sequence[VisibleNote] = ()

    @property
    def code(self) -> str:
        """`absent`, `deferred`, `exempt`, or nothing."""
        return self.ruling.code if self.ruling and self.is_ruled else self.marked_code

    @property
    def is_ruled(self) -> bool:
        """Whether points or a word of the lecturer's stand over what is marked."""
        return self.ruling is not None and (self.ruling.points is not None or bool(self.ruling.code))

    @property
    def marked_code(self) -> str:
        """The word that a marker gave instead of points, where the lecturer ruled nothing."""
        return "" if self.is_ruled else next((mark.code for mark in self.marks.values() if mark.code), "")

    @property
    def is_complete(self) -> bool:
        """Whether it can be shown: every line has points, or a word stands instead."""
        return self.grade is not None and (self.grade.is_complete or bool(self.marked_code))

    @property
    def is_taken_back(self) -> bool:
        """Whether a mark that the student was shown stands there no longer."""
        if self.shown is None or self.is_complete:
            return False
        return any(mark.is_taken_back for mark in self.marks.values())

    @property
    def active(self) -> Run | None:
        """A run that waits or goes on; `run` may then be an older one that is done."""
        return self.newest if self.newest is not None and not self.newest.is_over else None

    @property
    def rows(self) -> list[VisibleRow]:
        """Every row with its mark."""
        return [full_row(result, self.marks.get(result.grade_id), self.rubric_items) for result in self.results]

    @property
    def shown_as_is(self) -> bool:
        """Whether the last release showed exactly this: the version, every row, and the lateness."""
        grade, shown, counting = self.grade, self.shown, self.history.counting
        if grade is None or shown is None or counting is None or shown.submission_id != counting.pk:
            return False
        late_by = timedelta(seconds=shown.late_seconds)
        same_rows = [thawed(row) for row in shown.rows] == self.rows
        same_rows = same_rows and [note.as_json() for note in self.notes] == shown.notes
        same_rows = same_rows and shown.code == self.marked_code
        if not same_rows or (grade.factor.quantize(STORED), grade.late_by) != (shown.factor, late_by):
            return False
        own = self.student is not None  # of a group as a whole no member's contribution or ruling is asked
        return not own or (grade.contribution, grade.ruled) == (shown.contribution, shown.ruled)

    @property
    def is_ready(self) -> bool:
        """Complete, not shown as it is, and no word of the lecturer's, which is told at once, stands instead of it."""
        is_told = self.ruling is not None and bool(self.ruling.code)
        return self.is_complete and not self.shown_as_is and not is_told

    @property
    def raw_percent(self) -> Fraction | None:
        """What the work itself earned, before lateness and contribution; None while it is not marked whole."""
        if self.grade is None or self.grade.waiting or not self.grade.maximum:
            return None
        return Fraction(self.grade.raw) * 100 / Fraction(self.grade.maximum)

    @property
    def needs_review(self) -> bool:
        return self.grade is not None and not self.is_complete

    @property
    def state(self) -> str:
        """One word for lists: `missing`, `talk`, `queued`, `running`, `failed`, `review`, `ready`, `changed`, `released`."""
        if self.history.speaks and (self.grade is None or self.needs_review):
            return "talk"
        if self.history.counting is None:
            return "missing"
        if kind_of(self.history.assignment).has_cells:
            if self.newest is None or self.run is None:
                return "queued"
            if self.newest.state != Run.State.DONE:
                return str(self.newest.state)
        if self.needs_review:
            return "review"
        return "released" if self.shown_as_is else "changed" if self.shown else "ready"


def grades_of(
    assignments: Sequence[Assignment], owners: Sequence[Owner], rule: LateRule | None = None
) -> dict[Key, ItemGrade]:
    """(assignment pk, owner pk) → what is known. All assignments must belong to one course.

    The owners are all students or all groups, as the assignments ask. `rule`: as if this were the course's late rule.
    """
    known = histories(assignments, owners, rule)
    students = [owner if isinstance(owner, Enrolment) else None for owner in owners]
    rows = [(a.pk, owner.pk, student) for a in assignments for owner, student in zip(owners, students, strict=True)]
    return _items(assignments, {(a, owner): (known[a, owner], student) for a, owner, student in rows})


def grades_for(
    assignments: Sequence[Assignment], students: Sequence[Enrolment], rule: LateRule | None = None
) -> dict[Key, ItemGrade]:
    """(assignment pk, student pk) → what is known of what counts for each student, alone or in a group."""
    known = histories_for(assignments, students, rule)
    people = {student.pk: student for student in students}
    return _items(assignments, {key: (history, people[key[1]]) for key, history in known.items()})


def _items(
    assignments: Sequence[Assignment], known: Mapping[Key, tuple[History, Enrolment | None]]
) -> dict[Key, ItemGrade]:
    counting = {history.counting.pk for history, _ in known.values() if history.counting}
    newest, showing = _latest_runs(counting)
    results = _results(showing.values())
    criteria = _criteria(assignments)
    marks = marks_of([history.counting for history, _ in known.values() if history.counting], criteria)
    students = {student.pk: student for _, student in known.values() if student is not None}
    shown = _shown(assignments, list(students.values()), counting)
    rubric_items = _rubric_items(assignments)
    rulings = _rulings(assignments, list(students.values()))
    notes = _notes(counting)
    factors = _factors(assignments, list(students.values()))
    items = {}
    for key, (history, student) in known.items():
        pk = history.counting.pk if history.counting else 0
        run = showing.get(pk)
        rows: Sequence[Result] = criteria[key[0]] if key[0] in criteria and pk else results[run.pk] if run else ()
        ruling = rulings.get(key) if student is not None else None
        items[key] = ItemGrade(
            history.owner,
            student,
            history,
            run,
            rows,
            marks[pk],
            _grade(history, rows, marks[pk], ruling, factors.get((*key, history.owner.pk), ONE) if student else ONE),
            shown.get(key) if student is not None else shown.get((0, pk)),
            newest.get(pk),
            rubric_items,
            ruling,
            notes[pk],
        )
    return items


def item_of(submission: Submission, viewer: Enrolment | None = None) -> ItemGrade:
    """One version, whether or not it counts: as if it did, so that its own lateness and marks show.

    `viewer`: a student sees what they were shown of a group's work.
    """
    owner = submission.owner
    student = owner if isinstance(owner, Enrolment) else viewer if viewer and not viewer.is_staff else None
    history = replace(history_of(submission.assignment, owner), counting=submission)
    key = (submission.assignment_id, student.pk if student is not None else owner.pk)
    item = _items([submission.assignment], {key: (history, student)})[key]
    shown = shown_grades().filter(submission=submission, **({} if student is None else {"student": student}))
    return replace(item, shown=shown.select_related("release").order_by("pk").last())


def shown_grades() -> QuerySet[ReleasedGrade]:
    """What was released and has not been taken back."""
    taken_back = Withdrawal.objects.filter(
        Q(student=None) | Q(student=OuterRef("student")),
        assignment=OuterRef("release__assignment"),
        up_to__gte=OuterRef("pk"),
    )
    return ReleasedGrade.objects.exclude(Exists(taken_back))


def review_began(submission: Submission) -> bool:
    """Whether a person has marked anything in it."""
    return Mark.objects.filter(submission=submission).exists()


def _criteria(assignments: Sequence[Assignment]) -> dict[int, list[CriterionRow]]:
    """Assignment pk → what its work is marked by, where that is no cells."""
    entered = {each.pk: [ENTERED_ROW] for each in assignments if not kind_of(each).is_handed_in}
    found: dict[int, list[CriterionRow]] = {
        each.pk: [] for each in assignments if not kind_of(each).has_cells and each.pk not in entered
    }
    if found:
        for criterion in Criterion.objects.filter(assignment__in=found, retired_at=None):
            found[criterion.assignment_id].append(row_of(criterion))
    return found | entered


def _grade(
    history: History, results: Sequence[Result], marks: dict[str, Mark], ruling: Ruling | None, contribution: Decimal
) -> Grade | None:
    if not results:
        return None
    parts = [
        Part(r.grade_id, r.points, r.score, marks[r.grade_id].points if r.grade_id in marks else None) for r in results
    ]
    grade = grade_of(
        parts, factor=history.factor, late_by=history.late_by, basis=history.rule.basis, contribution=contribution
    )
    return replace(grade, ruled=ruling.points) if ruling else grade


def _notes(submissions: Iterable[int]) -> dict[int, list[VisibleNote]]:
    found: dict[int, list[VisibleNote]] = defaultdict(list)
    rows = Note.objects.filter(submission__in=list(submissions), withdrawn_at=None).select_related("author__user")
    for row in rows:
        found[row.submission_id].append(
            VisibleNote(
                row.cell or 0, row.output, row.text, str(row.author.user), row.pk,
                page=row.page or 0, place=row.place, file=row.file, line=row.line or 0,
            )
        )  # fmt: skip
    return found


def _rulings(assignments: Sequence[Assignment], students: Sequence[Enrolment]) -> dict[tuple[int, int], Ruling]:
    rows = Ruling.objects.filter(assignment__in=assignments, student__in=students).order_by("pk")
    return {(row.assignment_id, row.student_id): row for row in rows}


def _latest_runs(submissions: Iterable[int]) -> tuple[dict[int, Run], dict[int, Run]]:
    """Submission pk → its newest run, and → the one whose results show: a run that waits hides no older results."""
    newest: dict[int, Run] = {}
    showing: dict[int, Run] = {}
    for run in Run.objects.filter(submission__in=submissions).defer("report").order_by("pk"):
        key = run.submission_id or 0
        newest[key] = run
        if run.state == Run.State.DONE or key not in showing or showing[key].state != Run.State.DONE:
            showing[key] = run
    return newest, showing


def _results(runs: Iterable[Run]) -> dict[int, list[TestResult]]:
    found: dict[int, list[TestResult]] = defaultdict(list)
    for row in TestResult.objects.filter(run__in=[run.pk for run in runs]).order_by("run", "position"):
        found[row.run_id].append(row)
    return found


def marks_of(
    submissions: Iterable[Submission], criteria: Mapping[int, Sequence[CriterionRow]]
) -> dict[int, dict[str, Mark]]:
    """Submission pk → grade id → the mark that holds: the latest; of a talk the mean of the markers' whole sheets.

    `criteria`: assignment pk → its lines.
    """
    here = {submission.pk: submission for submission in submissions}
    found: dict[int, dict[str, Mark]] = defaultdict(dict)
    sheets: dict[int, list[Mark]] = defaultdict(list)
    for mark in with_people(Mark.objects.filter(submission__in=here).order_by("pk"), "marker"):
        if here[mark.submission_id].is_talk:
            sheets[mark.submission_id].append(mark)
        else:
            found[mark.submission_id][mark.grade_id] = mark
    for pk, marks in sheets.items():
        found[pk] = mean_marks(marks, [row.grade_id for row in criteria.get(here[pk].assignment_id, ())])
    return found


def _factors(assignments: Sequence[Assignment], students: Sequence[Enrolment]) -> dict[tuple[int, int, int], Decimal]:
    """(assignment pk, student pk, group pk) → what the member's contribution makes of the group's mark."""
    shared = [assignment for assignment in assignments if assignment.group_set_id is not None]
    if not shared or not students:
        return {}
    rows = ContributionFactor.objects.filter(assignment__in=shared, student__in=students).order_by("pk")
    return {(row.assignment_id, row.student_id, row.group_id): row.factor for row in rows}


def _rubric_items(assignments: Sequence[Assignment]) -> dict[int, RubricItem]:
    return {item.pk: item for item in RubricItem.objects.filter(rubric__assignment__in=assignments)}


def _shown(
    assignments: Sequence[Assignment], students: Sequence[Enrolment], submissions: Iterable[int]
) -> dict[Key, ReleasedGrade]:
    """(assignment pk, student pk) → what each was shown last; (0, submission pk) → what anybody was shown last of one."""
    here = shown_grades().filter(release__assignment__in=assignments)
    rows = here.filter(Q(student__in=students) | Q(submission__in=submissions, submission__student=None))
    found: dict[Key, ReleasedGrade] = {}
    for row in rows.select_related("release", "submission").order_by("pk"):
        found[row.release.assignment_id, row.student_id] = row
        found[0, row.submission_id] = row
    return found
