"""Two notebooks held against each other: cells that came, went or changed, with their lines. Knows no Django."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

MOST_LINES = 2000
"""Longer cells are shown as gone and come: comparing them line by line takes too long."""


@dataclass(frozen=True)
class Cell:
    """What is compared: the text, its kind, and the id of a graded cell."""

    source: str
    kind: str
    grade_id: str = ""


@dataclass(frozen=True)
class Change:
    """One cell: `added`, `removed` or `changed`; its lines with `+`, `-` or a space before them."""

    what: str
    label: str
    lines: Sequence[tuple[str, str]]


def difference(old: Sequence[Cell], new: Sequence[Cell]) -> list[Change]:
    """What is not the same, in the order of the new version. Outputs take no part."""
    blocks = SequenceMatcher(None, [_key(c) for c in old], [_key(c) for c in new], autojunk=False).get_opcodes()
    found: list[Change] = []
    for tag, a, b, c, d in blocks:
        if tag != "equal":
            found += _changes(old[a:b], new[c:d])
    return found


def _key(cell: Cell) -> tuple[str, str]:
    return cell.kind, cell.source


def _changes(old: Sequence[Cell], new: Sequence[Cell]) -> Iterator[Change]:
    """Within a block that differs: graded cells with their namesakes, others in their order."""
    left = list(old)
    for cell in new:
        partner = _partner(cell, left)
        if partner is None:
            yield Change("added", _label(cell), [("+", line) for line in cell.source.split("\n")])
        else:
            yield from (_removed(gone) for gone in left[: left.index(partner)] if not gone.grade_id)
            left = left[left.index(partner) + 1 :] if not cell.grade_id else [c for c in left if c is not partner]
            yield Change("changed", _label(cell), _lines(partner.source, cell.source))
    yield from map(_removed, left)


def _partner(cell: Cell, left: Sequence[Cell]) -> Cell | None:
    if cell.grade_id:
        return next((other for other in left if other.grade_id == cell.grade_id), None)
    return next((other for other in left if not other.grade_id and other.kind == cell.kind), None)


def _removed(cell: Cell) -> Change:
    return Change("removed", _label(cell), [("-", line) for line in cell.source.split("\n")])


def _label(cell: Cell) -> str:
    return cell.grade_id or {"code": "a code cell", "markdown": "a text cell"}.get(cell.kind, "a cell")


def _lines(old: str, new: str) -> list[tuple[str, str]]:
    before, after = old.split("\n"), new.split("\n")
    if len(before) + len(after) > MOST_LINES:
        return [*(("-", line) for line in before), *(("+", line) for line in after)]
    found: list[tuple[str, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [(" ", line) for line in before[a:b]]
        else:
            found += [*(("-", line) for line in before[a:b]), *(("+", line) for line in after[c:d])]
    return found
