"""nbgrader's cell metadata, schema 3 (`upgrade` brings older ones to it): what each cell is, what it is worth, and its checksum.

Formats and rules: nbgrader 0.9.6, `nbgraderformat/v3.py` and `utils.compute_checksum`. The instructor's copy alone
decides: flags and points in a student's file are never read.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from autograder.notebook import Cell, Notebook
from autograder.report import SourceUnusable

SCHEMA = 3
VALID_ID = re.compile(r"[A-Za-z0-9_\-]{1,100}")
MOST_POINTS = 10_000


class Role(StrEnum):
    """The five kinds of cell that nbgrader knows."""

    ANSWER = "answer"
    TESTS = "tests"
    MANUAL = "manual"
    TASK = "task"
    READ_ONLY = "read_only"


@dataclass(frozen=True)
class GradedCell:
    """One marked cell of the instructor's notebook. `source` still has its hidden tests; solutions are stubs.

    `shown`: what students have in its place, if that is another text altogether; `hides`: that text hides tests.
    """

    grade_id: str
    role: Role
    cell_type: str
    source: str
    points: Decimal | None
    shown: str | None = None
    hides: bool = False

    @property
    def locked(self) -> bool:
        return self.role in (Role.TESTS, Role.READ_ONLY, Role.TASK)

    @property
    def runs(self) -> bool:
        return self.cell_type == "code"

    @property
    def checksum(self) -> str:
        return _digest(self.source, self.cell_type, self.role, self.grade_id, self.points)


def block_of(cell: Cell) -> dict[str, Any]:
    """The cell's nbgrader metadata, or an empty dict."""
    block = cell["metadata"].get("nbgrader")
    return block if isinstance(block, dict) else {}


def grade_id_of(cell: Cell) -> str:
    """The id, or an empty string; all that is ever believed of a student's metadata."""
    grade_id = block_of(cell).get("grade_id")
    return grade_id if isinstance(grade_id, str) else ""


def role_of(cell: Cell) -> Role | None:
    """What the flags make of this cell; None for an ordinary one."""
    block = block_of(cell)
    if block.get("task"):
        return Role.TASK
    if block.get("grade"):
        return Role.MANUAL if block.get("solution") else Role.TESTS
    if block.get("solution"):
        return Role.ANSWER
    return Role.READ_ONLY if block.get("locked") else None


def graded_cells(notebook: Notebook) -> list[GradedCell]:
    """Every marked cell in order, validated; raises SourceUnusable with the cell's number and what to change."""
    cells = list(_marked(notebook))
    seen: set[str] = set()
    for cell in cells:
        if cell.grade_id in seen:
            raise SourceUnusable(f"The id “{cell.grade_id}” stands on two cells. Give each graded cell its own id.")
        seen.add(cell.grade_id)
    return cells


def _marked(notebook: Notebook) -> Iterator[GradedCell]:
    for number, cell in enumerate(notebook["cells"], start=1):
        role = role_of(cell)
        if role is None:
            continue
        block = block_of(cell)
        if block.get("schema_version") != SCHEMA:
            raise SourceUnusable(
                f"Cell {number} uses nbgrader schema {block.get('schema_version')!r}; the newest that can be read is "
                f"{SCHEMA}. Save the notebook with nbgrader 0.9 and upload it again."
            )
        grade_id = grade_id_of(cell)
        if not VALID_ID.fullmatch(grade_id):
            raise SourceUnusable(f"Cell {number} has no usable id ({grade_id!r}): letters, digits, “_” and “-” only.")
        _refuse_impossible(number, cell, role)
        points = _points(number, block, role)
        shown, hides = block.get("shown"), bool(block.get("hides"))
        yield GradedCell(grade_id, role, cell["cell_type"], cell["source"], points, shown, hides)


def _refuse_impossible(number: int, cell: Cell, role: Role) -> None:
    if cell["cell_type"] == "markdown" and role in (Role.ANSWER, Role.TESTS):
        raise SourceUnusable(f"Cell {number} is text but marked as {role}: a text answer must be “manually graded”.")
    if role is Role.TASK and cell["cell_type"] != "markdown":
        raise SourceUnusable(f"Cell {number} is a task but not a text cell.")


def _points(number: int, block: dict[str, Any], role: Role) -> Decimal | None:
    if role not in (Role.TESTS, Role.MANUAL, Role.TASK):
        return None
    try:
        points = Decimal(str(block.get("points")))
    except InvalidOperation:
        points = Decimal(-1)
    if not points.is_finite() or not 0 <= points <= MOST_POINTS:
        raise SourceUnusable(
            f"Cell {number} is graded but its points are {block.get('points')!r}: give a number from 0 to {MOST_POINTS}."
        )
    return points


def _digest(source: str, cell_type: str, role: Role, grade_id: str, points: Decimal | None) -> str:
    grade = role in (Role.TESTS, Role.MANUAL)
    solution = role in (Role.ANSWER, Role.MANUAL)
    locked = role in (Role.TESTS, Role.READ_ONLY, Role.TASK)
    parts = [source, cell_type, str(grade), str(solution), str(locked), grade_id]
    if grade and points is not None:
        parts.append(str(float(points)))
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()
