"""The one gate: what a viewer may know of a piece of work. Every page and every API answer asks here.

Staff in reach see everything. Students see at once what visible tests said of their own work; hidden tests, marks by
people, comments and totals only as a release froze them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import Http404

from assignments.anonymity import is_masked
from assignments.kinds.registry import kind_of
from courses.models import Enrolment
from grading.models import ReleasedGrade, Run
from grading.rows import WITHHELD, Result, VisibleNote, VisibleRow, thawed, title_of
from grading.selectors.grades import ItemGrade


@dataclass(frozen=True)
class VisibleResult:
    """What a viewer may know. `sentence` is the whole arithmetic, empty before it may be known."""

    run: Run | None
    active: Run | None
    rows: Sequence[VisibleRow]
    shown: ReleasedGrade | None
    sentence: str
    sees_everything: bool
    notes: Sequence[VisibleNote] = ()

    code: str = ""
    """The word that stands instead of a mark, as far as this viewer may know."""

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


def result_or_404(viewer: Enrolment, item: ItemGrade) -> VisibleResult:
    """The same of what there is: to a student no entered mark exists before it is released."""
    result = visible_result(viewer, item)
    if not (viewer.is_staff or result.shown or kind_of(item.history.assignment).is_handed_in):
        raise Http404("Nothing of it was released")
    return result


def visible_result(viewer: Enrolment, item: ItemGrade) -> VisibleResult:
    """The result of one submission for one viewer. `item` must be that submission's; the doors see to it."""
    counting, code = item.history.counting, shown_code(viewer, item)
    shown = item.shown if item.shown and counting and item.shown.submission_id == counting.pk else None
    if viewer.is_staff:
        sentence = item.grade.sentence if item.grade else ""
        return VisibleResult(
            item.run, item.active, item.rows, shown, sentence, sees_everything=True, notes=item.notes, code=code
        )
    if shown:
        rows = [thawed(row) for row in shown.rows]
        notes = [VisibleNote(**note) for note in shown.notes]
        return VisibleResult(
            item.run, item.active, rows, shown, shown.sentence, sees_everything=False, notes=notes, code=code
        )
    rows = [_before_release(result) for result in item.results]
    return VisibleResult(item.run, item.active, rows, None, "", sees_everything=False, code=code)


def shown_total(viewer: Enrolment, item: ItemGrade) -> tuple[Decimal, Decimal] | None:
    """(total, maximum) for lists and standings: as released for students, as it stands for staff. None: nothing yet."""
    if is_masked(viewer, item.history.assignment):
        return None  # beside a name in the gradebook it would tell whose marked work is whose
    if viewer.is_staff and item.grade is not None and item.grade.is_complete:
        return item.grade.total, item.grade.maximum
    if item.shown is not None and not viewer.is_staff and not item.shown.code:
        return item.shown.total, item.shown.maximum
    return None


def shown_code(viewer: Enrolment, item: ItemGrade) -> str:
    """A word that stands instead of a mark: the lecturer's, told at once; a marker's under the same rule as a total."""
    if viewer.is_staff or item.is_ruled:
        return item.code
    return item.shown.code if item.shown is not None else ""


def _before_release(result: Result) -> VisibleRow:
    if result.is_hidden or result.status == "needs_review":
        return VisibleRow(
            result.grade_id, WITHHELD, result.points, None, by_hand=result.by_hand, title=title_of(result)
        )
    return VisibleRow(
        result.grade_id, result.status, result.points, result.score, result.message, by_hand=result.by_hand
    )
