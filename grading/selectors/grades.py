"""Grades of many students and assignments in a constant number of queries. One route for a page and for a release."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from assignments.models import Assignment, Submission
from assignments.selectors import History, histories, history_of
from courses.models import Enrolment
from grading.models import Mark, ReleasedGrade, Run, TestResult
from grading.policy.grade import Grade, Part, grade_of


@dataclass(frozen=True)
class ItemGrade:
    """Everything staff may know of one student's work on one assignment."""

    student: Enrolment
    history: History
    run: Run | None = None
    results: Sequence[TestResult] = ()
    marks: dict[str, Mark] = field(default_factory=dict)
    grade: Grade | None = None
    shown: ReleasedGrade | None = None

    @property
    def shown_as_is(self) -> bool:
        """Whether the last release showed exactly this grade of this version."""
        grade, shown, counting = self.grade, self.shown, self.history.counting
        if grade is None or shown is None or counting is None:
            return False
        now = (counting.pk, grade.auto, grade.manual, grade.factor, grade.late_by)
        late_by = timedelta(seconds=shown.late_seconds)
        return now == (shown.submission_id, shown.auto, shown.manual, shown.factor, late_by)

    @property
    def needs_review(self) -> bool:
        return self.grade is not None and not self.grade.is_complete

    @property
    def state(self) -> str:
        """One word for lists: `missing`, `queued`, `running`, `failed`, `review`, `ready`, `changed`, `released`."""
        if self.history.counting is None:
            return "missing"
        if self.run is None:
            return "queued"
        if self.run.state != Run.State.DONE:
            return str(self.run.state)
        if self.needs_review:
            return "review"
        return "released" if self.shown_as_is else "changed" if self.shown else "ready"


def grades_of(assignments: Sequence[Assignment], students: Sequence[Enrolment]) -> dict[tuple[int, int], ItemGrade]:
    """(assignment pk, student pk) → what is known. All assignments must belong to one course."""
    found = histories(assignments, students)
    counting = [h.counting.pk for h in found.values() if h.counting]
    runs = _latest_runs(counting)
    results = _results(runs.values())
    marks = _marks(counting)
    shown = _shown(assignments, students)
    items = {}
    for a in assignments:
        for s in students:
            history = found[a.pk, s.pk]
            pk = history.counting.pk if history.counting else 0
            run = runs.get(pk)
            rows = results[run.pk] if run else []
            items[a.pk, s.pk] = _item(s, history, run, rows, marks[pk], shown.get((a.pk, s.pk)))
    return items


def item_of(submission: Submission) -> ItemGrade:
    """One version, whether or not it counts: as if it did, so that its own lateness and marks show."""
    history = replace(history_of(submission.assignment, submission.student), counting=submission)
    run = _latest_runs([submission.pk]).get(submission.pk)
    rows = _results([run])[run.pk] if run else []
    shown = ReleasedGrade.objects.filter(submission=submission).select_related("release").order_by("pk").last()
    return _item(submission.student, history, run, rows, _marks([submission.pk])[submission.pk], shown)


def review_began(submission: Submission) -> bool:
    """Whether a person has marked anything in it."""
    return Mark.objects.filter(submission=submission).exists()


def _item(
    student: Enrolment,
    history: History,
    run: Run | None,
    results: Sequence[TestResult],
    marks: dict[str, Mark],
    shown: ReleasedGrade | None,
) -> ItemGrade:
    grade = _grade(history, results, marks) if results else None
    return ItemGrade(student, history, run, results, marks, grade, shown)


def _grade(history: History, results: Sequence[TestResult], marks: dict[str, Mark]) -> Grade:
    parts = [
        Part(r.grade_id, r.points, r.score, marks[r.grade_id].points if r.grade_id in marks else None) for r in results
    ]
    return grade_of(parts, factor=history.factor, late_by=history.late_by)


def _latest_runs(submissions: Iterable[int]) -> dict[int, Run]:
    """Submission pk → its newest run; a newer run that waits does not hide what an older one found."""
    newest: dict[int, Run] = {}
    for run in Run.objects.filter(submission__in=submissions).defer("report").order_by("pk"):
        key = run.submission_id or 0
        done = run.state == Run.State.DONE
        if done or key not in newest or newest[key].state != Run.State.DONE:
            newest[key] = run
    return newest


def _results(runs: Iterable[Run]) -> dict[int, list[TestResult]]:
    found: dict[int, list[TestResult]] = defaultdict(list)
    for row in TestResult.objects.filter(run__in=[run.pk for run in runs]).order_by("run", "position"):
        found[row.run_id].append(row)
    return found


def _marks(submissions: Iterable[int]) -> dict[int, dict[str, Mark]]:
    found: dict[int, dict[str, Mark]] = defaultdict(dict)
    for mark in Mark.objects.filter(submission__in=submissions).select_related("marker__user").order_by("pk"):
        found[mark.submission_id][mark.grade_id] = mark
    return found


def _shown(assignments: Sequence[Assignment], students: Sequence[Enrolment]) -> dict[tuple[int, int], ReleasedGrade]:
    rows = ReleasedGrade.objects.filter(release__assignment__in=assignments, submission__student__in=students)
    return {
        (row.release.assignment_id, row.submission.student_id): row
        for row in rows.select_related("release", "submission").order_by("pk")
    }
