"""What late work costs. Source: the course's late rule; figures in `docs/grading-rules.md`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from itertools import pairwise
from typing import Any

from courses.policy.calendar import add_days

ON_TIME = Decimal(1)


class LateRuleError(ValueError):
    """A late rule that cannot be meant; the message says what was expected."""


@dataclass(frozen=True)
class Tier:
    """Up to so many days late the factor is this; `inclusive` says whether the last second still belongs."""

    days: int
    inclusive: bool
    factor: Decimal


@dataclass(frozen=True)
class LateRule:
    """Tiers in order, then `beyond` for anything later. No tiers and beyond 1: late is labelled, never discounted."""

    tiers: tuple[Tier, ...] = ()
    beyond: Decimal = ON_TIME
    grace: timedelta = timedelta()

    def __post_init__(self) -> None:
        factors = [ON_TIME, *(tier.factor for tier in self.tiers), self.beyond]
        if any(later > earlier for earlier, later in pairwise(factors)) or self.beyond < 0:
            raise LateRuleError("Factors must lie between 0 and 1 and never rise with lateness.")
        days = [0, *(tier.days for tier in self.tiers)]
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise LateRuleError("Each tier must reach further than the one before it.")
        if self.grace < timedelta():
            raise LateRuleError("The grace period cannot be negative.")

    @property
    def discounts(self) -> bool:
        return self.beyond < 1 or any(tier.factor < 1 for tier in self.tiers)


def rule_from_json(stored: dict[str, Any]) -> LateRule:
    """Read what `rule_as_json` wrote; raises LateRuleError for anything else."""
    try:
        tiers = tuple(Tier(int(t["days"]), bool(t["inclusive"]), Decimal(t["factor"])) for t in stored["tiers"])
        return LateRule(tiers, Decimal(stored["beyond"]), timedelta(seconds=int(stored["grace_seconds"])))
    except (KeyError, TypeError, ArithmeticError) as error:
        raise LateRuleError(f"Not a late rule: {error!r}") from error


def rule_as_json(rule: LateRule) -> dict[str, Any]:
    """The rule as plain JSON; numbers as text, so that no factor is ever a float."""
    return {
        "form": "tiers",
        "tiers": [{"days": t.days, "inclusive": t.inclusive, "factor": str(t.factor)} for t in rule.tiers],
        "beyond": str(rule.beyond),
        "grace_seconds": int(rule.grace.total_seconds()),
    }


def lateness(*, received_at: datetime, due_at: datetime, rule: LateRule) -> timedelta:
    """How late, after the grace, in whole seconds; zero or less is on time."""
    return _second(received_at) - _second(due_at) - rule.grace


def late_factor(*, received_at: datetime, due_at: datetime, rule: LateRule, zone: tzinfo) -> Decimal:
    """The factor on the earned mark. A day is the same wall-clock time on the next day in the course's zone."""
    if lateness(received_at=received_at, due_at=due_at, rule=rule) <= timedelta():
        return ON_TIME
    at = _second(received_at)
    for tier in rule.tiers:
        bound = _bound(due_at, tier, rule, zone)
        if at < bound or (tier.inclusive and at == bound):
            return tier.factor
    return rule.beyond


@dataclass(frozen=True)
class Step:
    """Through `until` (None: for ever) work counts with `factor`."""

    until: datetime | None
    factor: Decimal


def timeline(*, due_at: datetime, rule: LateRule, zone: tzinfo) -> Sequence[Step]:
    """When the factor changes: the last second of each step, in order."""
    steps = [Step(_second(due_at) + rule.grace, ON_TIME)]
    for tier in rule.tiers:
        bound = _bound(due_at, tier, rule, zone)
        steps.append(Step(bound if tier.inclusive else bound - timedelta(seconds=1), tier.factor))
    steps.append(Step(None, rule.beyond))
    return _joined(steps)


def next_change(*, at: datetime, due_at: datetime, rule: LateRule, zone: tzinfo) -> tuple[Step, Step | None]:
    """The step that holds at this instant, and the one after it."""
    steps = timeline(due_at=due_at, rule=rule, zone=zone)
    for here, after in zip(steps, [*steps[1:], None], strict=True):
        if here.until is None or _second(at) <= here.until:
            return here, after
    return steps[-1], None


def effective_due(due_at: datetime, extensions: Sequence[datetime]) -> datetime:
    """The latest of the (possibly moved) due time and every extension that applies."""
    return max([due_at, *extensions])


def _bound(due_at: datetime, tier: Tier, rule: LateRule, zone: tzinfo) -> datetime:
    return add_days(_second(due_at) + rule.grace, tier.days, zone)


def _second(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)


def _joined(steps: Sequence[Step]) -> list[Step]:
    """Neighbours with the same factor are one step."""
    joined: list[Step] = []
    for step in steps:
        if joined and joined[-1].factor == step.factor:
            joined.pop()
        joined.append(step)
    return joined
