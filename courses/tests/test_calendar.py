"""Weeks and wall clocks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from courses.policy.calendar import Break, Calendar, add_days, end_of_minute
from courses.policy.when import WhenError, end, local_text, start

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK_ONE = date(2026, 9, 7)


CALENDAR = Calendar(WEEK_ONE, SHANGHAI)


def utc(*parts):
    return datetime(*parts).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "starts", "ends"),
    [
        ("week 1", utc(2026, 9, 6, 16), utc(2026, 9, 13, 15, 59, 59)),
        ("week 8", utc(2026, 10, 25, 16), utc(2026, 11, 1, 15, 59, 59)),
        ("week 8 friday", utc(2026, 10, 29, 16), utc(2026, 10, 30, 15, 59, 59)),
        ("week 8 friday 18:00", utc(2026, 10, 30, 10), utc(2026, 10, 30, 10, 0, 59)),
        ("week 8 18:00", utc(2026, 10, 26, 10), utc(2026, 11, 1, 10, 0, 59)),
        ("2026-10-25 23:59", utc(2026, 10, 25, 15, 59), utc(2026, 10, 25, 15, 59, 59)),
        ("2026-10-25", utc(2026, 10, 24, 16), utc(2026, 10, 25, 15, 59, 59)),
    ],
)
def test_what_a_time_in_words_means(text, starts, ends):
    assert (start(text, CALENDAR), end(text, CALENDAR)) == (starts, ends)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("wek 8", "is not a time such as"),
        ("week 0", "weeks 1 to 16"),
        ("week 17", "weeks 1 to 16"),
        ("week 8 funday", "is not a time such as"),
        ("week 8 25:00", "hour must be in"),
        ("2026-02-30 10:00", "day is out of range"),
        ("", "is not a time such as"),
    ],
)
def test_what_is_no_time_is_said(text, says):
    with pytest.raises(WhenError, match=says):
        end(text, CALENDAR)


def test_a_week_whose_monday_lies_in_a_break_is_not_counted():
    golden_week = Break(date(2026, 9, 28), date(2026, 10, 8))
    calendar = Calendar(WEEK_ONE, SHANGHAI, breaks=(golden_week,))

    assert [calendar.monday(week) for week in (3, 4, 5)] == [date(2026, 9, 21), date(2026, 10, 12), date(2026, 10, 19)]
    assert [calendar.week_of(day) for day in (date(2026, 9, 30), date(2026, 10, 12), date(2026, 9, 6))] == [
        None,
        4,
        None,
    ]
    assert calendar.week_of(date(2027, 5, 1)) is None


@example(2, date(2026, 8, 18), 20)  # a break over the first Monday moves every week, not only the first
@given(st.integers(1, 30), st.dates(date(2026, 8, 1), date(2027, 5, 1)), st.integers(0, 20))
def test_weeks_follow_each_other_and_are_found_again(week, first, length):
    calendar = Calendar(WEEK_ONE, SHANGHAI, 30, (Break(first, first + timedelta(days=length)),))

    assert calendar.week_of(calendar.monday(week) + timedelta(days=3)) == week
    assert week == 1 or calendar.monday(week) > calendar.monday(week - 1)


BERLIN = Calendar(date(2026, 3, 2), ZoneInfo("Europe/Berlin"), 52)


@pytest.mark.parametrize(
    ("text", "starts", "ends"),
    [
        ("2026-03-29 02:30", utc(2026, 3, 29, 1, 30), utc(2026, 3, 29, 1, 30, 59)),  # the clocks skip it
        ("2026-10-25 02:30", utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30, 59)),  # they show it twice
    ],
)
def test_a_local_time_that_is_skipped_or_doubled_never_costs_a_student_time(text, starts, ends):
    assert (start(text, BERLIN), end(text, BERLIN)) == (starts, ends)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))
def test_an_instant_in_words_is_that_instant(local):
    instant = local.replace(second=0, microsecond=0, tzinfo=SHANGHAI).astimezone(UTC)

    assert start(local_text(instant, CALENDAR), CALENDAR) == instant


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.integers(0, 60))
def test_without_clock_changes_a_day_has_24_hours(instant, days):
    assert add_days(instant, days, SHANGHAI) - instant == timedelta(days=days)


def test_a_due_time_to_the_minute_means_its_end():
    assert end_of_minute(datetime(2026, 1, 1, 23, 59, tzinfo=UTC)).second == 59
