"""A course's total from its scheme and a student's marks. Shares are fractions of the whole; one rounding, at display.

Nothing graded is not zero: a standing is three numbers, never a lone percentage.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from gradebook.policy.counting import Count, count
from gradebook.policy.tree import HUNDRED, Leaf, Node

FULL = Leaf(Fraction(1), handed_in=True)
NOTHING = Leaf(Fraction(), handed_in=True)


@dataclass(frozen=True)
class Standing:
    """`earned` of the course so far, `average` on graded work (None: nothing graded), and what is still possible."""

    earned: Fraction
    average: Fraction | None
    lowest: Fraction
    highest: Fraction


def counted_shares(root: Node, marks: Mapping[str, Leaf]) -> dict[str, Fraction]:
    """Each leaf's share of the course as it counts for this student now; what is dropped or exempt is left out.

    The sum of share × mark over what is graded is what is earned so far, unless a cap holds it down.
    """
    return {key: share for key, share, _ in count(root, marks).shares(HUNDRED)}


def total(root: Node, marks: Mapping[str, Leaf]) -> Fraction:
    """The final total in percent: what is missing counts 0, optional parts as their reading says."""
    return count(root, marks).worth * 100


def below_minimum(root: Node, marks: Mapping[str, Leaf]) -> list[str]:
    """Keys of the components that count, are wholly graded and lie below their minimum."""
    counted = count(root, marks).nodes()
    return [node.key for node in counted if node.minimum is not None and _is_below(node, node.minimum, marks)]


def standing(root: Node, marks: Mapping[str, Leaf]) -> Standing:
    """The three numbers a student sees. `marks` holds only what the student may know."""
    now = count(root, marks)
    unknown = [leaf.key for leaf in root.leaves() if _is_open(marks.get(leaf.key, Leaf()))]
    if not unknown:
        end = now.worth * 100
        return Standing(end, _average(now, marks), end, end)
    lowest = min(now.worth * 100, total(root, {**marks, **dict.fromkeys(unknown, NOTHING)}))
    highest = count(root, {**marks, **dict.fromkeys(unknown, FULL)}, frozenset(unknown)).worth * 100
    return Standing(now.worth * 100, _average(now, marks), lowest, highest)


def _average(now: Count, marks: Mapping[str, Leaf]) -> Fraction | None:
    """The mean over what is graded, bonuses on top of it as they are on top of the whole."""
    mean, weight, on_top = Fraction(), Fraction(), Fraction()
    for key, share, is_bonus in now.shares(HUNDRED):
        mark = marks.get(key, Leaf()).share
        if mark is not None and is_bonus:
            on_top += share * mark
        elif mark is not None:
            mean += share * mark
            weight += share
    if not weight:
        return None
    average = mean / weight * 100 + on_top
    return average if now.node.cap is None else min(average, Fraction(now.node.cap))


def _is_open(leaf: Leaf) -> bool:
    return leaf.share is None and not leaf.exempt


def _is_below(node: Node, minimum: Decimal, marks: Mapping[str, Leaf]) -> bool:
    counted = [leaf for leaf in (marks.get(node.key, Leaf()) for node in node.leaves()) if not leaf.exempt]
    graded = bool(counted) and all(leaf.share is not None for leaf in counted)
    return graded and total(node, marks) < minimum
