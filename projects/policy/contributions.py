"""A factor for each member of a group from the points that the others gave them. Pure; exact fractions."""

from collections.abc import Mapping
from fractions import Fraction

ONE = Fraction(1)
WIDEST = 99
"""Percent: a factor is never nothing."""


def factors(ratings: Mapping[int, Mapping[int, int]], members: list[int], *, span: int) -> dict[int, Fraction]:
    """Member → factor. Each rater's points are shares of what that rater gave, as in WebPA: who gives everybody 9 says the
    same as who gives everybody 2, that all did alike. A member's factor is the mean of what the others say.

    `ratings`: who → whom → points. Nobody rates themselves. Whom nobody rated has 1; so has everybody while fewer than
    half of the members have said anything. The mean factor of a group is 1; if one would lie outside 1 ± span percent, all
    are drawn towards 1 until none does. `span` 0: one mark for all.
    """
    voices = [voice for who in members if (voice := _voice(ratings.get(who, {}), who, members))]
    span = min(span, WIDEST)
    if span <= 0 or 2 * len(voices) < len(members):
        return dict.fromkeys(members, ONE)
    means = {}
    for member in members:
        given = [voice[member] for voice in voices if member in voice]
        if given:
            means[member] = sum(given, Fraction()) / len(given)
    middle = sum(means.values(), Fraction()) / len(means)
    raw = {member: means[member] / middle if member in means else ONE for member in members}
    widest = max(abs(factor - 1) for factor in raw.values())
    scale = min(ONE, Fraction(span, 100) / widest) if widest else ONE
    return {member: 1 + (factor - 1) * scale for member, factor in raw.items()}


def _voice(given: Mapping[int, int], who: int, members: list[int]) -> dict[int, Fraction]:
    """What one member says of the others, 1 being the same for all whom they rate, also if that is 0; empty: nothing."""
    points = {whom: Fraction(given[whom]) for whom in members if whom != who and whom in given}
    whole = sum(points.values(), Fraction())
    return {whom: each * len(points) / whole for whom, each in points.items()} if whole else dict.fromkeys(points, ONE)
