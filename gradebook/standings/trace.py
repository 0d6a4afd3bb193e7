"""A student's total taken apart: what each part counts now, what it adds, and what would be if."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from gradebook.policy.totals import Standing, counted_shares, standing
from gradebook.policy.tree import Leaf
from gradebook.standings.selectors import Cell, Column, Gradebook, Row
from grading.rows import number_in

FIELD = "if-"


@dataclass(frozen=True)
class Line:
    """One part: its share of the course as it counts for this student now, and the points of 100 that it adds."""

    column: Column
    cell: Cell
    share: Fraction
    adds: Fraction | None
    is_open: bool
    typed: str = ""
    problem: str = ""

    @property
    def field(self) -> str:
        """The name of its field for what would be if."""
        return f"{FIELD}{self.column.component.pk}"


@dataclass(frozen=True)
class Trace:
    """All parts; `what_if`: the standing with the marks that were typed for open parts, if any was."""

    lines: Sequence[Line]
    what_if: Standing | None


def trace_of(book: Gradebook, row: Row, typed: Mapping[str, str]) -> Trace:
    """`typed`: `if-<component>` → a mark in percent for a part that is open. Nothing is stored."""
    if book.tree is None:
        return Trace([], None)
    shares = counted_shares(book.tree, row.leaves)
    lines, supposed = [], {}
    for column, cell in zip(book.columns, row.cells, strict=True):
        key = str(column.component.pk)
        leaf, share = row.leaves[key], shares.get(key, Fraction())
        is_open = leaf.share is None and not leaf.exempt
        text, problem = typed.get(f"{FIELD}{key}", "").strip()[:20], ""
        if is_open and text:
            mark, problem = _mark_in(text)
            if mark is not None:
                supposed[key] = Leaf(Fraction(mark) / 100, handed_in=True)
        adds = None if leaf.share is None else share * leaf.share
        lines.append(Line(column, cell, share, adds, is_open, text if is_open else "", problem))
    return Trace(lines, standing(book.tree, {**row.leaves, **supposed}) if supposed else None)


def _mark_in(text: str) -> tuple[Decimal | None, str]:
    try:
        return number_in(text), ""
    except ValueError as error:
        return None, str(error)
