"""Teaching weeks and wall-clock days in a course's time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

END_OF_DAY = time(23, 59, 59)
WEEK = timedelta(weeks=1)
YEARS = range(2000, 2101)
"""Of every date in a course: far ones are slips of the keyboard, and some can be reckoned with no more."""


def add_days(instant: datetime, days: int, zone: tzinfo) -> datetime:
    """The same wall-clock time on a later calendar day, so that a day is right across a clock change. No days: the instant.

    A time that the clocks skip is read with the offset before the change; of one that they show twice the second is meant,
    so that no day ends before it can be read to end. The answer is in UTC.
    """
    if not days:
        return instant.astimezone(UTC)
    local = instant.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    return instant_of(local.date(), local.time(), zone, latest=True)


@dataclass(frozen=True)
class Break:
    """Days, first and last included, whose teaching weeks are not counted."""

    first: date
    last: date


@dataclass(frozen=True)
class Calendar:
    """Teaching weeks: `week_one` is a Monday; a week whose Monday lies in a break is not counted."""

    week_one: date
    zone: tzinfo
    weeks: int = 16
    breaks: tuple[Break, ...] = ()

    def monday(self, week: int) -> date:
        """The Monday of teaching week `week`, counted from 1."""
        day = self._after_breaks(self.week_one)
        for _ in range(week - 1):
            day = self._after_breaks(day + WEEK)
        return day

    def week_of(self, day: date) -> int | None:
        """The teaching week that this day lies in; None before the first, after the last, and in a break."""
        for week in range(1, self.weeks + 1):
            monday = self.monday(week)
            if monday <= day < monday + WEEK:
                return week
        return None

    def _after_breaks(self, monday: date) -> date:
        while any(pause.first <= monday <= pause.last for pause in self.breaks):
            monday += WEEK
        return monday


def instant_of(day: date, clock: time, zone: tzinfo, *, latest: bool = False) -> datetime:
    """A local time in UTC. One that the clocks skip is read with the offset before the change; of one that they
    show twice the first is meant, or the `latest`, so that no due time is ever earlier than it can be read.
    """
    return (
        datetime.combine(day, clock, tzinfo=zone)
        .replace(fold=int(latest and not _skipped(day, clock, zone)))
        .astimezone(UTC)
    )


def _skipped(day: date, clock: time, zone: tzinfo) -> bool:
    local = datetime.combine(day, clock, tzinfo=zone)
    return local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None)


def end_of_minute(instant: datetime) -> datetime:
    """A due time picked to the minute means the end of that minute."""
    return instant.replace(second=59, microsecond=0)
