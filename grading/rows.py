"""One graded cell as people see it; the same shape on a page, in a release that froze it, and in the API."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from grading.models import Mark, TestResult

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

    @property
    def shown_as(self) -> str:
        """`status`, except that a question left open is no failed test."""
        return "unanswered" if self.by_hand and self.status == "failed" else self.status

    def as_json(self) -> dict[str, Any]:
        score = None if self.score is None else str(self.score)
        return {**vars(self), "points": str(self.points), "score": score}


def full_row(result: TestResult, mark: Mark | None) -> VisibleRow:
    """Everything that is known: for staff, and for freezing at release."""
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
    )


def thawed(row: dict[str, Any]) -> VisibleRow:
    """A row that a release froze."""
    score = None if row["score"] is None else Decimal(row["score"])
    return VisibleRow(**{**row, "points": Decimal(row["points"]), "score": score})


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
