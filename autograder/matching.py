"""Which of a student's cells stands for which of the instructor's: by id, then by text, then by place.

Colab, Kaggle and copy-and-paste drop or rewrite metadata; honest work must not lose marks to its editor.
"""

from collections.abc import Iterator, Mapping, Sequence

from autograder.nbgrader import GradedCell, Role, grade_id_of
from autograder.notebook import Cell
from autograder.release import visible_text

Matches = dict[int, str]
"""Index of the student's cell → grade id."""


def by_id(cells: Sequence[Cell], known: Mapping[str, GradedCell]) -> tuple[Matches, list[str]]:
    """The last cell with each known id (nbgrader keeps the last too), and the ids that stood more than once."""
    last: dict[str, int] = {}
    duplicates: list[str] = []
    for index, cell in enumerate(cells):
        grade_id = grade_id_of(cell)
        if grade_id in last and grade_id not in duplicates:
            duplicates.append(grade_id)
        if grade_id in known:
            last[grade_id] = index
    return dict(sorted((index, grade_id) for grade_id, index in last.items())), duplicates


def restored(cells: Sequence[Cell], canonical: Sequence[GradedCell], found: Matches) -> Matches:
    """The cells whose id was lost, as far as their text or their place tells. Not those of `found`."""
    same = by_text(cells, canonical, found)
    return same | dict(_by_place(cells, canonical, found | same))


def by_text(cells: Sequence[Cell], canonical: Sequence[GradedCell], found: Matches) -> Matches:
    """Cells that read exactly as students got them, beside those of `found`; equal texts in the order of the notebook."""
    return dict(_by_text(cells, canonical, found))


def _by_text(cells: Sequence[Cell], canonical: Sequence[GradedCell], found: Matches) -> Iterator[tuple[int, str]]:
    taken = set(found)
    there = set(found.values())
    for graded in canonical:
        if graded.grade_id in there:
            continue
        wanted = graded.cell_type, visible_text(graded).strip()
        index = next((i for i, c in _unmarked(cells, taken) if (c["cell_type"], c["source"].strip()) == wanted), None)
        if index is not None and wanted[1]:
            taken.add(index)
            yield index, graded.grade_id


def _by_place(cells: Sequence[Cell], canonical: Sequence[GradedCell], found: Matches) -> Iterator[tuple[int, str]]:
    """Written answers: the only cell of its type between its neighbours; of several, the one that begins like it."""
    at = {grade_id: index for index, grade_id in found.items()}
    taken = set(found)
    for place, graded in enumerate(canonical):
        if graded.grade_id in at or graded.role not in (Role.ANSWER, Role.MANUAL):
            continue
        before = max((at[c.grade_id] for c in canonical[:place] if c.grade_id in at), default=-1)
        after = min((at[c.grade_id] for c in canonical[place + 1 :] if c.grade_id in at), default=len(cells))
        between = [i for i, c in _unmarked(cells, taken) if before < i < after and c["cell_type"] == graded.cell_type]
        alike = [i for i in between if _first_line(cells[i]["source"]) == _first_line(graded.source)]
        if chosen := alike[:1] or (between if len(between) == 1 else []):
            taken.add(chosen[0])
            at[graded.grade_id] = chosen[0]
            yield chosen[0], graded.grade_id


def _unmarked(cells: Sequence[Cell], taken: set[int]) -> Iterator[tuple[int, Cell]]:
    return ((index, cell) for index, cell in enumerate(cells) if index not in taken)


def _first_line(source: str) -> str:
    return next((line.strip() for line in source.splitlines() if line.strip()), "")
