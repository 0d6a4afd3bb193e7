"""Which components of a scheme count for one student, and what each group then comes to. Pure; exact fractions.

A group is worth the mean of those of its parts that count, under their weights, and on top of it each bonus × its weight:
a bonus has its share of the group whatever becomes of the other parts. What has nothing that counts (exempt, or optional
and not handed in) leaves its weight to its siblings, and its bonuses stay. What never hurts is left out where that is best for
the student, as if it were exempt; best over all choices, also where the lowest are dropped.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

from gradebook.policy.tree import Leaf, Node, Optional

ZERO = Fraction()
FEW = 6
"""Of groups that leave a bonus behind all choices are tried up to so many siblings; of more those that rank lowest."""


@dataclass(frozen=True)
class Count:
    """A component as it counts. `value`: 1 is full marks; None: nothing of it counts, but `extra` is what its bonuses add.

    `parts`: what counts in it, each with its share of it (1 is the whole). `left_out`: what stays of it where it is left
    out, as it may be; None: it may not.
    """

    node: Node
    value: Fraction | None
    extra: Fraction = ZERO
    parts: tuple[tuple["Count", Fraction], ...] = ()
    left_out: "Count | None" = None
    is_graded: bool = False

    @property
    def worth(self) -> Fraction:
        """What it is worth where it stands outside the mean."""
        return self.extra if self.value is None else self.value

    def shares(self, percent: Fraction, *, bonus: bool = False) -> Iterator[tuple[str, Fraction, bool]]:
        """(leaf key, its percent of the course, whether that is on top of the hundred) of everything that counts."""
        if not self.node.children and self.value is not None:
            yield self.node.key, percent, bonus
        for part, share in self.parts:
            on_top = bonus or part.node.optional is Optional.BONUS or part.value is None
            yield from part.shares(percent * share, bonus=on_top)

    def nodes(self) -> Iterator[Node]:
        """This component and all below it that count."""
        if self.value is not None:
            yield self.node
        for part, _ in self.parts:
            yield from part.nodes()


def count(node: Node, marks: Mapping[str, Leaf], loose: Collection[str] = ()) -> Count:
    """This component for the student with these marks; what is not graded counts 0. `loose`: leaves that may be left out."""
    if node.optional is Optional.REDISTRIBUTE and not any(
        marks.get(leaf.key, Leaf()).is_known for leaf in node.leaves()
    ):
        return Count(node, None)
    if not node.children:
        return _leaf(node, marks.get(node.key, Leaf()), is_loose=node.key in loose)
    below = [count(child, marks, loose) for child in node.children]
    on_top = [part for part in below if part.value is None or part.node.optional is Optional.BONUS]
    rivals = [part for part in below if part.value is not None and part.node.optional is not Optional.BONUS]
    extras = tuple((part, Fraction(part.node.weight) / 100) for part in on_top)
    extra = sum((part.worth * share for part, share in extras), ZERO)
    is_graded = any(part.is_graded for part in below)
    hollow = Count(node, None, _capped(extra, node), extras, is_graded=is_graded)
    if not rivals:
        return hollow
    kept, mean = _best_choice(node, rivals)
    left_out = _left_out(node, rivals, hollow)
    return Count(node, _capped(mean + extra, node), extra, (*kept, *extras), left_out, is_graded)


def _left_out(node: Node, rivals: Sequence[Count], hollow: Count) -> Count | None:
    """What stays of a group that may be left out: nothing if it never hurts, its bonuses if all its parts may be left out."""
    left = [part.left_out for part in rivals if part.left_out is not None]
    if len(left) == len(rivals):
        passed = tuple((part, Fraction(part.node.weight) / 100) for part in left if part.extra)
        more = sum((part.extra * share for part, share in passed), ZERO)
        return replace(hollow, extra=_capped(hollow.extra + more, node), parts=(*hollow.parts, *passed))
    return Count(node, None) if node.optional is Optional.NEVER_HURTS else None


def _leaf(node: Node, leaf: Leaf, *, is_loose: bool) -> Count:
    if leaf.exempt:
        return Count(node, None)
    left_out = Count(node, None) if is_loose or node.optional is Optional.NEVER_HURTS else None
    return Count(node, _capped(leaf.share or ZERO, node), left_out=left_out, is_graded=leaf.share is not None)


def _capped(value: Fraction, node: Node) -> Fraction:
    return value if node.cap is None else min(value, Fraction(node.cap) / 100)


Kept = tuple[tuple[Count, Fraction], ...]


def _best_choice(node: Node, rivals: Sequence[Count]) -> tuple[Kept, Fraction]:
    """What is kept of the rivals, each with its share, and what they come to: the best over all choices.

    Of those that leave a bonus behind where they are left out every choice is tried. Of equals the one that leaves out less.
    """
    givers = [part for part in rivals if part.left_out is not None and part.left_out.extra]
    best: tuple[Kept, Fraction] = ((), ZERO)
    for gone in _subsets(givers):
        stay = [part for part in rivals if not any(part is other for other in gone)]
        behind = tuple((part.left_out, Fraction(part.node.weight) / 100) for part in gone if part.left_out is not None)
        kept, mean = _best_kept(node, stay, firm=[p for p in stay if p.left_out is None or p.left_out.extra])
        value = mean + sum((part.extra * share for part, share in behind), ZERO)
        if kept and (not best[0] or value > best[1]):
            best = (*kept, *behind), value
    return best


def _subsets(givers: Sequence[Count]) -> Iterator[Sequence[Count]]:
    """All, the smaller first; of more than a few each alone, and so many as one likes of those that lose least by going."""
    if len(givers) <= FEW:
        for size in range(len(givers) + 1):
            yield from combinations(givers, size)
        return
    yield from ((giver,) for giver in givers)
    for ranked in (sorted(givers, key=lambda part: part.worth), sorted(givers, key=_loss)):
        yield from (ranked[:size] for size in range(len(givers) + 1))


def _loss(part: Count) -> Fraction:
    """By how much it is worth more where it stays than where it is left out."""
    return part.worth - (part.left_out.extra if part.left_out is not None else ZERO)


def _best_kept(node: Node, rivals: Sequence[Count], firm: Sequence[Count]) -> tuple[Kept, Fraction]:
    """The best mean where all but those that stay `firm` may be left out.

    For each number that may be left out: so many are kept, and of those that must stay at most as many are missing as
    are dropped.
    """
    best: tuple[Kept, Fraction] = ((), ZERO)
    must = {part.node.key for part in firm}
    for present in range(len(rivals), max(len(firm), 1) - 1, -1):
        keep = max(1, present - node.surplus(present))
        chosen = _best_of(rivals, keep, must, firm=max(0, len(firm) - (present - keep)))
        whole = _whole(node, chosen)
        kept = tuple((part, Fraction(part.node.weight) / whole if whole else ZERO) for part in chosen)
        mean = sum((share * part.worth for part, share in kept), ZERO)
        if not best[0] or mean > best[1]:
            best = kept, mean
    return best


def _whole(node: Node, kept: Sequence[Count]) -> Fraction:
    """What the weights of what is kept are shares of: a hundred while nothing is missing, in a draft too."""
    return Fraction(100) if len(kept) == len(node.regular) else _weight(kept)


def _weight(parts: Sequence[Count]) -> Fraction:
    return sum((Fraction(part.node.weight) for part in parts), ZERO)


def _best_of(rivals: Sequence[Count], keep: int, must: Collection[str], *, firm: int) -> list[Count]:
    """Those `keep` whose mean is best, in their order, at least `firm` of them of those that `must` stay.

    Of equals what is graded, and the first. Found by improving the mean until it stays (Dinkelbach).
    """
    if keep == len(rivals):
        return list(rivals)
    mean = ZERO
    while True:
        chosen = _top(rivals, keep, must, firm, over=mean)
        weight = _weight(chosen)
        found = sum((Fraction(part.node.weight) * part.worth for part in chosen), ZERO) / weight if weight else mean
        if found <= mean:
            return chosen
        mean = found


def _top(rivals: Sequence[Count], keep: int, must: Collection[str], firm: int, *, over: Fraction) -> list[Count]:
    """Those that lift a mean of so much most."""
    gains = [Fraction(part.node.weight) * (part.worth - over) for part in rivals]
    order = sorted(range(len(rivals)), key=lambda place: (-gains[place], not rivals[place].is_graded, place))
    first = [place for place in order if rivals[place].node.key in must][:firm]
    rest = [place for place in order if place not in first][: keep - len(first)]
    return [rivals[place] for place in sorted([*first, *rest])]
