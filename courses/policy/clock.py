"""A clock that runs in the course's zone and may stand still on some days of the week. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from courses.policy.calendar import add_days, instant_of

SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Clock:
    """`free`: days of the week (0 is Monday) that do not count: on them no time passes. Not all seven.

    An instant is its whole second: from 23:59:59 to midnight one second of the new day has passed, and none of the old.
    """

    zone: tzinfo
    free: Collection[int] = ()

    def after(self, instant: datetime, *, days: int = 0, span: timedelta = timedelta()) -> datetime:
        """So many counted days later at the same wall-clock time, then so much counted time. In UTC."""
        if self.free and days:  # a day that begins where no time passes begins when time passes again
            instant = self.until(instant)
        for _ in range(days) if self.free else ():
            instant = add_days(instant, 1, self.zone)
            while self._is_free(instant):
                instant = add_days(instant, 1, self.zone)
        if not self.free:
            return add_days(instant, days, self.zone) + span
        instant += SECOND
        while span:
            midnight = self._midnight(instant)
            if self._is_free(instant):
                instant = midnight
            elif instant + span <= midnight:
                instant += span
                break
            else:
                span -= midnight - instant
                instant = midnight
        return (instant - SECOND).astimezone(UTC)

    def until(self, instant: datetime) -> datetime:
        """The last second at which no more time has passed than at this one: of a Friday's end before free days their end."""
        last = instant
        while self.free and self._is_free(last + SECOND):
            last = self._midnight(last + SECOND) - SECOND
        return last

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The counted time between two instants; negative if the end comes first."""
        if not self.free or end <= start:
            return end - start
        passed, start, end = timedelta(), start + SECOND, end + SECOND
        while start < end:
            stop = min(self._midnight(start), end)
            if not self._is_free(start):
                passed += stop - start
            start = stop
        return passed

    def _is_free(self, instant: datetime) -> bool:
        return instant.astimezone(self.zone).weekday() in self.free

    def _midnight(self, instant: datetime) -> datetime:
        """The beginning of the next day there."""
        day = instant.astimezone(self.zone).date() + timedelta(days=1)
        found = instant_of(day, time(), self.zone)
        return found if found > instant else found + timedelta(days=1)
