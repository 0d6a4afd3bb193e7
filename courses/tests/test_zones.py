"""Zones: hours that the clocks show twice or skip, half hours, days that do not exist, zones whose rules change."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from courses.forms import DueField, LocalDateTimeField
from courses.policy.calendar import add_days, instant_of
from courses.policy.lateness import LateRule, SlipDays, Steps, late_factor, timeline
from courses.policy.slip_days import Item, days_needed, spendings

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    ZoneInfo(name)
    for name in (
        "Asia/Shanghai", "Europe/Berlin", "America/New_York",
        "Australia/Lord_Howe",  # clocks change by half an hour
        "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns",
        "America/Sao_Paulo", "Asia/Beirut",  # clocks change at midnight
        "Pacific/Apia",  # 30 December 2011 does not exist
        "Asia/Pyongyang", "Europe/Istanbul", "Africa/Casablanca", "Asia/Gaza", "Europe/Volgograd",  # rules change
    )
]  # fmt: skip
zones = st.sampled_from(ZONES)
instants = st.datetimes(datetime(2008, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)).map(
    lambda instant: instant.replace(microsecond=0)
)
days = st.integers(0, 40)
SECOND = timedelta(seconds=1)
HOURLY = LateRule(steps=Steps(Decimal(10), days=0, minutes=60))
DAILY = LateRule(steps=Steps(Decimal(10), Decimal("0.2")))
WITH_DAYS = LateRule(slip_days=SlipDays(5, 5))
TWICE = datetime(2026, 10, 25, 1, 30, 59, tzinfo=UTC)
"""02:30:59 in Berlin, the second of the two."""


@given(instants, zones)
def test_no_days_later_is_the_same_instant(instant, zone):
    assert add_days(instant, 0, zone) == instant


@given(instants, days, zones)
def test_a_later_day_shows_the_same_clock_unless_it_is_skipped(instant, count, zone):
    wanted = instant.astimezone(zone).replace(tzinfo=None) + timedelta(days=count)
    found = add_days(instant, count, zone)
    shown = found.astimezone(zone).replace(tzinfo=None)

    exists = wanted.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wanted
    assert shown == wanted if exists else shown > wanted


@example(datetime(2011, 12, 28, 20, tzinfo=UTC), 1, ZoneInfo("Pacific/Apia"))
@given(instants, days, zones)
def test_each_day_ends_after_the_one_before_it(instant, count, zone):
    assert add_days(instant, count + 1, zone) > add_days(instant, count, zone) or _is_lost_day(instant, count, zone)


def _is_lost_day(instant, count, zone):
    """The day after does not exist: it ends with the next one."""
    wanted = (instant.astimezone(zone) + timedelta(days=count)).date()
    return zone.key == "Pacific/Apia" and wanted in {date(2011, 12, 29), date(2011, 12, 30), date(2011, 12, 31)}


@given(instants, zones, st.sampled_from([HOURLY, DAILY]), st.integers(0, 86_400))
def test_what_is_early_or_on_time_costs_nothing(due, zone, rule, early):
    received = due - timedelta(seconds=early)

    assert late_factor(received_at=received, due_at=due, rule=rule, zone=zone) == 1
    assert days_needed(received_at=received, due_at=due, may=5, zone=zone, rule=WITH_DAYS) == 0


@given(instants, zones, st.sampled_from([HOURLY, DAILY]))
def test_one_second_late_is_the_first_step_and_one_slip_day(due, zone, rule):
    received = due + SECOND

    assert late_factor(received_at=received, due_at=due, rule=rule, zone=zone) == Decimal("0.9")
    assert days_needed(received_at=received, due_at=due, may=5, zone=zone, rule=WITH_DAYS) == 1


@given(instants, zones, st.integers(0, 40))
def test_steps_of_an_hour_last_an_hour_of_time(due, zone, hours):
    at = due + timedelta(hours=hours)
    expected = max(Decimal(1) - hours * Decimal("0.1"), Decimal())

    assert late_factor(received_at=at, due_at=due, rule=HOURLY, zone=zone) == expected


@given(instants, zones, st.sampled_from([HOURLY, DAILY]))
def test_steps_end_one_after_the_other(due, zone, rule):
    ends = [step.until for step in timeline(due_at=due, rule=rule, zone=zone) if step.until is not None]

    assert ends == sorted(ends)
    assert ends[0] == due


@given(instants, zones, st.integers(1, 999_999))
def test_a_part_of_a_second_costs_no_slip_day(due, zone, micro):
    received = due + timedelta(microseconds=micro)

    assert days_needed(received_at=received, due_at=due, may=3, zone=zone, rule=WITH_DAYS) == 0


@pytest.mark.parametrize(
    ("seconds", "factor", "spent"), [(-600, "1", 0), (-3600, "1", 0), (0, "1", 0), (1, "0.9", 1), (3601, "0.8", 1)]
)
def test_due_at_the_second_half_past_two_in_berlin(seconds, factor, spent):
    received = TWICE + timedelta(seconds=seconds)

    assert late_factor(received_at=received, due_at=TWICE, rule=HOURLY, zone=BERLIN) == Decimal(factor)
    found = spendings([Item("a", TWICE, received)], LateRule(slip_days=SlipDays(3, 1)), zone=BERLIN)
    assert found["a"].days == spent


def test_due_at_the_first_half_past_two_is_an_hour_earlier():
    first = TWICE - timedelta(hours=1)

    assert late_factor(received_at=first + SECOND, due_at=first, rule=HOURLY, zone=BERLIN) == Decimal("0.9")


def test_a_day_that_ends_in_the_doubled_hour_ends_with_the_second():
    due = datetime(2026, 10, 24, 0, 30, tzinfo=UTC)

    assert add_days(due, 1, BERLIN) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "opens", "due"),
    [
        ("2026-10-25T02:30", "00:30", "01:30:59"),  # shown twice
        ("2026-03-29T02:30", "01:30", "01:30:59"),  # skipped
    ],
)
def test_a_form_takes_a_time_that_is_shown_twice_or_skipped(text, opens, due):
    day = date.fromisoformat(text[:10])
    with timezone.override(BERLIN):
        assert LocalDateTimeField().clean(text) == datetime.combine(day, time.fromisoformat(opens), tzinfo=UTC)
        end = datetime.combine(day, time.fromisoformat(due), tzinfo=UTC)
        assert DueField().clean(text) == end
        assert not DueField().has_changed(end, text)


@given(st.dates(date(2008, 1, 1), date(2029, 12, 31)), st.times(), zones)
def test_the_latest_reading_is_never_before_the_first(day, clock, zone):
    assert instant_of(day, clock, zone, latest=True) >= instant_of(day, clock, zone)
