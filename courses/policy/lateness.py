"""What late work costs. Source: the course's late rule; figures in `docs/grading-rules.md`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from courses.policy.clock import Clock

ON_TIME = Decimal(1)
WHOLE = 100
MOST_STEPS = 1000
MOST_DAYS = 10_000
DAYS_OF_WEEK = 7


class LateRuleError(ValueError):
    """A late rule that cannot be meant; the message says what was expected."""


class Basis(StrEnum):
    """What a factor of 0.9 does to 80 of 100: multiplies (72), takes a tenth of the maximum (70), or caps (at most 90)."""

    EARNED = "earned"
    POSSIBLE = "possible"
    CAP = "cap"


class Replacing(StrEnum):
    """What a later version does: it has its own lateness, or the first one's, or none is taken once one was on time."""

    LATE = "late_if_after_due"
    LOCKED = "lock_at_due"
    LATEST = "latest"


@dataclass(frozen=True)
class Tier:
    """Up to so many days and minutes late the factor is this; `inclusive` says whether the last second still belongs."""

    days: int
    inclusive: bool
    factor: Decimal
    minutes: int = 0

    @property
    def length(self) -> timedelta:
        """In order of this, tiers reach further."""
        return timedelta(days=self.days, minutes=self.minutes)


@dataclass(frozen=True)
class Steps:
    """`percent` for every started step of so many days and minutes, never below `floor`.

    `compound`: each step takes its percentage of what the one before left.
    """

    percent: Decimal
    floor: Decimal = Decimal()
    days: int = 1
    minutes: int = 0
    compound: bool = False

    def tiers(self) -> tuple[Tier, ...]:
        """One for each step above the floor; raises LateRuleError if they would not end soon."""
        if not 0 < self.percent <= WHOLE or not 0 <= self.floor <= 1 or self.days + self.minutes <= 0:
            raise LateRuleError("Steps take between 0 and 100 percent, and last at least a minute.")
        made: list[Tier] = []
        while (factor := self._after(len(made) + 1)) > self.floor:
            number = len(made) + 1
            if number > MOST_STEPS:
                raise LateRuleError(f"That would be more than {MOST_STEPS} steps: give a floor.")
            made.append(Tier(self.days * number, True, factor, self.minutes * number))
        return tuple(made)

    def _after(self, steps: int) -> Decimal:
        return (1 - self.percent / WHOLE) ** steps if self.compound else 1 - self.percent * steps / WHOLE


class Unit(StrEnum):
    """In which a budget is counted."""

    DAY = "day"
    HOUR = "hour"


@dataclass(frozen=True)
class SlipDays:
    """`total` days in the term that move own due times, at most `each` on one item, spent as work comes late.

    `not_on`: slugs of items that take none. `unit`: days, or hours. `for_groups`: a group has such a budget of its own
    for what it hands in; else only what students hand in alone takes any.
    """

    total: int
    each: int
    not_on: tuple[str, ...] = ()
    unit: Unit = Unit.DAY
    for_groups: bool = False


@dataclass(frozen=True)
class LateRule:
    """Tiers in order, then `beyond` for anything later. No tiers and beyond 1: late is labelled, never discounted.

    `steps` stands instead of tiers. After `cut_off_days` late work counts nothing; 0: no such day.
    """

    tiers: tuple[Tier, ...] = ()
    beyond: Decimal = ON_TIME
    grace: timedelta = timedelta()
    basis: Basis = Basis.EARNED
    steps: Steps | None = None
    cut_off_days: int = 0
    slip_days: SlipDays | None = None
    replacing: Replacing = Replacing.LATE
    free_days: tuple[int, ...] = ()
    """Days of the week (0 is Monday) that do not count: on them no work becomes later."""

    def __post_init__(self) -> None:
        if self.steps and self.tiers:
            raise LateRuleError("A rule has tiers or steps, not both.")
        factors = [ON_TIME, *(tier.factor for tier in self.ladder), self.last]
        if any(later > earlier for earlier, later in pairwise(factors)) or self.last < 0:
            raise LateRuleError("Factors must lie between 0 and 1 and never rise with lateness.")
        reaches = [timedelta(), *(tier.length for tier in self.ladder)]
        if any(later <= earlier for earlier, later in pairwise(reaches)):
            raise LateRuleError("Each tier must reach further than the one before it.")
        longest = timedelta(days=MOST_DAYS)
        if max([self.grace, timedelta(days=self.cut_off_days), *reaches]) > longest:
            raise LateRuleError(f"Nothing in a late rule lasts longer than {MOST_DAYS} days.")
        if self.grace < timedelta() or self.cut_off_days < 0:
            raise LateRuleError("The grace period and the cut-off cannot be negative.")
        _check_free_days(self.free_days)
        if self.slip_days and not 0 < self.slip_days.each <= self.slip_days.total:
            raise LateRuleError("Slip days: at least one for each item, and no more than there are.")

    @cached_property
    def ladder(self) -> tuple[Tier, ...]:
        """What holds up to when, cut off where the rule cuts off."""
        made = self.steps.tiers() if self.steps else self.tiers
        if not self.cut_off_days:
            return made
        end = timedelta(days=self.cut_off_days)
        kept = tuple(tier for tier in made if tier.length < end)
        here = next((tier.factor for tier in made if tier.length >= end), self._beyond)
        return (*kept, Tier(self.cut_off_days, True, here))

    @property
    def last(self) -> Decimal:
        """The factor after the ladder."""
        return Decimal() if self.cut_off_days else self._beyond

    def moved(self, due_at: datetime, count: int, zone: tzinfo) -> datetime:
        """A due time moved by so many slip days, or hours."""
        clock = Clock(zone, self.free_days)
        if self.slip_days is not None and self.slip_days.unit is Unit.HOUR:
            return clock.after(due_at, span=timedelta(hours=count))
        return clock.after(due_at, days=count)

    @property
    def _beyond(self) -> Decimal:
        return self.steps.floor if self.steps else self.beyond

    @property
    def discounts(self) -> bool:
        return self.last < 1 or any(tier.factor < 1 for tier in self.ladder)


def _check_free_days(days: Sequence[int]) -> None:
    if len(set(days)) != len(days) or len(days) >= DAYS_OF_WEEK:
        raise LateRuleError("Days that do not count stand once each, and some day of the week counts.")
    if any(day not in range(DAYS_OF_WEEK) for day in days):
        raise LateRuleError("Days that do not count are days of the week.")


def lateness(*, received_at: datetime, due_at: datetime, rule: LateRule, zone: tzinfo) -> timedelta:
    """How late, after the grace, in whole seconds, without days that do not count; zero or less is on time."""
    return Clock(zone, rule.free_days).between(_begins(due_at, rule, zone), whole_second(received_at))


def late_factor(*, received_at: datetime, due_at: datetime, rule: LateRule, zone: tzinfo) -> Decimal:
    """The factor on the earned mark. A day is the same wall-clock time on the next day in the course's zone."""
    if lateness(received_at=received_at, due_at=due_at, rule=rule, zone=zone) <= timedelta():
        return ON_TIME
    at = whole_second(received_at)
    for tier in rule.ladder:
        bound = _bound(due_at, tier, rule, zone)
        if at < bound or (tier.inclusive and at == bound):
            return tier.factor
    return rule.last


@dataclass(frozen=True)
class Step:
    """Through `until` (None: for ever) work counts with `factor`."""

    until: datetime | None
    factor: Decimal


def timeline(*, due_at: datetime, rule: LateRule, zone: tzinfo) -> Sequence[Step]:
    """When the factor changes: the last second of each step, in order."""
    steps = [Step(on_time_until(due_at=due_at, rule=rule, zone=zone), ON_TIME)]
    for tier in rule.ladder:
        bound = _bound(due_at, tier, rule, zone)
        steps.append(Step(bound if tier.inclusive else bound - timedelta(seconds=1), tier.factor))
    steps.append(Step(None, rule.last))
    return _joined(steps)


def on_time_until(*, due_at: datetime, rule: LateRule, zone: tzinfo) -> datetime:
    """The last second that is on time: the due time, moved by the grace and by days that do not count."""
    return Clock(zone, rule.free_days).until(_begins(due_at, rule, zone))


def step_of(steps: Sequence[Step], at: datetime) -> tuple[Step, Step | None]:
    """Of a timeline the step that holds at this instant, and the one after it."""
    for here, after in zip(steps, [*steps[1:], None], strict=True):
        if here.until is None or whole_second(at) <= here.until:
            return here, after
    return steps[-1], None


def effective_due(due_at: datetime, extensions: Sequence[datetime]) -> datetime:
    """The latest of the (possibly moved) due time and every extension that applies."""
    return max([due_at, *extensions])


def _bound(due_at: datetime, tier: Tier, rule: LateRule, zone: tzinfo) -> datetime:
    clock = Clock(zone, rule.free_days)
    reached = clock.after(_begins(due_at, rule, zone), days=tier.days, span=timedelta(minutes=tier.minutes))
    return clock.until(reached) if tier.inclusive else reached


def _begins(due_at: datetime, rule: LateRule, zone: tzinfo) -> datetime:
    """Where lateness begins: after the grace."""
    return Clock(zone, rule.free_days).after(whole_second(due_at), span=rule.grace)


def whole_second(instant: datetime) -> datetime:
    """Without the part of a second, which never makes work late."""
    return instant.replace(microsecond=0)


def _joined(steps: Sequence[Step]) -> list[Step]:
    """Neighbours with the same factor are one step."""
    joined: list[Step] = []
    for step in steps:
        if joined and joined[-1].factor == step.factor:
            joined.pop()
        joined.append(step)
    return joined
