"""The one gate: what a viewer may know of a piece of work. Every page and every API answer asks here.

Staff in reach see everything. Students see at once what visible tests said of their own work; hidden tests, marks by
people, comments and totals only as a release froze them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from courses.models import Enrolment
from grading.models import Mark, ReleasedGrade, Run, TestResult
from grading.selectors.grades import ItemGrade

WITHHELD = "withheld"
MARKED = "marked"


@dataclass(frozen=True)
class VisibleRow:
    """One graded cell as a viewer may see it. `status` is `withheld` where the release has not come."""

    grade_id: str
    status: str
    points: Decimal
    score: Decimal | None
    message: str = ""
    comment: str = ""
    marker: str = ""

    def as_json(self) -> dict[str, Any]:
        score = None if self.score is None else str(self.score)
        return {**vars(self), "points": str(self.points), "score": score}


@dataclass(frozen=True)
class VisibleResult:
    """What a viewer may know. `sentence` is the whole arithmetic, empty before it may be known."""

    run: Run | None
    rows: Sequence[VisibleRow]
    shown: ReleasedGrade | None
    sentence: str
    sees_everything: bool

    @property
    def score(self) -> Decimal:
        """Points in the rows this viewer may see."""
        return sum((row.score or Decimal() for row in self.rows), Decimal())

    @property
    def points(self) -> Decimal:
        """What could be earned in the rows this viewer may see."""
        return sum((row.points for row in self.rows if row.status != WITHHELD), Decimal())

    @property
    def withheld(self) -> Decimal:
        """Points that are shown only after the release."""
        return sum((row.points for row in self.rows if row.status == WITHHELD), Decimal())


def visible_result(viewer: Enrolment, item: ItemGrade) -> VisibleResult:
    """The result of one submission for one viewer. `item` must be that submission's; the doors see to it."""
    counting = item.history.counting
    shown = item.shown if item.shown and counting and item.shown.submission_id == counting.pk else None
    if viewer.is_staff:
        sentence = item.grade.sentence if item.grade else ""
        return VisibleResult(item.run, full_rows(item), shown, sentence, sees_everything=True)
    if shown:
        rows = [_thawed(row) for row in shown.rows]
        return VisibleResult(item.run, rows, shown, shown.sentence, sees_everything=False)
    rows = [_before_release(result) for result in item.results]
    return VisibleResult(item.run, rows, None, "", sees_everything=False)


def full_rows(item: ItemGrade) -> list[VisibleRow]:
    """Every row with its mark: for staff, and for freezing at release."""
    return [_full(result, item.marks.get(result.grade_id)) for result in item.results]


def shown_total(viewer: Enrolment, item: ItemGrade) -> tuple[Decimal, Decimal] | None:
    """(total, maximum) for lists and standings: as released for students, as it stands for staff. None: nothing yet."""
    if viewer.is_staff and item.grade is not None and item.grade.is_complete:
        return item.grade.total, item.grade.maximum
    if item.shown is not None and not viewer.is_staff:
        return item.shown.total, item.shown.maximum
    return None


def _full(result: TestResult, mark: Mark | None) -> VisibleRow:
    if mark is None:
        return VisibleRow(result.grade_id, result.status, result.points, result.score, result.message)
    return VisibleRow(
        result.grade_id, MARKED, result.points, mark.points, result.message, mark.comment, str(mark.marker.user)
    )


def _before_release(result: TestResult) -> VisibleRow:
    if result.is_hidden or result.status == "needs_review":
        return VisibleRow(result.grade_id, WITHHELD, result.points, None)
    return VisibleRow(result.grade_id, result.status, result.points, result.score, result.message)


def _thawed(row: dict[str, Any]) -> VisibleRow:
    score = None if row["score"] is None else Decimal(row["score"])
    return VisibleRow(**{**row, "points": Decimal(row["points"]), "score": score})
