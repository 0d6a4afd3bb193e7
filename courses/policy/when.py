"""Times as course files write them: a teaching week, a day of one, or a local date and time."""

import re
from datetime import date, datetime, time, timedelta

from courses.policy.calendar import END_OF_DAY, YEARS, Calendar, end_of_minute, instant_of

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEK = re.compile(rf"week (?P<week>\d{{1,2}})(?: (?P<day>{'|'.join(DAYS)}))?(?: (?P<clock>\d\d:\d\d))?")
DATE = re.compile(r"(?P<date>\d{4}-\d\d-\d\d)(?: (?P<clock>\d\d:\d\d))?")
EXPECTED = "a time such as “week 8”, “week 8 friday 18:00” or “2026-10-25 23:59”"


class WhenError(ValueError):
    """A text that is no time; the message says what was expected."""


def start(text: str, calendar: Calendar) -> datetime:
    """When something begins: a week on its Monday, a day at 00:00. In UTC. Raises WhenError."""
    return _instant(text, calendar, default_day=0, default_clock=time(), latest=False)


def end(text: str, calendar: Calendar) -> datetime:
    """The last second of something that ends: a week on its Sunday, a day at 23:59. In UTC. Raises WhenError."""
    return end_of_minute(_instant(text, calendar, default_day=6, default_clock=END_OF_DAY, latest=True))


def local_text(instant: datetime, calendar: Calendar) -> str:
    """An instant as a course file writes it where no week was named."""
    return f"{instant.astimezone(calendar.zone):%Y-%m-%d %H:%M}"


def _instant(text: str, calendar: Calendar, *, default_day: int, default_clock: time, latest: bool) -> datetime:
    try:
        day, clock = _parsed(text, calendar, default_day=default_day)
        return instant_of(day, clock or default_clock, calendar.zone, latest=latest)
    except OverflowError as error:
        raise WhenError(f"“{text}” is too far away.") from error


def _parsed(text: str, calendar: Calendar, *, default_day: int) -> tuple[date, time | None]:
    try:
        if found := WEEK.fullmatch(text):
            day = DAYS.index(found["day"]) if found["day"] else default_day
            return _monday(int(found["week"]), calendar) + timedelta(days=day), _clock(found["clock"])
        if found := DATE.fullmatch(text):
            return _day(found["date"]), _clock(found["clock"])
    except ValueError as error:
        raise WhenError(f"“{text}”: {error}.") from error
    raise WhenError(f"“{text}” is not {EXPECTED}.")


def _monday(week: int, calendar: Calendar) -> date:
    if not 1 <= week <= calendar.weeks:
        raise ValueError(f"the course has weeks 1 to {calendar.weeks}")
    return calendar.monday(week)


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if day.year not in YEARS:
        raise ValueError(f"the year must lie from {YEARS.start} to {YEARS.stop - 1}")
    return day


def _clock(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None
