"""Weeks and wall clocks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from courses.policy.calendar import add_days, end_of_minute, end_of_week, start_of_week

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK_ONE = date(2026, 9, 7)


def test_week_8_is_sunday_23_59_through_the_end_of_that_minute():
    assert end_of_week(8, week_one=WEEK_ONE, zone=SHANGHAI) == datetime(2026, 11, 1, 15, 59, 59, tzinfo=UTC)
    assert start_of_week(1, week_one=WEEK_ONE, zone=SHANGHAI) == datetime(2026, 9, 6, 16, tzinfo=UTC)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.integers(0, 60))
def test_without_clock_changes_a_day_has_24_hours(instant, days):
    assert add_days(instant, days, SHANGHAI) - instant == timedelta(days=days)


def test_a_due_time_to_the_minute_means_its_end():
    assert end_of_minute(datetime(2026, 1, 1, 23, 59, tzinfo=UTC)).second == 59
