"""A course's scheme as a tree of components, and what is known of its leaves. Pure."""

from collections.abc import Iterator
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
    each is a whole scheme. `minimum`: below this many percent of it the course is failed whatever the total. `cap`: it
    never counts more than this many percent of itself, whatever its bonuses add.
    """

    key: str
    weight: Decimal
    children: tuple["Node", ...] = ()
    optional: Optional = Optional.NO
    drop: int = 0
    best: int = 0
    better_of: bool = False
    minimum: Decimal | None = None
    cap: Decimal | None = None

    def leaves(self) -> Iterator["Node"]:
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    @property
    def regular(self) -> list["Node"]:
        """The children whose weights make up the hundred: those that are no bonus."""
        return [child for child in self.children if child.optional is not Optional.BONUS]

    def surplus(self, rivals: int) -> int:
        """How many of so many children do not count, 0 or more."""
        best = 1 if self.better_of else self.best
        return max(self.drop, rivals - best if best else 0, 0)


@dataclass(frozen=True)
class Leaf:
    """What is known of one leaf: its mark as a share of its maximum (None: not graded), and whether work came in.

    `exempt`: it does not count for this student; its weight goes to its siblings, as if it were not there.
    """

    share: Fraction | None = None
    handed_in: bool = False
    exempt: bool = False

    @property
    def is_known(self) -> bool:
        """Whether there is anything of it: work, or a mark."""
        return not self.exempt and (self.handed_in or self.share is not None)


def is_publishable(node: Node) -> bool:
    """Siblings sum to exactly 100 at every level; a bonus stands outside the sum."""
    if not node.children:
        return True
    counted = [child.weight for child in node.regular]
    whole = all(weight == HUNDRED for weight in counted) if node.better_of else sum(counted) == HUNDRED
    return whole and not has_surplus(node) and all(map(is_publishable, node.children))


def has_surplus(node: Node) -> bool:
    """Whether all parts of this group would be dropped."""
    return node.surplus(len(node.regular)) >= len(node.regular)


def effective_shares(root: Node) -> dict[str, Fraction]:
    """Each leaf's share of the course, in percent, with nothing redistributed."""
    return dict(_shares(root, HUNDRED))


def _shares(node: Node, percent: Fraction) -> Iterator[tuple[str, Fraction]]:
    if not node.children:
        yield node.key, percent
    for child in node.children:
        yield from _shares(child, percent * Fraction(child.weight) / 100)
