"""From the instructor's notebook to the student version, and to the canonical cells that grading believes.

The order of steps is nbgrader's `generate_assignment`. Markers are plain substrings of a line, whatever the
comment sign.
"""

from dataclasses import dataclass, replace

from autograder.nbgrader import GradedCell, Role, block_of, graded_cells, role_of
from autograder.notebook import Cell, Notebook, cleared
from autograder.otter import converted, public_tests
from autograder.report import SourceUnusable
from autograder.upgrade import upgraded

CODE_STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
TEXT_STUB = "YOUR ANSWER HERE"
OURS = ("prompt", "shown", "hides")
"""What `otter` adds to nbgrader's metadata; students' files have none of it."""


@dataclass(frozen=True)
class Marker:
    """A region that a release replaces or removes, and the cells it may stand in."""

    name: str
    allowed: tuple[Role, ...]

    @property
    def begin(self) -> str:
        return f"BEGIN {self.name}"

    @property
    def end(self) -> str:
        return f"END {self.name}"


SOLUTION = Marker("SOLUTION", (Role.ANSWER, Role.MANUAL))
HIDDEN_TESTS = Marker("HIDDEN TESTS", (Role.TESTS,))
MARK_SCHEME = Marker("MARK SCHEME", (Role.TASK,))


def marked(source: Notebook) -> Notebook:
    """The instructor's notebook, whatever its format, with nbgrader's metadata of schema 3. Twice changes nothing more."""
    return upgraded(converted(source))


def canonical_cells(source: Notebook) -> list[GradedCell]:
    """The marked cells as grading uses them: solutions stubbed, hidden tests still inside. None in a plain notebook."""
    source = marked(source)
    return graded_cells({**source, "cells": [without_solution(n, c) for n, c in _numbered(source)]})


def student_version(source: Notebook) -> Notebook:
    """What students download: stubs, no hidden tests, no mark scheme, no outputs, checksums written."""
    source = marked(source)
    graded_cells(source)
    cells = [_for_students(number, cell) for number, cell in _numbered(source)]
    released: Notebook = {**public_tests(source), "cells": cells}
    checksums = {cell.grade_id: cell.checksum for cell in graded_cells(released)}
    for cell in cells:
        if role_of(cell) is not None:
            block = block_of(cell)
            block["checksum"] = checksums[block["grade_id"]]
            block["cell_type"] = cell["cell_type"]
    return released


def hides_tests(cell: GradedCell) -> bool:
    """Whether part of this test cell is kept from students."""
    return cell.hides or HIDDEN_TESTS.begin in cell.source


def visible_source(cell: GradedCell) -> str:
    """The cell's text as students have it."""
    return _cut(0, cell.source, HIDDEN_TESTS, None) if cell.shown is None else cell.shown


def visible_text(cell: GradedCell) -> str:
    """The same for cells of every kind: without hidden tests and mark scheme."""
    return _cut(0, visible_source(cell), MARK_SCHEME, None)


def released_checksum(cell: GradedCell) -> str:
    """The checksum a student's untouched copy of this cell has."""
    return replace(cell, source=visible_text(cell), shown=None).checksum


def without_solution(number: int, cell: Cell) -> Cell:
    """Marked regions become the stub; a solution cell without markers is blanked whole."""
    role = role_of(cell)
    if isinstance(prompt := block_of(cell).get("prompt"), str):
        return {**cell, "source": prompt}
    stub = CODE_STUB if cell["cell_type"] == "code" else TEXT_STUB
    if SOLUTION.begin in cell["source"] or SOLUTION.end in cell["source"]:
        _refuse_misplaced(number, SOLUTION, role)
        return {**cell, "source": _cut(number, cell["source"], SOLUTION, stub)}
    return {**cell, "source": stub} if role in SOLUTION.allowed else cell


def _numbered(notebook: Notebook) -> list[tuple[int, Cell]]:
    return list(enumerate(notebook["cells"], start=1))


def _for_students(number: int, cell: Cell) -> Cell:
    cell = cleared(without_solution(number, cell))
    role = role_of(cell)
    for marker in (HIDDEN_TESTS, MARK_SCHEME):
        if marker.begin in cell["source"] or marker.end in cell["source"]:
            _refuse_misplaced(number, marker, role)
            cell = {**cell, "source": _cut(number, cell["source"], marker, None)}
    if role is None:
        return cell
    block = {key: value for key, value in block_of(cell).items() if key not in OURS}
    if isinstance(shown := block_of(cell).get("shown"), str):
        cell = {**cell, "source": shown}
    metadata = {**cell["metadata"], "nbgrader": block, "deletable": False}
    if role in (Role.TESTS, Role.READ_ONLY):
        metadata["editable"] = False
    return {**cell, "metadata": metadata}


def _refuse_misplaced(number: int, marker: Marker, role: Role | None) -> None:
    if role not in marker.allowed:
        raise SourceUnusable(f"Cell {number} has “{marker.begin}” but is not a cell that may have it.")


def _cut(number: int, source: str, marker: Marker, stub: str | None) -> str:
    kept: list[str] = []
    inside = False
    for line in source.split("\n"):
        if marker.begin in line:
            if inside:
                raise SourceUnusable(f"Cell {number} has two “{marker.begin}” without an “{marker.end}” between them.")
            inside = True
            if stub is not None:
                indent = line[: len(line) - len(line.lstrip())]
                kept += [indent + part for part in stub.split("\n")]
        elif marker.end in line:
            inside = False
        elif not inside:
            kept.append(line)
    if inside:
        raise SourceUnusable(f"Cell {number} has “{marker.begin}” but no “{marker.end}”.")
    return "\n".join(kept)
