"""Sharing work out evenly among those who may do it, and how far two who marked the same agree. Pure."""

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import mean


def share_out(work: Mapping[int, Collection[int]], load: Mapping[int, int]) -> dict[int, int]:
    """Piece of work → who does it. `work`: each piece with those who may; `load`: what each has already.

    Pieces that few may do are given first, each to whoever has least. A piece that nobody may do is left out.
    """
    has = dict(load)
    given: dict[int, int] = {}
    for piece in sorted(work, key=lambda piece: (len(work[piece]), piece)):
        able = sorted(work[piece])
        if able:
            least = min(able, key=lambda person: has.get(person, 0))
            given[piece] = least
            has[least] = has.get(least, 0) + 1
    return given


def sample(pieces: Sequence[int], percent: int, places: Mapping[int, int]) -> list[int]:
    """So many percent of the pieces, at least one of any, chosen by their random `places`: drawing again draws the same."""
    count = -(-len(pieces) * percent // 100)
    return sorted(heapq.nsmallest(count, pieces, key=lambda piece: places[piece]))


@dataclass(frozen=True)
class Agreement:
    """Of `count` cells that two people marked: how many got the same points, the mean distance, and the mean of second
    minus first, both in percent of the cell's points.
    """

    count: int
    same: int
    distance: Decimal
    lean: Decimal


def agreement(pairs: Sequence[tuple[Decimal, Decimal, Decimal]]) -> Agreement | None:
    """`pairs`: first, second, maximum. None: there is nothing to compare."""
    counted = [(first, second, most) for first, second, most in pairs if most]
    if not counted:
        return None
    leans = [100 * (second - first) / most for first, second, most in counted]
    return Agreement(
        len(counted), sum(first == second for first, second, _ in counted), mean(map(abs, leans)), mean(leans)
    )
