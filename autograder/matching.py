"""Which of a student's cells stands for which of the instructor's: by id, then by text, then by place.

Colab, Kaggle and copy-and-paste drop or rewrite metadata; honest work must not lose marks to its editor.
"""

from collections.abc import Iterator, Mapping, Sequence

from autograder.nbgrader import GradedCell, Role, grade_id_of
from autograder.notebook import Cell, Notebook
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


def restored(
    cells: Sequence[Cell], canonical: Sequence[GradedCell], found: Matches, source: Notebook | None = None
) -> Matches:
    """The cells whose id was lost, as far as their text or their place tells. Not those of `found`.

    With the instructor's notebook its ordinary cells tell where an answer stands, and are never one.
    """
    same = by_text(cells, canonical, found)
    return same | dict(_by_place(cells, canonical, found | same, source))


def by_text(cells: Sequence[Cell], canonical: Sequence[GradedCell], found: Matches) -> Matches:
    """Cells that read exactly as students got them, beside those of `found`; equal texts in the order of the notebook."""
    return dict(_by_text(cells, canonical, found))


def _by_text(cells: Sequence[Cell], canonical: Sequence[GradedCell], found: Matches) -> Iterator[tuple[int, str]]:
    """Of equal answers, as empty ones are, some may have been written: then their place tells, and not their text."""
    there = set(found.values())
    missing: dict[tuple[str, str], list[GradedCell]] = {}
    for graded in canonical:
        if graded.grade_id not in there and (text := visible_text(graded).strip()):
            missing.setdefault((graded.cell_type, text), []).append(graded)
    for wanted, lost in missing.items():
        same = [i for i, c in _unmarked(cells, set(found)) if (c["cell_type"], c["source"].strip()) == wanted]
        if len(same) >= len(lost) or lost[0].locked:
            yield from ((index, graded.grade_id) for index, graded in zip(same, lost, strict=False))


def _by_place(
    cells: Sequence[Cell], canonical: Sequence[GradedCell], found: Matches, source: Notebook | None
) -> Iterator[tuple[int, str]]:
    """Written answers: those between the same neighbours, if they are as many; else those that begin like them alone."""
    outline = _outline(canonical, source)
    ordinary = [(kind, text) for grade_id, kind, text in outline if not grade_id]
    texts = [(c["cell_type"], c["source"].strip()) for c in cells]
    at = {place: index for index, g in found.items() for place, (other, _, _) in enumerate(outline) if other == g}
    for place, (grade_id, kind, text) in enumerate(outline):
        if not grade_id and ordinary.count((kind, text)) == texts.count((kind, text)) == 1:
            at[place] = texts.index((kind, text))
    free = [i for i, _ in _unmarked(cells, set(found)) if texts[i] not in ordinary]
    gaps: dict[tuple[int, int, str], list[GradedCell]] = {}
    places = {grade_id: place for place, (grade_id, _, _) in enumerate(outline)}
    for graded in canonical:
        place = places[graded.grade_id]
        if place not in at and graded.role in (Role.ANSWER, Role.MANUAL):
            before = at[max(earlier)] if (earlier := [other for other in at if other < place]) else -1
            after = at[min(later)] if (later := [other for other in at if other > place]) else len(cells)
            gaps.setdefault((before, after, graded.cell_type), []).append(graded)
    for (before, after, kind), lost in gaps.items():
        between = [i for i in free if before < i < after and cells[i]["cell_type"] == kind]
        yield from _paired(lost, between, cells)


def _outline(canonical: Sequence[GradedCell], source: Notebook | None) -> list[tuple[str, str, str]]:
    """Id, type and text of the instructor's cells in order; ordinary cells have no id."""
    known = {cell.grade_id for cell in canonical}
    if source is None:
        return [(cell.grade_id, cell.cell_type, cell.source) for cell in canonical]
    ids = [grade_id_of(cell) for cell in source["cells"]]
    return [
        (grade_id if grade_id in known else "", cell["cell_type"], cell["source"].strip())
        for grade_id, cell in zip(ids, source["cells"], strict=True)
    ]


def _paired(lost: Sequence[GradedCell], between: Sequence[int], cells: Sequence[Cell]) -> Iterator[tuple[int, str]]:
    if len(lost) == len(between):
        yield from ((index, graded.grade_id) for index, graded in zip(between, lost, strict=True))
        return
    begins = [_first_line(graded.source) for graded in lost]
    for graded, begin in zip(lost, begins, strict=True):
        alike = [i for i in between if _first_line(cells[i]["source"]) == begin]
        if len(alike) == 1 and begins.count(begin) == 1:
            yield alike[0], graded.grade_id


def _unmarked(cells: Sequence[Cell], taken: set[int]) -> Iterator[tuple[int, Cell]]:
    return ((index, cell) for index, cell in enumerate(cells) if index not in taken)


def _first_line(source: str) -> str:
    return next((line.strip() for line in source.splitlines() if line.strip()), "")
