"""One graded cell as people see it; the same shape on a page, in a release that froze it, and in the API."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from courses.policy.words import points_text
from grading.models import Mark, RubricItem, TestResult

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

    @property
    def shown_as(self) -> str:
        """`status`, except that a question left open is no failed test."""
        return "unanswered" if self.by_hand and self.status == "failed" else self.status

    def as_json(self) -> dict[str, Any]:
        score = None if self.score is None else str(self.score)
        return {**vars(self), "points": str(self.points), "score": score}


def full_row(result: TestResult, mark: Mark | None, items: Mapping[int, RubricItem] | None = None) -> VisibleRow:
    """Everything that is known: for staff, and for freezing at release. `items`: of the rubric, by their keys."""
    if mark is None:
        score, message = result.score, result.message
        return VisibleRow(result.grade_id, result.status, result.points, score, message, by_hand=result.by_hand)
    return VisibleRow(
        result.grade_id,
        MARKED,
        result.points,
        mark.points,
        result.message,
        mark.comment,
        str(mark.marker.user),
        result.by_hand,
        _said(mark, items or {}),
    )


def _said(mark: Mark, items: Mapping[int, RubricItem]) -> tuple[tuple[str, str], ...]:
    """The items that apply, and the adjustment beside them."""
    said = [(items[pk].text, signed(items[pk].points)) for pk in mark.rubric or () if pk in items]
    if said and mark.adjustment:
        said.append(("Adjustment", signed(mark.adjustment)))
    return tuple(said)


@dataclass(frozen=True)
class VisibleNote:
    """What a marker noted on a cell, or on one of its outputs; both counted from 1."""

    cell: int
    output: int | None
    text: str
    author: str
    key: int = 0
    """Of the note, for taking it back; 0 in what a release froze."""

    def as_json(self) -> dict[str, Any]:
        return {"cell": self.cell, "output": self.output, "text": self.text, "author": self.author}


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
    return number.quantize(Decimal("0.0001"))
