"""A factor for each member of a group from the points that the others gave them. Pure; exact fractions."""

from collections.abc import Mapping
from fractions import Fraction

ONE = Fraction(1)


def factors(ratings: Mapping[int, Mapping[int, int]], members: list[int], *, span: int) -> dict[int, Fraction]:
    """Member → factor: the mean of what the others gave them over the mean of all members' means, within 1 ± span percent.

    `ratings`: who → whom → points. Nobody rates themselves. Whom nobody rated has 1; so has everybody while fewer than
    half of the members have said anything, or where nobody got a point. `span` 0: one mark for all.
    """
    voices = [who for who in members if ratings.get(who)]
    if span <= 0 or 2 * len(voices) < len(members):
        return dict.fromkeys(members, ONE)
    means = {}
    for member in members:
        given = [Fraction(ratings[who][member]) for who in voices if who != member and member in ratings[who]]
        if given:
            means[member] = sum(given, Fraction()) / len(given)
    middle = sum(means.values(), Fraction()) / len(means) if means else Fraction()
    if not middle:
        return dict.fromkeys(members, ONE)
    low, high = 1 - Fraction(span, 100), 1 + Fraction(span, 100)
    return {member: min(max(means[member] / middle, low), high) if member in means else ONE for member in members}
