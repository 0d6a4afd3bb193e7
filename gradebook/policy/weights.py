"""Weights as people write them, and what is left of a hundred. Weights have four decimals, as they are stored."""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from courses.policy.rounding import rounded
from gradebook.policy.tree import Node, Optional, has_surplus

HUNDRED = Decimal(100)
FINEST = Decimal("0.0001")
MOST_CAP = Decimal(999)
FORM = re.compile(r"(?P<number>\d{1,3}(?:[.,]\d{1,4})?)\s*%?|(?P<part>\d{1,6})\s*/\s*(?P<whole>\d{1,6})", re.ASCII)


class WeightError(ValueError):
    """A text that is no weight; the message says what was expected."""


def weight_of(text: str) -> Decimal:
    """`30`, `30%`, `30,5` and `3/10` in percent, to four decimals. Raises WeightError."""
    found = FORM.fullmatch(text.strip())
    if found is None or (found["whole"] and not int(found["whole"])):
        raise WeightError(f"“{text}” is no weight. Write 30, 30% or 3/10.")
    if found["number"]:
        weight = Decimal(found["number"].replace(",", "."))
    else:
        weight = rounded(Fraction(int(found["part"]) * 100, int(found["whole"])), FINEST)
    if weight > HUNDRED:
        raise WeightError(f"“{text}” is more than 100 %.")
    return weight


def cap_of(text: str) -> Decimal:
    """`100`, `105 %`: what a part counts at most, in percent of itself; 0 would be no part. Raises WeightError."""
    found = FORM.fullmatch(text.strip())
    cap = Decimal(found["number"].replace(",", ".")) if found and found["number"] else Decimal()
    if not 0 < cap <= MOST_CAP:
        raise WeightError(f"“{text[:20]}” is no greatest value. Write 100 or 105.")
    return cap


def weight_text(weight: Decimal) -> str:
    """As it is stored, without trailing zeros."""
    return f"{weight.normalize():f}"


def distributed(weights: Sequence[Decimal | None]) -> list[Decimal]:
    """What is left of 100 goes to the empty ones in equal shares, the last of which takes the rounding.

    Raises WeightError where nothing is empty, or nothing is left.
    """
    empty = sum(weight is None for weight in weights)
    left = HUNDRED - sum((weight for weight in weights if weight is not None), Decimal())
    if not empty:
        raise WeightError("Empty the weights that are to share the rest first.")
    if left <= 0:
        raise WeightError("Nothing is left to distribute: the others sum to 100 or more.")
    share = (left / empty).quantize(FINEST)
    shares = [share] * (empty - 1) + [left - share * (empty - 1)]
    return [shares.pop(0) if weight is None else weight for weight in weights]


def left_of(node: Node) -> Decimal:
    """What the parts of this group leave of 100; below zero: too much. A bonus stands outside the sum."""
    counted = [child.weight for child in node.children if child.optional is not Optional.BONUS]
    return HUNDRED - sum(counted, Decimal())


def why_not(node: Node, name: str) -> str:
    """Why this group cannot hold yet, as a sentence; empty when it can. Its parts are asked for themselves."""
    if node.better_of:
        odd = any(child.weight != HUNDRED for child in node.children if child.optional is not Optional.BONUS)
        return f"{name}: where the better one counts, each part is a whole scheme and weighs 100." if odd else ""
    left = left_of(node)
    if left:
        said = f"{weight_text(left)} are left" if left > 0 else f"{weight_text(-left)} too much"
        return f"{name}: the parts sum to {weight_text(HUNDRED - left)}, {said}."
    return f"{name}: more parts are dropped than there are." if has_surplus(node) else ""
