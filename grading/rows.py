"""One graded cell as people see it; the same shape on a page, in a release that froze it, and in the API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from courses.policy.rounding import rounded
from courses.policy.words import points_text
from grading.models import Criterion, Mark, RubricItem, TestResult

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
    by_hand: bool = False
    rubric: tuple[tuple[str, str], ...] = ()
    """What applied, and its points with their sign."""
    title: str = ""
    """What is asked, where the id does not say it."""

    @property
    def name(self) -> str:
        """What is asked there, or the cell's id."""
        return self.title or self.grade_id

    @property
    def shown_as(self) -> str:
        """`status`, except that a question left open is no failed test."""
        return "unanswered" if self.by_hand and self.status == "failed" else self.status

    def as_json(self) -> dict[str, Any]:
        score = None if self.score is None else str(self.score)
        return {**vars(self), "points": str(self.points), "score": score}


@dataclass(frozen=True)
class CriterionRow:
    """One thing that is marked by people alone, in the shape of what a run says of a cell."""

    grade_id: str
    points: Decimal
    title: str
    status: str = "needs_review"
    score: Decimal | None = None
    message: str = ""
    is_hidden: bool = False
    by_hand: bool = True


Result = TestResult | CriterionRow
ENTERED_ROW = CriterionRow("mark", Decimal(100), "Mark")
"""The one line of an exam: percent of the full mark."""


def row_of(criterion: Criterion) -> CriterionRow:
    """`c7`: the id of a criterion among the rows of a grade."""
    return CriterionRow(f"c{criterion.pk}", criterion.points, criterion.text)


def full_row(result: Result, mark: Mark | None, items: Mapping[int, RubricItem] | None = None) -> VisibleRow:
    """Everything that is known: for staff, and for freezing at release. `items`: of the rubric, by their keys."""
    if mark is None or mark.is_taken_back:
        score, message = result.score, result.message
        title = title_of(result)
        return VisibleRow(
            result.grade_id, result.status, result.points, score, message, by_hand=result.by_hand, title=title
        )
    return VisibleRow(
        result.grade_id,
        mark.code or MARKED,
        result.points,
        mark.points,
        result.message,
        mark.comment,
        mark.given_by,
        result.by_hand,
        _said(mark, items or {}),
        title_of(result),
    )


def title_of(result: Result) -> str:
    """What is asked, where the id does not say it."""
    return result.title if isinstance(result, CriterionRow) else ""


def _said(mark: Mark, items: Mapping[int, RubricItem]) -> tuple[tuple[str, str], ...]:
    """The items that apply, and the adjustment beside them."""
    said = [(items[pk].text, signed(items[pk].points)) for pk in mark.rubric or () if pk in items]
    if said and mark.adjustment:
        said.append(("Adjustment", signed(mark.adjustment)))
    return tuple(said)


@dataclass(frozen=True)
class VisibleNote:
    """What a marker noted on a cell or on one of its outputs, a page or a place of it, a line of a file; or on all of it.

    All are counted from 1; 0: not on one. `place`: left, top, width, height in thousandths of the page.
    """

    cell: int
    output: int | None
    text: str
    author: str
    key: int = 0
    """Of the note, for taking it back; 0 in what a release froze."""
    page: int = 0
    place: Sequence[int] | None = None
    file: str = ""
    line: int = 0

    @property
    def where(self) -> str:
        """`Cell 2, output 1`, `Page 3`, `model.py, line 7`; empty: on the whole work."""
        if self.cell:
            return f"Cell {self.cell}" + (f", output {self.output}" if self.output else "")
        if self.file:
            return f"{self.file}, line {self.line}"
        return f"Page {self.page}" if self.page else ""

    def as_json(self) -> dict[str, Any]:
        said = {"cell": self.cell, "output": self.output, "text": self.text, "author": self.author}
        if self.cell:
            return said
        if self.file:
            return {**said, "file": self.file, "line": self.line}
        return {**said, "page": self.page, "place": self.place and list(self.place)}


def signed(points: Decimal) -> str:
    """`+2`, `−1.5`, `0`"""
    text = points_text(abs(points))
    return text if text == "0" else f"{'+' if points > 0 else '−'}{text}"


def thawed(row: dict[str, Any]) -> VisibleRow:
    """A row that a release froze."""
    score = None if row["score"] is None else Decimal(row["score"])
    rubric = tuple((str(text), str(points)) for text, points in row.get("rubric", ()))
    return VisibleRow(**{**row, "points": Decimal(row["points"]), "score": score, "rubric": rubric})


def number_in(text: str) -> Decimal | None:
    """A mark from 0 to 100 with a point or a comma; None for nothing. Raises ValueError with what was expected."""
    if not text.strip():
        return None
    try:
        number = Decimal(text.strip().replace(",", "."))
    except ArithmeticError as error:
        raise ValueError(f"“{text}” is no number.") from error
    if not (number.is_finite() and 0 <= number <= 100):  # noqa: PLR2004  percent
        raise ValueError(f"“{text}” does not lie between 0 and 100.")
    return rounded(number, Decimal("0.0001"))
