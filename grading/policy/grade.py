"""One item's grade from its facts, with the whole arithmetic: raw → contribution → factor → clamp to [0, maximum].

Nothing is rounded here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from courses.policy.lateness import Basis
from courses.policy.words import factor_text, points_text, spoken_duration

ZERO = Decimal()
ONE = Decimal(1)


@dataclass(frozen=True)
class Part:
    """One graded cell: its maximum, what the tests gave, what a person gave. None: not yet."""

    grade_id: str
    maximum: Decimal
    auto: Decimal | None = None
    by_hand: Decimal | None = None

    @property
    def score(self) -> Decimal | None:
        """A person's mark stands over the tests'."""
        return self.auto if self.by_hand is None else self.by_hand


@dataclass(frozen=True)
class Grade:
    """A grade that explains itself. `waiting` counts the parts nobody has scored yet."""

    auto: Decimal
    manual: Decimal
    maximum: Decimal
    factor: Decimal
    late_by: timedelta
    waiting: int
    basis: Basis = Basis.EARNED
    ruled: Decimal | None = None
    """Points that a person set instead of what is reckoned."""
    has_tests: bool = True
    """Whether tests gave any of it; a paper has none."""
    contribution: Decimal = ONE
    """The member's factor in a group's work."""

    @property
    def raw(self) -> Decimal:
        """What was earned, before the member's contribution and lateness."""
        return self.auto + self.manual

    @property
    def total(self) -> Decimal:
        """What counts: what was ruled, or else what is reckoned, within 0 and the maximum."""
        return self.reckoned if self.ruled is None else min(max(self.ruled, ZERO), self.maximum)

    @property
    def reckoned(self) -> Decimal:
        own = self.raw * self.contribution
        counted = {
            Basis.EARNED: own * self.factor,
            Basis.POSSIBLE: own - (1 - self.factor) * self.maximum,
            Basis.CAP: min(own, self.factor * self.maximum),
        }[self.basis]
        return min(max(counted, ZERO), self.maximum)

    @property
    def is_complete(self) -> bool:
        return self.waiting == 0 or self.ruled is not None

    @property
    def sentence(self) -> str:
        """`(8 auto + 3 manual) × 0.9, 2 h 14 min late = 9.9 of 11`; of what has no tests `72 × 0.9, … = 64.8 of 100`; of a
        member's share `72 × 1.05 for the contribution × 0.9, …`
        """
        when = f"{spoken_duration(self.late_by)} late" if self.late_by > timedelta() else "on time"
        lost = points_text((1 - self.factor) * self.maximum)
        most = points_text(self.factor * self.maximum)
        times = {Basis.POSSIBLE: f"− {lost}", Basis.CAP: f"at most {most}"}.get(
            self.basis, f"× {factor_text(self.factor)[1:]}"
        )
        total = f"{points_text(self.reckoned)} of {points_text(self.maximum)}"
        ruled = "" if self.ruled is None else f"; set to {points_text(self.total)} by the lecturer"
        manual = points_text(self.manual)
        earned = f"({points_text(self.auto)} auto + {manual} manual)" if self.has_tests else manual
        part = "" if self.contribution == 1 else f" × {factor_text(self.contribution)[1:]} for the contribution"
        return f"{earned}{part} {times}, {when} = {total}{ruled}"


def grade_of(
    parts: Sequence[Part],
    *,
    factor: Decimal,
    late_by: timedelta,
    basis: Basis = Basis.EARNED,
    contribution: Decimal = ONE,
) -> Grade:
    """The grade of one version of one item."""
    scored = [part for part in parts if part.score is not None]
    return Grade(
        auto=sum((part.auto or ZERO for part in scored if part.by_hand is None), ZERO),
        manual=sum((part.by_hand for part in scored if part.by_hand is not None), ZERO),
        maximum=sum((part.maximum for part in parts), ZERO),
        factor=factor,
        late_by=late_by,
        waiting=len(parts) - len(scored),
        basis=basis,
        has_tests=any(part.auto is not None for part in parts),
        contribution=contribution,
    )
