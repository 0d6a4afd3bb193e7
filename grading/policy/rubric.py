"""Points of one cell by its rubric: where it begins, what applies, an adjustment; clamped to what the cell has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal()
NO_CAPS: Mapping[int, Decimal] = {}


@dataclass(frozen=True)
class Applied:
    """One item that applies: its points with their sign, and the group that it belongs to, if any."""

    points: Decimal
    group: int | None = None


def rubric_points(
    *,
    maximum: Decimal,
    starts_full: bool,
    items: Iterable[Applied],
    adjustment: Decimal = ZERO,
    caps: Mapping[int, Decimal] = NO_CAPS,
) -> Decimal:
    """From nothing upwards, or from the full points downwards.

    `caps`: group → how much all its items together add or take at most.
    """
    sums: dict[int | None, Decimal] = {}
    for item in items:
        sums[item.group] = sums.get(item.group, ZERO) + item.points
    capped = [_capped(points, caps.get(group) if group is not None else None) for group, points in sums.items()]
    begin = maximum if starts_full else ZERO
    return min(max(begin + sum(capped, ZERO) + adjustment, ZERO), maximum)


def _capped(points: Decimal, cap: Decimal | None) -> Decimal:
    return points if cap is None else min(max(points, -cap), cap)


def adjustment_for(points: Decimal, *, maximum: Decimal, starts_full: bool) -> Decimal:
    """What a mark that was given without a rubric is as an adjustment alone."""
    return points - (maximum if starts_full else ZERO)
