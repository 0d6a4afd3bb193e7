"""A course's total from its scheme and a student's marks. Shares are fractions of the whole; one rounding, at display.

Nothing graded is not zero: a standing is three numbers, never a lone percentage.
"""

from collections.abc import Iterator, Mapping, Sequence
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
    """A component: its weight among its siblings (percent), its children, or, for a leaf, its key.

    Of the children the worst `drop` do not count, or all but the `best` do not; with `better_of` only the best does, and
    each is a whole scheme. `minimum`: below this many percent of it the course is failed whatever the total.
    """

    key: str
    weight: Decimal
    children: tuple["Node", ...] = ()
    optional: Optional = Optional.NO
    drop: int = 0
    best: int = 0
    better_of: bool = False
    minimum: Decimal | None = None

    def leaves(self) -> Iterator["Node"]:
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


@dataclass(frozen=True)
class Leaf:
    """What is known of one leaf: its mark as a share of its maximum (None: not graded), and whether work came in.

    `exempt`: it does not count for this student; its weight goes to its siblings, as if it were not there.
    """

    share: Fraction | None = None
    handed_in: bool = False
    exempt: bool = False


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
    counted = [child.weight for child in node.children if child.optional is not Optional.BONUS]
    whole = all(weight == HUNDRED for weight in counted) if node.better_of else sum(counted) == HUNDRED
    return whole and not has_surplus(node) and all(map(is_publishable, node.children))


def has_surplus(node: Node) -> bool:
    """Whether all parts of this group would be dropped."""
    counted = sum(child.optional is not Optional.BONUS for child in node.children)
    return _surplus(node, counted) >= counted


def effective_shares(root: Node) -> dict[str, Fraction]:
    """Each leaf's share of the course, in percent, with nothing redistributed."""
    return dict(_shares(root, HUNDRED, dropped=frozenset()))


def counted_shares(root: Node, marks: Mapping[str, Leaf]) -> dict[str, Fraction]:
    """Each leaf's share of the course as it counts for this student now; what is dropped or exempt is left out.

    The sum of share × mark over what is graded is what is earned so far.
    """
    left_out = _without_hurting(root, marks, _absent(root, marks))
    return dict(_shares(root, HUNDRED, _uncounted(root, marks, left_out)))


def total(root: Node, marks: Mapping[str, Leaf]) -> Fraction:
    """The final total in percent: what is missing counts 0, optional parts as their reading says."""
    found = _without_hurting(root, marks, _absent(root, marks))
    return _total(root, marks, found)


def below_minimum(root: Node, marks: Mapping[str, Leaf]) -> list[str]:
    """Keys of the components that count, are wholly graded and lie below their minimum."""
    dropped = _uncounted(root, marks, _absent(root, marks))
    counted = _nodes(root, without=dropped)
    return [node.key for node in counted if node.minimum is not None and _is_below(node, node.minimum, marks)]


def standing(root: Node, marks: Mapping[str, Leaf]) -> Standing:
    """The three numbers a student sees. `marks` holds only what the student may know."""
    shares = counted_shares(root, marks)
    graded = {key: share for key, share in shares.items() if _share(marks, key) is not None}
    earned = sum((share * (_share(marks, key) or 0) for key, share in graded.items()), Fraction())
    weight = sum(graded.values(), Fraction())
    lowest, highest = _bounds(root, marks)
    return Standing(earned, earned / weight * 100 if weight else None, lowest, highest)


def _bounds(root: Node, marks: Mapping[str, Leaf]) -> tuple[Fraction, Fraction]:
    """Everything open at 0 and at full marks, with optional parts still absent and with them taken up."""
    exempt = {key for key, leaf in marks.items() if leaf.exempt}
    open_leaves = [leaf.key for leaf in root.leaves() if _share(marks, leaf.key) is None and leaf.key not in exempt]
    full = {**marks, **{key: Leaf(Fraction(1), True) for key in open_leaves}}
    absent = {**full, **{key: Leaf(Fraction(1), marks.get(key, Leaf()).handed_in) for key in open_leaves}}
    tops = [total(root, full), _total(root, absent, _absent(root, marks))]
    taken_up = {**marks, **{key: Leaf(Fraction(), True) for key in open_leaves}}
    return min(total(root, marks), total(root, taken_up)), max(tops)


def _total(root: Node, marks: Mapping[str, Leaf], dropped: frozenset[str]) -> Fraction:
    return _sum(root, marks, _uncounted(root, marks, dropped))


def _sum(node: Node, marks: Mapping[str, Leaf], dropped: frozenset[str]) -> Fraction:
    return sum((share * (_share(marks, key) or 0) for key, share in _shares(node, HUNDRED, dropped)), Fraction())


def _without_hurting(root: Node, marks: Mapping[str, Leaf], dropped: frozenset[str]) -> frozenset[str]:
    """`dropped`, with those parts that never hurt if the total is better without them."""
    kind = {node.key for node in _nodes(root) if node.optional is Optional.NEVER_HURTS}
    while kind:
        now = _total(root, marks, dropped)
        worst = max(sorted(kind), key=lambda key: _total(root, marks, dropped | {key}))
        if _total(root, marks, dropped | {worst}) <= now:
            break
        kind.remove(worst)
        dropped |= {worst}
    return dropped


def _nodes(node: Node, without: frozenset[str] = frozenset()) -> Iterator[Node]:
    """This node and all below it, whole branches left out."""
    if node.key not in without:
        yield node
        for child in node.children:
            yield from _nodes(child, without)


def _share(marks: Mapping[str, Leaf], key: str) -> Fraction | None:
    leaf = marks.get(key, Leaf())
    return None if leaf.exempt else leaf.share


def _absent(root: Node, marks: Mapping[str, Leaf]) -> frozenset[str]:
    """Components whose weight goes to the rest: optional ones of which nothing was handed in, and those one is exempt from."""
    found: set[str] = set()
    for child in root.children:
        leaves = [marks.get(leaf.key, Leaf()) for leaf in child.leaves()]
        if child.optional is Optional.REDISTRIBUTE and not any(map(_known, leaves)):
            found.add(child.key)
        if all(leaf.exempt for leaf in leaves):
            found.add(child.key)
        found |= _absent(child, marks)
    return frozenset(found)


def _surplus(node: Node, rivals: int) -> int:
    """How many of so many children do not count. Optional ones of which nothing came are no rivals."""
    best = 1 if node.better_of else node.best
    return max(node.drop, rivals - best if best else 0)


def _uncounted(node: Node, marks: Mapping[str, Leaf], dropped: frozenset[str]) -> frozenset[str]:
    """`dropped`, and below this node all that is dropped because others are better."""
    for child in node.children:
        dropped |= _uncounted(child, marks, dropped)
    rivals = [c for c in node.children if c.key not in dropped and c.optional is not Optional.BONUS]
    surplus = _surplus(node, len(rivals))
    if surplus > 0 and len(rivals) > 1:
        dropped |= _worst(rivals, marks, dropped, min(surplus, len(rivals) - 1))
    return dropped


def _worst(rivals: Sequence[Node], marks: Mapping[str, Leaf], dropped: frozenset[str], surplus: int) -> frozenset[str]:
    """Those whose leaving makes the mean of the others best; of equals, what is not graded and what stands last.

    With equal weights the lowest marks; with others found by improving the mean until it stays (Dinkelbach).
    """
    values = [_sum(rival, marks, dropped) for rival in rivals]
    graded = [any(_share(marks, leaf.key) is not None for leaf in rival.leaves()) for rival in rivals]
    mean = Fraction()
    while True:
        loss = [Fraction(rival.weight) * (value - mean) for rival, value in zip(rivals, values, strict=True)]
        order = sorted(range(len(rivals)), key=lambda place: (loss[place], graded[place], -place))
        kept = order[surplus:]
        weight = sum((Fraction(rivals[place].weight) for place in kept), Fraction())
        better = sum((Fraction(rivals[p].weight) * values[p] for p in kept), Fraction()) / weight if weight else mean
        if better <= mean:
            return frozenset(rivals[place].key for place in order[:surplus])
        mean = better


def _is_below(node: Node, minimum: Decimal, marks: Mapping[str, Leaf]) -> bool:
    counted = [leaf.key for leaf in node.leaves() if not marks.get(leaf.key, Leaf()).exempt]
    graded = bool(counted) and all(_share(marks, key) is not None for key in counted)
    return graded and _total(node, marks, _absent(node, marks)) < minimum


def _known(leaf: Leaf) -> bool:
    return not leaf.exempt and (leaf.handed_in or leaf.share is not None)


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
