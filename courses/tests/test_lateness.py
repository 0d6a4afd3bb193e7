"""The late rule, second by second (figures: docs/grading-rules.md)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.policy.late_rule_json import rule_as_json, rule_from_json
from courses.policy.lateness import (
    LateRule,
    LateRuleError,
    Tier,
    effective_due,
    late_factor,
    lateness,
    step_of,
    timeline,
)
from courses.policy.words import factor_text, points_text, rule_sentence, spoken_duration
from tests.factories import DUE, XMU_RULE

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def factor_after(seconds, rule=XMU_RULE, due=DUE, zone=SHANGHAI):
    return late_factor(received_at=due + timedelta(seconds=seconds), due_at=due, rule=rule, zone=zone)


@pytest.mark.parametrize(
    ("seconds", "factor"),
    [
        (-864_000, "1"), (-1, "1"), (0, "1"),
        (1, "0.9"), (86_399, "0.9"), (86_400, "0.9"),
        (86_401, "0.7"), (172_800, "0.7"), (259_199, "0.7"),
        (259_200, "0.5"), (259_201, "0.5"), (864_000, "0.5"),
    ],
)  # fmt: skip
def test_late_factor_of_the_xmu_rule(seconds, factor):
    assert factor_after(seconds) == Decimal(factor)


def test_late_factor_ignores_parts_of_a_second():
    assert late_factor(received_at=DUE + timedelta(microseconds=999_999), due_at=DUE, rule=XMU_RULE, zone=SHANGHAI) == 1


@pytest.mark.parametrize(
    ("seconds", "factor"), [(600, "1"), (601, "0.9"), (86_400 + 600, "0.9"), (86_400 + 601, "0.7")]
)
def test_grace_moves_every_boundary(seconds, factor):
    rule = LateRule(XMU_RULE.tiers, XMU_RULE.beyond, timedelta(minutes=10))

    assert factor_after(seconds, rule) == Decimal(factor)


def test_a_course_without_a_late_rule_labels_and_deducts_nothing():
    assert factor_after(10**9, LateRule()) == 1
    assert lateness(received_at=DUE + timedelta(hours=1), due_at=DUE, rule=LateRule(), zone=SHANGHAI) == timedelta(
        hours=1
    )


@pytest.mark.parametrize(
    ("due", "day_in_hours"),
    [
        (datetime(2026, 10, 24, 21, 59, 59, tzinfo=UTC), 25),
        (datetime(2027, 3, 27, 22, 59, 59, tzinfo=UTC), 23),
        (datetime(2026, 11, 10, 22, 59, 59, tzinfo=UTC), 24),
    ],
)
def test_a_day_is_the_same_wall_clock_time_across_a_clock_change(due, day_in_hours):
    last = day_in_hours * 3600

    assert factor_after(last, due=due, zone=BERLIN) == Decimal("0.9")
    assert factor_after(last + 1, due=due, zone=BERLIN) == Decimal("0.7")


def test_a_due_time_that_the_clocks_skip_next_day_still_has_a_boundary():
    due = datetime(2027, 3, 27, 1, 30, tzinfo=UTC)

    assert factor_after(23 * 3600, due=due, zone=BERLIN) == Decimal("0.9")
    assert factor_after(26 * 3600, due=due, zone=BERLIN) == Decimal("0.7")


rules = st.builds(
    lambda factors, days, grace: LateRule(
        tuple(
            Tier(day, inclusive, factor)
            for day, (factor, inclusive) in zip(
                sorted(days), zip(sorted(factors, reverse=True)[:-1], [True, False] * 3, strict=False), strict=False
            )
        ),
        min(factors),
        timedelta(minutes=grace),
    ),
    factors=st.lists(st.decimals(0, 1, places=2), min_size=1, max_size=5),
    days=st.sets(st.integers(1, 30), min_size=5, max_size=5),
    grace=st.integers(0, 120),
)


@given(rules, st.integers(-(10**6), 4 * 10**6), st.integers(0, 10**6))
def test_factor_never_rises_with_time_and_lies_between_0_and_1(rule, seconds, more):
    earlier, later = factor_after(seconds, rule), factor_after(seconds + more, rule)

    assert 0 <= later <= earlier <= 1


@given(rules, st.integers(-(10**6), 4 * 10**6))
def test_timeline_says_the_same_as_the_factor(rule, seconds):
    at = DUE + timedelta(seconds=seconds)

    here, after = step_of(timeline(due_at=DUE, rule=rule, zone=SHANGHAI), at)

    assert here.factor == factor_after(seconds, rule)
    if here.until is not None and after is not None:
        past = here.until + timedelta(seconds=1)
        assert late_factor(received_at=past, due_at=DUE, rule=rule, zone=SHANGHAI) == after.factor


@given(rules)
def test_rule_survives_storage(rule):
    assert rule_from_json(rule_as_json(rule)) == rule


def test_timeline_of_the_xmu_rule():
    steps = timeline(due_at=DUE, rule=XMU_RULE, zone=SHANGHAI)

    ends = [None if s.until is None else int((s.until - DUE).total_seconds()) for s in steps]
    assert ends == [0, 86_400, 259_199, None]
    assert [str(s.factor) for s in steps] == ["1", "0.9", "0.7", "0.5"]


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"tiers": [{"days": 1}], "beyond": "1", "grace_seconds": 0},
        {"tiers": [], "beyond": "x", "grace_seconds": 0},
        {"tiers": [], "beyond": "1.2", "grace_seconds": 0},
        {"tiers": [], "beyond": "-0.1", "grace_seconds": 0},
        {"tiers": [], "beyond": "1", "grace_seconds": -5},
        {"tiers": [{"days": 2, "inclusive": True, "factor": "0.5"}], "beyond": "0.9", "grace_seconds": 0},
        {"tiers": [{"days": 0, "inclusive": True, "factor": "0.5"}], "beyond": "0.1", "grace_seconds": 0},
    ],
)
def test_what_cannot_be_meant_is_refused(bad):
    with pytest.raises(LateRuleError):
        rule_from_json(bad)


def test_effective_due_is_the_latest_of_all():
    moved = DUE + timedelta(days=1)

    assert effective_due(DUE, []) == DUE
    assert effective_due(moved, [DUE + timedelta(hours=12)]) == moved
    assert effective_due(DUE, [DUE - timedelta(days=1), DUE + timedelta(days=2)]) == DUE + timedelta(days=2)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"), (45, "45 s"), (60, "1 min"), (8040, "2 h 14 min"), (3600, "1 h"), (86_400, "1 day"),
        (93_600, "1 day 2 h"), (259_259, "3 days"), (-8040, "2 h 14 min"), (61, "1 min 1 s"),
    ],
)  # fmt: skip
def test_spoken_duration(seconds, said):
    assert spoken_duration(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("points", "shown"), [("9.9", "9.9"), ("9.900", "9.9"), ("0.005", "0.01"), ("7", "7"), ("-0", "0"), ("100", "100")]
)
def test_points_text_rounds_once_half_up(points, shown):
    assert points_text(Decimal(points)) == shown


def test_words_for_rules_and_factors():
    assert (factor_text(Decimal(1)), factor_text(Decimal("0.90"))) == ("×1.0", "×0.9")
    assert rule_sentence(LateRule()) == "Late work is accepted and labelled late; nothing is deducted."
    assert rule_sentence(XMU_RULE) == (
        "Late work counts ×0.9 up to 1 day late, ×0.7 up to 3 days late (not included), and ×0.5 after that."
    )
