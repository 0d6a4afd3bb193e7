"""From points per criterion to one mark of a group and its members. Pure; no rounding but the last."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

HUNDRED = Decimal(100)
FOUR_PLACES = Decimal("0.0001")


def percent_of(points: Mapping[int, Decimal], criteria: Mapping[int, Decimal]) -> Fraction | None:
    """Points over what could be had, in percent; None while a criterion has no points yet. Both: criterion → points."""
    if not criteria or any(key not in points for key in criteria):
        return None
    earned = sum((Fraction(min(points[key], most)) for key, most in criteria.items()), Fraction())
    return earned * 100 / sum((Fraction(most) for most in criteria.values()), Fraction())


def mean_percent(sheets: Sequence[Mapping[int, Decimal]], criteria: Mapping[int, Decimal]) -> Fraction | None:
    """The mean over the markers who filled in all of it; None while nobody did."""
    whole = [found for found in (percent_of(sheet, criteria) for sheet in sheets) if found is not None]
    return sum(whole, Fraction()) / len(whole) if whole else None


def member_percent(group: Fraction, factor: Decimal = Decimal(1)) -> Decimal:
    """One member's mark to four places: the group's times their factor, within 0 and 100."""
    exact = min(max(group * Fraction(factor), Fraction()), Fraction(100))
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(FOUR_PLACES, ROUND_HALF_UP)
