"""What was handed in for one item by whoever works on it, and what follows from it. One rule for students and for groups."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

from courses.policy.lateness import LateRule, Replacing, Step, late_factor, lateness, on_time_until, step_of, timeline
from courses.policy.slip_days import days_needed
from courses.policy.versions import Turn, effective_close


class Version(Protocol):
    """What is known of a version here."""

    @property
    def received_at(self) -> Any:
        """When its request began, a datetime. (Any: type checkers see no value behind a database column.)"""


V = TypeVar("V", bound=Version)


@dataclass(frozen=True, kw_only=True)
class History(ABC, Generic[V]):
    """Versions in order, which one counts, and what lateness costs. `own_due`: with extensions, without slip days."""

    own_due: datetime
    rule: LateRule
    submissions: Sequence[V] = ()
    counting: V | None = None
    turns: Sequence[Turn] = ()
    slip_days: int = 0
    """Days of the budget that were spent here and moved `due_at`."""
    may_slip: int = 0
    """Days of it that may be spent here."""

    @property
    @abstractmethod
    def zone(self) -> ZoneInfo:
        """The course's time zone."""

    @property
    @abstractmethod
    def listed_due(self) -> datetime:
        """When it is due for everybody."""

    @property
    @abstractmethod
    def last_taken(self) -> datetime | None:
        """After it nothing is taken of anybody without more time; None: there is no such instant."""

    @property
    def handed_in(self) -> bool:
        return self.counting is not None

    @property
    def due_at(self) -> datetime:
        """The own due time, moved by the slip days that were spent."""
        return self._moved(self.slip_days)

    @property
    def last_due(self) -> datetime:
        """The due time if every slip day that may be spent here were."""
        return self._moved(self.may_slip)

    def slip_days_at(self, instant: datetime) -> int:
        """Slip days that work received then takes."""
        return days_needed(
            received_at=self.judged(instant),
            due_at=self.own_due,
            may=self.may_slip,
            rule=self.rule,
            zone=self.zone,
        )

    def lateness_at(self, instant: datetime) -> timedelta:
        """Zero or less is on time."""
        return lateness(received_at=self.judged(instant), due_at=self.due_for(instant), rule=self.rule, zone=self.zone)

    def factor_at(self, instant: datetime) -> Decimal:
        due_at = self.due_for(instant)
        return late_factor(received_at=self.judged(instant), due_at=due_at, rule=self.rule, zone=self.zone)

    def due_for(self, instant: datetime) -> datetime:
        """The due time of work received then: moved by the slip days that it takes."""
        return self._moved(self.slip_days_at(instant))

    def _moved(self, days: int) -> datetime:
        return self.rule.moved(self.own_due, days, self.zone)

    @property
    def late_by(self) -> timedelta:
        """How late the counting version is; never negative."""
        return max(self.lateness_at(self.counting.received_at), timedelta()) if self.counting else timedelta()

    @property
    def factor(self) -> Decimal:
        """The counting version's factor; one when nothing was handed in."""
        return self.factor_at(self.counting.received_at) if self.counting else Decimal(1)

    @property
    def closes_at(self) -> datetime | None:
        """When this work is no longer taken; None: never."""
        closes_at = effective_close(closes_at=self.last_taken, due_at=self.last_due)
        if self.rule.replacing is Replacing.LOCKED and self._was_on_time:
            locks_at = on_time_until(due_at=self.last_due, rule=self.rule, zone=self.zone)
            return min(locks_at, closes_at) if closes_at else locks_at
        return closes_at

    @property
    def _was_on_time(self) -> bool:
        return any(self.lateness_at(version.received_at) <= timedelta() for version in self.submissions)

    def judged(self, instant: datetime) -> datetime:
        """The instant that decides how late work received then is: under some rules the first version's."""
        first = self.submissions[0].received_at if self.submissions else instant
        return min(first, instant) if self.rule.replacing is Replacing.LATEST else instant

    def steps(self) -> Sequence[Step]:
        """What handing in counts until when."""
        if self.rule.replacing is Replacing.LATEST and self.submissions:
            return [Step(None, self.factor_at(self.submissions[0].received_at))]
        return timeline(due_at=self.last_due, rule=self.rule, zone=self.zone)

    def step_at(self, instant: datetime) -> tuple[Step, Step | None]:
        """The step that holds then, and the one after it."""
        return step_of(self.steps(), instant)

    @property
    def is_extended(self) -> bool:
        return self.own_due > self.listed_due
