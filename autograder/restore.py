"""From a student's notebook to the plan of cells to run: student code as written, locked cells as the instructor wrote them.

A student's metadata only says which text belongs to which id. Moved, changed, deleted, duplicated or added test
cells change nothing in the score and are flagged.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.matching import by_id, restored
from autograder.nbgrader import GradedCell, Role, grade_id_of
from autograder.notebook import Cell, Notebook
from autograder.release import released_checksum
from autograder.report import Flag

RESTORED = "An editor had removed the cell's id; it was found by its text or its place."
CHANGED = {
    Role.TESTS: ("test_cell_changed", "The tests were changed; the instructor's own were used."),
    Role.READ_ONLY: ("read_only_cell_changed", "A read-only cell was changed; it was restored."),
    Role.TASK: ("task_changed", "The text of a task was changed."),
}


@dataclass(frozen=True)
class Step:
    """One cell to run. `graded` is set for cells the instructor marked; `origin` is the student's cell, if any."""

    source: str
    graded: GradedCell | None
    origin: Cell | None


@dataclass(frozen=True)
class Plan:
    """What will run, in order, what the student wrote in each marked cell, and what had to be repaired."""

    steps: Sequence[Step]
    answers: dict[str, str]
    flags: Sequence[Flag]


def restored_plan(canonical: Sequence[GradedCell], submitted: Notebook, source: Notebook | None = None) -> Plan:
    """Merge the canonical cells with the student's. Pure; never raises on anything read_notebook accepted.

    `source`: the instructor's whole notebook, which helps to find cells whose id was lost.
    """
    known = {cell.grade_id: cell for cell in canonical}
    mine, duplicates = by_id(submitted["cells"], known)
    lost = restored(submitted["cells"], canonical, mine, source)
    mine = dict(sorted((mine | lost).items()))
    order = {cell.grade_id: place for place, cell in enumerate(canonical)}
    settled = _longest_rising([order[g] for g in mine.values()])
    in_place = {index for index, g in mine.items() if order[g] in settled or not known[g].locked}
    flags = [Flag("duplicate_cell", g, "The cell stands twice; the last one was taken.") for g in duplicates]
    flags += [Flag("metadata_restored", g, RESTORED) for g in lost.values()]
    flags += _repairs(canonical, submitted["cells"], mine, in_place)
    steps: list[Step] = []
    for index, cell in enumerate(submitted["cells"]):
        if index in in_place:
            steps.append(_step(known[mine[index]], cell))
        elif index not in mine and not (grade_id_of(cell) in known and known[grade_id_of(cell)].locked):
            steps.append(Step(cell["source"], None, cell))
    present = {mine[index] for index in in_place}
    for place, missing in enumerate(canonical):
        if missing.locked and missing.grade_id not in present:
            _insert_after_predecessor(steps, canonical[:place], missing)
    answers = {g: submitted["cells"][index]["source"] for index, g in mine.items()}
    return Plan(steps, answers, flags)


def _step(graded: GradedCell, cell: Cell) -> Step:
    source = graded.source if graded.locked else cell["source"]
    return Step(source if graded.locked or cell["cell_type"] == graded.cell_type else "", graded, cell)


def _longest_rising(places: Sequence[int]) -> set[int]:
    """The members of one longest increasing subsequence: the cells that nobody moved."""
    tails: list[int] = []
    chain: list[list[int]] = []
    for place in places:
        at = bisect_left(tails, place)
        chain_here = [*(chain[at - 1] if at else []), place]
        if at == len(tails):
            tails.append(place)
            chain.append(chain_here)
        else:
            tails[at], chain[at] = place, chain_here
    return set(chain[-1]) if chain else set()


def _repairs(
    canonical: Sequence[GradedCell], cells: Sequence[Cell], mine: dict[int, str], in_place: set[int]
) -> list[Flag]:
    at = {grade_id: index for index, grade_id in mine.items()}
    flags: list[Flag] = []
    for graded in canonical:
        index = at.get(graded.grade_id)
        if index is None:
            detail = "The cell was missing; it was put back." if graded.locked else "The answer cell is missing."
            flags.append(Flag("cell_missing", graded.grade_id, detail))
            continue
        if index not in in_place:
            flags.append(Flag("cell_moved", graded.grade_id, "The cell was moved; it ran at its own place."))
        if graded.locked and _differs(graded, cells[index]):
            kind, detail = CHANGED[graded.role]
            flags.append(Flag(kind, graded.grade_id, detail))
    return flags


def _differs(graded: GradedCell, cell: Cell) -> bool:
    as_sent = GradedCell(graded.grade_id, graded.role, cell["cell_type"], cell["source"].rstrip(), graded.points)
    if as_sent.checksum == released_checksum(graded):
        return False
    whole = GradedCell(graded.grade_id, graded.role, cell["cell_type"], cell["source"], graded.points)
    return whole.checksum not in (released_checksum(graded), graded.checksum)


def _insert_after_predecessor(steps: list[Step], before: Sequence[GradedCell], missing: GradedCell) -> None:
    earlier = {cell.grade_id for cell in before}
    places = [i for i, step in enumerate(steps) if step.graded is not None and step.graded.grade_id in earlier]
    steps.insert(places[-1] + 1 if places else 0, Step(missing.source, missing, None))
