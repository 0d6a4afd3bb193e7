"""The one way in which a figure is rounded, for pages, API, tables and files alike. Pure."""

from decimal import Decimal
from fractions import Fraction


def rounded(number: Fraction | Decimal, step: Decimal) -> Decimal:
    """The nearest multiple of `step`, the half away from zero (policy.md: one rounding at the very end, half up). Exact."""
    steps = abs(Fraction(number)) / Fraction(step)
    whole = (2 * steps.numerator + steps.denominator) // (2 * steps.denominator)
    return (whole if number >= 0 else -whole) * step
