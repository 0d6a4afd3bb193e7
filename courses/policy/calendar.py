"""Teaching weeks and wall-clock days in a course's time zone."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

END_OF_DAY = time(23, 59, 59)


def add_days(instant: datetime, days: int, zone: tzinfo) -> datetime:
    """The same wall-clock time on a later calendar day, so that a day is right across a clock change.

    A time that the clocks skip is read with the offset before the change. The answer is in UTC.
    """
    local = instant.astimezone(zone)
    return (local.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=zone).astimezone(UTC)


def end_of_week(week: int, *, week_one: date, zone: tzinfo) -> datetime:
    """A week as a due time, "week 8": Sunday 23:59 of teaching week 8, through the end of that minute."""
    sunday = week_one + timedelta(weeks=week - 1, days=6)
    return datetime.combine(sunday, END_OF_DAY, tzinfo=zone).astimezone(UTC)


def start_of_week(week: int, *, week_one: date, zone: tzinfo) -> datetime:
    """Monday 00:00 of a teaching week."""
    return datetime.combine(week_one + timedelta(weeks=week - 1), time(), tzinfo=zone).astimezone(UTC)


def end_of_minute(instant: datetime) -> datetime:
    """A due time picked to the minute means the end of that minute."""
    return instant.replace(second=59, microsecond=0)
