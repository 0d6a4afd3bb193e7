"""Points of one cell by its rubric: where it begins, what applies, an adjustment; clamped to what the cell has."""

from collections.abc import Iterable
from decimal import Decimal

ZERO = Decimal()


def rubric_points(
    *, maximum: Decimal, starts_full: bool, items: Iterable[Decimal], adjustment: Decimal = ZERO
) -> Decimal:
    """From nothing upwards, or from the full points downwards; `items` are the points of those that apply, signed."""
    begin = maximum if starts_full else ZERO
    return min(max(begin + sum(items, ZERO) + adjustment, ZERO), maximum)


def adjustment_for(points: Decimal, *, maximum: Decimal, starts_full: bool) -> Decimal:
    """What a mark that was given without a rubric is as an adjustment alone."""
    return points - (maximum if starts_full else ZERO)
