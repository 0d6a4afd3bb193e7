"""Peers rank each other's presentations: scores, marks, whether enough voted, and how far a ballot agrees with the whole.

Normalised Borda: on a ballot of m ranked groups the r-th gets (m − r)/(m − 1); a group's score is the mean over the ballots that
ranked it. Fractions throughout; whoever shows a number rounds it.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Ballot = Sequence[Key]
"""Groups, best first, each once, the voter's own not among them."""

LEAST = 3
"""Groups that a ballot must rank to count, where there are so many that one may rank."""
FEWEST = 2
"""Of one group there is no order."""
FEWEST_BALLOTS = 5
SHARE_OF_VOTERS = Fraction(3, 10)
BALLOTS_FOR_EACH = 3
REVERSED = Fraction(-1, 2)
"""Agreement from here downwards looks like a ballot that was filled in the wrong way round."""


def places_needed(may_rank: int, least: int = LEAST) -> int:
    """How many groups a ballot must rank to count, for whoever may rank so many."""
    return max(FEWEST, min(least, may_rank))


def scores(ballots: Sequence[Ballot[Key]], groups: Sequence[Key]) -> dict[Key, Fraction]:
    """Group → score from 0 to 1; groups that no ballot ranks are left out. `ballots`: those that count."""
    given: dict[Key, list[Fraction]] = {group: [] for group in groups}
    for ballot in ballots:
        most = len(ballot)
        for rank, group in enumerate(ballot, start=1):
            if group in given:
                given[group].append(Fraction(most - rank, most - 1))
    return {group: sum(each, Fraction()) / len(each) for group, each in given.items() if each}


@dataclass(frozen=True)
class Quorum:
    """Whether enough voted: ballots that count against those needed, and the groups that too few ranked."""

    ballots: int
    needed: int
    too_few: Sequence[object]

    @property
    def is_met(self) -> bool:
        return self.ballots >= self.needed and not self.too_few


def quorum(ballots: Sequence[Ballot[Key]], groups: Sequence[Key], *, voters: int) -> Quorum:
    """The larger of 5 and 30 % of those who may vote, and 3 ballots for each group. `ballots`: those that count."""
    share = SHARE_OF_VOTERS * voters
    ranked = Counter(group for ballot in ballots for group in ballot)
    return Quorum(
        ballots=len(ballots),
        needed=max(FEWEST_BALLOTS, -(-share.numerator // share.denominator)),
        too_few=[group for group in groups if ranked[group] < BALLOTS_FOR_EACH],
    )


def marks_by_rank(found: Mapping[Key, Fraction], *, highest: Fraction, lowest: Fraction) -> dict[Key, Fraction]:
    """Evenly from the highest mark to the lowest; equal scores share the mean of their ranks. One alone has the highest."""
    ordered = sorted(found.values(), reverse=True)
    if len(ordered) < 2:  # noqa: PLR2004  nobody to be ranked against
        return dict.fromkeys(found, highest)
    step = (highest - lowest) / (len(ordered) - 1)
    marks = {}
    for group, score in found.items():
        first = ordered.index(score)
        middle = first + Fraction(ordered.count(score) - 1, 2)
        marks[group] = highest - middle * step
    return marks


def marks_by_score(found: Mapping[Key, Fraction], *, highest: Fraction, lowest: Fraction) -> dict[Key, Fraction]:
    """The lowest mark for a score of 0, the highest for 1."""
    return {group: lowest + score * (highest - lowest) for group, score in found.items()}


def agreement(ballot: Ballot[Key], found: Mapping[Key, Fraction]) -> Fraction | None:
    """Kendall's τ of a ballot with the whole, from −1 to 1, over the pairs that the whole does not tie; None without any."""
    pairs = [(a, b) for a, b in combinations(ballot, 2) if a in found and b in found and found[a] != found[b]]
    if not pairs:
        return None
    return Fraction(sum(1 if found[better] > found[worse] else -1 for better, worse in pairs), len(pairs))


def looks_reversed(ballot: Ballot[Key], found: Mapping[Key, Fraction]) -> bool:
    """Whether staff should ask if best and worst were mixed up."""
    tau = agreement(ballot, found)
    return tau is not None and tau <= REVERSED
