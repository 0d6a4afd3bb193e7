"""Several markers' sheets made into one. Pure; exact until the one rounding."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from courses.policy.rounding import rounded

KEPT = Decimal("0.0000001")
"""As finely as a released total is stored."""
FOUR_PLACES = Decimal("0.0001")


def mean_sheet(sheets: Sequence[Mapping[str, Decimal]], lines: Sequence[str]) -> dict[str, Decimal]:
    """Line → the mean of its points over the markers who filled in every line; nothing while nobody did.

    Each mean is rounded so that all of them sum to the rounded mean of the sums: three thirds of ten are ten.
    """
    whole = [sheet for sheet in sheets if lines and all(line in sheet for line in lines)]
    found: dict[str, Decimal] = {}
    exact = given = Fraction()
    for line in lines if whole else ():
        exact += sum((Fraction(sheet[line]) for sheet in whole), Fraction()) / len(whole)
        found[line] = max(rounded(exact - given, KEPT), Decimal())
        given += Fraction(found[line])
    return found


def percent_to_four_places(percent: Fraction) -> Decimal:
    """Within 0 and 100, half up."""
    return rounded(min(max(percent, Fraction()), Fraction(100)), FOUR_PLACES)
