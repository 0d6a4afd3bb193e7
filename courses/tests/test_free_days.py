"""Days that do not count, budgets of hours: a clock that stands still, by table and against counting second by second."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.policy.clock import Clock
from courses.policy.late_rule_json import rule_as_json, rule_from_json
from courses.policy.lateness import (
    LateRule,
    LateRuleError,
    SlipDays,
    Steps,
    Tier,
    Unit,
    late_factor,
    lateness,
    timeline,
)
from courses.policy.slip_days import Item, spendings
from courses.policy.words import rule_sentence

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
WEEKEND, SUNDAY = (5, 6), (6,)
FRIDAY = datetime(2026, 10, 30, 15, 59, 59, tzinfo=UTC)
"""Friday 30 October 2026, 23:59:59 in Shanghai."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TIERS = LateRule((Tier(1, True, Decimal("0.9")), Tier(3, False, Decimal("0.7"))), Decimal("0.5"), free_days=WEEKEND)
DAILY = LateRule(steps=Steps(Decimal(10)), free_days=SUNDAY)
HOURLY = LateRule(steps=Steps(Decimal(10), days=0, minutes=60), free_days=WEEKEND)


def factor(rule, late, due=FRIDAY, zone=SHANGHAI):
    return late_factor(received_at=due + late, due_at=due, rule=rule, zone=zone)


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (timedelta(), "1"),
        (timedelta(seconds=1), "1"),  # Saturday does not count
        (2 * DAY, "1"),  # the end of Sunday
        (2 * DAY + timedelta(seconds=1), "0.9"),
        (3 * DAY, "0.9"),  # the end of Monday: one day
        (3 * DAY + timedelta(seconds=1), "0.7"),
        (5 * DAY - timedelta(seconds=1), "0.7"),
        (5 * DAY, "0.5"),  # the end of Wednesday: three days or more
    ],
)
def test_due_on_friday_night_weekends_do_not_count(late, expected):
    assert factor(TIERS, late) == Decimal(expected)


@pytest.mark.parametrize(
    ("late", "expected"), [(HOUR, "0.9"), (6 * HOUR, "0.4"), (6 * HOUR + 2 * DAY, "0.4"), (7 * HOUR + 2 * DAY, "0.3")]
)
def test_hours_stop_over_the_weekend(late, expected):
    due = datetime(2026, 10, 30, 10, tzinfo=UTC)  # Friday 18:00

    assert factor(HOURLY, late, due) == Decimal(expected)


def test_due_on_a_day_that_does_not_count_is_due_when_it_ends():
    sunday = datetime(2026, 11, 1, 4, tzinfo=UTC)  # 12:00 there

    assert factor(DAILY, timedelta(hours=11, minutes=59), sunday) == 1
    assert factor(DAILY, timedelta(hours=12, seconds=1), sunday) == Decimal("0.9")
    assert factor(DAILY, timedelta(hours=36) - timedelta(seconds=1), sunday) == Decimal("0.9")
    assert factor(DAILY, timedelta(hours=36), sunday) == Decimal("0.8")


def test_the_timeline_says_the_same():
    ends = [step.until for step in timeline(due_at=FRIDAY, rule=TIERS, zone=SHANGHAI)]

    assert ends == [FRIDAY + 2 * DAY, FRIDAY + 3 * DAY, FRIDAY + 5 * DAY - timedelta(seconds=1), None]


def by_seconds(start, end, free, zone, step=60):
    """Counted minute by minute, independently of the clock; both end with the last second of a minute."""
    passed, start, end = timedelta(), start + timedelta(seconds=1), end + timedelta(seconds=1)
    while start < end:
        if start.astimezone(zone).weekday() not in free:
            passed += timedelta(seconds=step)
        start += timedelta(seconds=step)
    return passed


starts = st.datetimes(datetime(2026, 10, 20), datetime(2026, 11, 10), timezones=st.just(UTC)).map(
    lambda instant: instant.replace(second=59, microsecond=0)
)
free_sets = st.sets(st.integers(0, 6), max_size=5).map(tuple)
zones = st.sampled_from([SHANGHAI, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")])


@settings(max_examples=60, deadline=None)
@given(starts, st.integers(0, 12_000), free_sets, zones)
def test_the_clock_counts_as_counting_minute_by_minute_does(start, minutes, free, zone):
    end = start + timedelta(minutes=minutes)

    assert Clock(zone, free).between(start, end) == by_seconds(start, end, free, zone)


@settings(max_examples=100, deadline=None)
@given(starts, st.integers(0, 6000), free_sets, zones)
def test_after_a_span_so_much_has_passed(start, minutes, free, zone):
    span = timedelta(minutes=minutes)

    assert Clock(zone, free).between(start, Clock(zone, free).after(start, span=span)) == span


@given(starts, st.integers(0, 30_000), free_sets, zones)
def test_factors_never_rise_and_the_timeline_agrees(due, minutes, free, zone):
    rule = LateRule(steps=Steps(Decimal(10), Decimal("0.2")), free_days=free)
    at = due + timedelta(minutes=minutes)
    here = late_factor(received_at=at, due_at=due, rule=rule, zone=zone)

    assert late_factor(received_at=at + HOUR, due_at=due, rule=rule, zone=zone) <= here
    step = next(s for s in timeline(due_at=due, rule=rule, zone=zone) if s.until is None or at <= s.until)
    assert step.factor == here
    assert (lateness(received_at=at, due_at=due, rule=rule, zone=zone) <= timedelta()) == (here == 1)


@pytest.mark.parametrize(
    ("late", "spent", "left_late"),
    [(1, 1, False), (5, 5, False), (6, 6, False), (7, 6, True)],
)
def test_a_budget_of_hours(late, spent, left_late):
    rule = LateRule(steps=Steps(Decimal(10)), slip_days=SlipDays(10, 6, unit=Unit.HOUR))
    found = spendings([Item("a", FRIDAY, FRIDAY + late * HOUR)], rule, zone=SHANGHAI)["a"]

    assert (found.days, found.may) == (spent, 6)
    moved = rule.moved(FRIDAY, found.days, SHANGHAI)
    assert (late_factor(received_at=FRIDAY + late * HOUR, due_at=moved, rule=rule, zone=SHANGHAI) < 1) is left_late


def test_a_slip_day_over_the_weekend_is_one():
    rule = LateRule(steps=Steps(Decimal(10)), slip_days=SlipDays(3, 3), free_days=WEEKEND)
    monday = FRIDAY + 3 * DAY

    assert spendings([Item("a", FRIDAY, FRIDAY + DAY)], rule, zone=SHANGHAI)["a"].days == 0
    assert spendings([Item("a", FRIDAY, monday)], rule, zone=SHANGHAI)["a"].days == 1
    assert spendings([Item("a", FRIDAY, monday + timedelta(seconds=1))], rule, zone=SHANGHAI)["a"].days == 2


@pytest.mark.parametrize("days", [(0, 0), tuple(range(7)), (7,), (-1,)])
def test_what_cannot_be_meant(days):
    with pytest.raises(LateRuleError):
        LateRule(free_days=days)


@pytest.mark.parametrize(
    "rule",
    [
        TIERS,
        DAILY,
        HOURLY,
        LateRule(slip_days=SlipDays(72, 24, ("report",), Unit.HOUR, True)),
        LateRule(slip_days=SlipDays(4, 2, for_groups=True)),
    ],
)
def test_it_survives_storage(rule):
    assert rule_from_json(rule_as_json(rule)) == rule


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (TIERS, "Saturdays and Sundays do not count: no work becomes later."),
        (DAILY, "Sundays do not count: no work becomes later."),
        (
            LateRule(slip_days=SlipDays(72, 1, unit=Unit.HOUR)),
            "72 hours in the term are free, at most 1 hour on one item, spent as work comes late.",
        ),
        (
            LateRule(slip_days=SlipDays(4, 2, for_groups=True)),
            (
                "4 days in the term are free, at most 2 days on one item, spent as work comes late, and each group has as "
                "many of its own for what it hands in."
            ),
        ),
    ],
)
def test_students_read_it(rule, said):
    assert said in rule_sentence(rule)
