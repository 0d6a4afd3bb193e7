"""A course's total from its scheme and a student's marks. Shares are fractions of the whole; one rounding, at display.

Nothing graded is not zero: a standing is three numbers, never a lone percentage.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

HUNDRED = Fraction(100)


class Optional(StrEnum):
    """What an optional component means. `redistribute`: who hands in none of it is judged on the rest."""

    NO = "no"
    REDISTRIBUTE = "redistribute_if_absent"
    ZERO = "zero_if_absent"
    NEVER_HURTS = "never_hurts"
    BONUS = "bonus"


@dataclass(frozen=True)
class Node:
    """A component: its weight among its siblings (percent), its children, or, for a leaf, its key."""

    key: str
    weight: Decimal
    children: tuple["Node", ...] = ()
    optional: Optional = Optional.NO

    def leaves(self) -> Iterator["Node"]:
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


@dataclass(frozen=True)
class Leaf:
    """What is known of one leaf: its mark as a share of its maximum (None: not graded), and whether work came in."""

    share: Fraction | None = None
    handed_in: bool = False


@dataclass(frozen=True)
class Standing:
    """`earned` of the course so far, `average` on graded work (None: nothing graded), and what is still possible."""

    earned: Fraction
    average: Fraction | None
    lowest: Fraction
    highest: Fraction


def is_publishable(node: Node) -> bool:
    """Siblings sum to exactly 100 at every level; a bonus stands outside the sum."""
    if not node.children:
        return True
    counted = [child for child in node.children if child.optional is not Optional.BONUS]
    return sum(child.weight for child in counted) == 100 and all(map(is_publishable, node.children))  # noqa: PLR2004


def effective_shares(root: Node) -> dict[str, Fraction]:
    """Each leaf's share of the course, in percent, with nothing redistributed."""
    return dict(_shares(root, HUNDRED, dropped=frozenset()))


def total(root: Node, marks: Mapping[str, Leaf]) -> Fraction:
    """The final total in percent: what is missing counts 0, optional parts as their reading says."""
    if any(child.optional is Optional.NEVER_HURTS for child in root.children):
        kept = _total(root, marks, _absent(root, marks))
        without = frozenset(c.key for c in root.children if c.optional is Optional.NEVER_HURTS)
        return max(kept, _total(root, marks, _absent(root, marks) | without))
    return _total(root, marks, _absent(root, marks))


def standing(root: Node, marks: Mapping[str, Leaf]) -> Standing:
    """The three numbers a student sees. `marks` holds only what the student may know."""
    shares = dict(_shares(root, HUNDRED, _absent(root, marks)))
    graded = {key: share for key, share in shares.items() if _share(marks, key) is not None}
    earned = sum((share * (_share(marks, key) or 0) for key, share in graded.items()), Fraction())
    weight = sum(graded.values(), Fraction())
    lowest, highest = _bounds(root, marks)
    return Standing(earned, earned / weight * 100 if weight else None, lowest, highest)


def _bounds(root: Node, marks: Mapping[str, Leaf]) -> tuple[Fraction, Fraction]:
    """Everything open at 0 and at full marks, with optional parts still absent and with them taken up."""
    open_leaves = [leaf.key for leaf in root.leaves() if _share(marks, leaf.key) is None]
    full = {**marks, **{key: Leaf(Fraction(1), True) for key in open_leaves}}
    absent = {**full, **{key: Leaf(Fraction(1), marks.get(key, Leaf()).handed_in) for key in open_leaves}}
    tops = [total(root, full), _total(root, absent, _absent(root, marks))]
    taken_up = {**marks, **{key: Leaf(Fraction(), True) for key in open_leaves}}
    return min(total(root, marks), total(root, taken_up)), max(tops)


def _total(root: Node, marks: Mapping[str, Leaf], dropped: frozenset[str]) -> Fraction:
    return sum((share * (_share(marks, key) or 0) for key, share in _shares(root, HUNDRED, dropped)), Fraction())


def _share(marks: Mapping[str, Leaf], key: str) -> Fraction | None:
    return marks.get(key, Leaf()).share


def _absent(root: Node, marks: Mapping[str, Leaf]) -> frozenset[str]:
    """Optional components of which nothing was handed in, and whose weight therefore goes to the rest."""
    found: set[str] = set()
    for child in root.children:
        if child.optional is Optional.REDISTRIBUTE and not any(_known(marks, leaf.key) for leaf in child.leaves()):
            found.add(child.key)
        found |= _absent(child, marks)
    return frozenset(found)


def _known(marks: Mapping[str, Leaf], key: str) -> bool:
    leaf = marks.get(key, Leaf())
    return leaf.handed_in or leaf.share is not None


def _shares(node: Node, percent: Fraction, dropped: frozenset[str]) -> Iterator[tuple[str, Fraction]]:
    """(leaf key, percent of the course); the weight of dropped siblings is spread over the others."""
    if not node.children:
        yield node.key, percent
        return
    kept = [child for child in node.children if child.key not in dropped]
    whole = sum((Fraction(child.weight) for child in kept if child.optional is not Optional.BONUS), Fraction())
    if not dropped.intersection(child.key for child in node.children):
        whole = HUNDRED
    for child in kept:
        if whole:
            yield from _shares(child, percent * Fraction(child.weight) / whole, dropped)
