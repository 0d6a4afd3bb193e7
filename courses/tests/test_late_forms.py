"""The late rule's other forms: steps, cut-offs, minutes, what the factor does, slip days."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.policy.late_rule_json import rule_as_json, rule_from_json
from courses.policy.lateness import (
    Basis,
    LateRule,
    LateRuleError,
    SlipDays,
    Steps,
    Tier,
    late_factor,
    step_of,
    timeline,
)
from courses.policy.slip_days import Item, spendings
from courses.policy.words import rule_sentence
from tests.factories import DUE

D = Decimal


def spent_days(items, budget, *, zone, grace=timedelta()):
    rule = LateRule(slip_days=budget, grace=grace)
    return {key: spending.days for key, spending in spendings(items, rule, zone=zone).items()}


ZONE = ZoneInfo("Asia/Shanghai")
HOUR, DAY = 3600, 86_400
TEN_A_DAY = LateRule(steps=Steps(D(10), floor=D("0.5")))
QUARTER_A_DAY = LateRule(steps=Steps(D(25), compound=True, floor=D("0.31640625")))
MINUTES = LateRule(
    (
        Tier(0, True, D(1), 20),
        Tier(0, True, D("0.95"), 50),
        Tier(0, True, D("0.9"), 120),
        Tier(0, True, D("0.85"), 180),
        Tier(1, True, D("0.8")),
        Tier(2, True, D("0.6")),
        Tier(3, True, D("0.4")),
        Tier(4, True, D("0.2")),
    ),
    D(0),
)


def factor_after(seconds, rule):
    return late_factor(received_at=DUE + timedelta(seconds=seconds), due_at=DUE, rule=rule, zone=ZONE)


@pytest.mark.parametrize(
    ("rule", "seconds", "factor"),
    [
        (TEN_A_DAY, 0, "1"), (TEN_A_DAY, 1, "0.9"), (TEN_A_DAY, DAY, "0.9"), (TEN_A_DAY, DAY + 1, "0.8"),
        (TEN_A_DAY, 4 * DAY, "0.6"), (TEN_A_DAY, 4 * DAY + 1, "0.5"), (TEN_A_DAY, 400 * DAY, "0.5"),
        (LateRule(steps=Steps(D(1), days=0, minutes=60)), HOUR, "0.99"),
        (LateRule(steps=Steps(D(1), days=0, minutes=60)), HOUR + 1, "0.98"),
        (LateRule(steps=Steps(D(1), days=0, minutes=60)), 100 * HOUR, "0"),
        (QUARTER_A_DAY, 1, "0.75"), (QUARTER_A_DAY, 2 * DAY, "0.5625"), (QUARTER_A_DAY, 9 * DAY, "0.31640625"),
        (LateRule(cut_off_days=2), 2 * DAY, "1"), (LateRule(cut_off_days=2), 2 * DAY + 1, "0"),
        (LateRule(steps=Steps(D(10)), cut_off_days=3), 3 * DAY, "0.7"),
        (LateRule(steps=Steps(D(10)), cut_off_days=3), 3 * DAY + 1, "0"),
        (LateRule((Tier(7, True, D("0.9")),), D("0.5"), cut_off_days=3), 3 * DAY, "0.9"),
        (LateRule((Tier(7, True, D("0.9")),), D("0.5"), cut_off_days=3), 3 * DAY + 1, "0"),
        (MINUTES, 1200, "1"), (MINUTES, 1201, "0.95"), (MINUTES, 3 * HOUR, "0.85"), (MINUTES, DAY, "0.8"),
        (MINUTES, DAY + 1, "0.6"), (MINUTES, 4 * DAY + 1, "0"),
    ],
)  # fmt: skip
def test_factor_of_every_form(rule, seconds, factor):
    assert factor_after(seconds, rule) == D(factor)


spans = st.one_of(
    st.tuples(st.integers(1, 4), st.just(0)),
    st.tuples(st.just(0), st.integers(1, 600)),
    st.tuples(st.just(2), st.just(30)),
)
rules = st.builds(
    lambda percent, floor, span, compound, grace, basis, cut_off, slip: LateRule(
        steps=Steps(D(percent), floor, days=span[0], minutes=span[1], compound=compound),
        grace=timedelta(minutes=grace),
        basis=basis,
        cut_off_days=cut_off,
        slip_days=SlipDays(slip, 1, ("exam-notebook",)) if slip else None,
    ),
    percent=st.integers(1, 100),
    floor=st.decimals("0.01", 1, places=2),
    span=spans,
    compound=st.booleans(),
    grace=st.integers(0, 90),
    basis=st.sampled_from(Basis),
    cut_off=st.integers(0, 9),
    slip=st.integers(0, 5),
)


@given(rules, st.integers(-DAY, 40 * DAY), st.integers(0, 10 * DAY))
def test_factor_never_rises_with_time_and_lies_between_0_and_1(rule, seconds, more):
    assert 0 <= factor_after(seconds + more, rule) <= factor_after(seconds, rule) <= 1


@given(rules, st.integers(-DAY, 40 * DAY))
def test_timeline_says_the_same_as_the_factor(rule, seconds):
    here, _ = step_of(timeline(due_at=DUE, rule=rule, zone=ZONE), DUE + timedelta(seconds=seconds))

    assert here.factor == factor_after(seconds, rule)
    assert [step.factor for step in timeline(due_at=DUE, rule=rule, zone=ZONE)][-1] == rule.last


@given(rules)
def test_every_form_survives_storage(rule):
    assert rule_from_json(rule_as_json(rule)) == rule


@given(rules)
def test_every_form_can_be_said(rule):
    assert rule_sentence(rule).endswith(".")


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (TEN_A_DAY, "Late work loses 10 % for every started day, never below ×0.5."),
        (
            LateRule(steps=Steps(D(1), days=0, minutes=60)),
            "Late work loses 1 % for every started hour, down to nothing.",
        ),
        (
            LateRule(steps=Steps(D(10)), cut_off_days=3, basis=Basis.POSSIBLE),
            (
                "Late work loses 10 % for every started day, down to nothing. What is lost is a share of the full mark. "
                "More than 3 days late counts nothing."
            ),
        ),
        (LateRule(cut_off_days=1), "Late work counts ×1.0 up to 1 day late, and nothing after that."),
        (
            LateRule((Tier(1, True, D("0.4")),), D(0), basis=Basis.CAP),
            (
                "Late work counts ×0.4 up to 1 day late, and nothing after that. "
                "The factor caps the mark: late work can earn at most that share of the full mark."
            ),
        ),
        (LateRule(beyond=D("0.5")), "Late work counts ×0.5."),
        (
            LateRule(slip_days=SlipDays(4, 2)),
            (
                "Late work is accepted and labelled late; nothing is deducted. "
                "4 days in the term are free, at most 2 days on one item, spent as work comes late."
            ),
        ),
    ],
)
def test_sentence_of_every_form(rule, sentence):
    assert rule_sentence(rule) == sentence


@pytest.mark.parametrize(
    "bad",
    [
        {"steps": {"percent": "0"}},
        {"steps": {"percent": "101"}},
        {"steps": {"percent": "50", "compound": True}},
        {"steps": {"percent": "0.01"}},
        {"steps": {"percent": "5", "days": 0}},
        {"steps": {"percent": "5", "floor": "1.5"}},
        {"steps": {"percent": "5"}, "tiers": [{"days": 1, "inclusive": True, "factor": "0.5"}]},
        {"beyond": "1", "basis": "luck"},
        {"beyond": "1", "cut_off_days": -1},
        {"beyond": "1", "slip_days": {"total": 2, "each": 3}},
        {"beyond": "1", "slip_days": {"total": 0, "each": 0}},
    ],
)
def test_what_cannot_be_meant_is_refused(bad):
    with pytest.raises(LateRuleError):
        rule_from_json(bad)


def item(key, week, late_hours):
    due_at = DUE + timedelta(weeks=week)
    return Item(key, due_at, None if late_hours is None else due_at + timedelta(hours=late_hours))


@pytest.mark.parametrize(
    ("items", "budget", "spent"),
    [
        ([item("a", 1, 5)], SlipDays(4, 2), {"a": 1}),
        ([item("a", 1, -5)], SlipDays(4, 2), {"a": 0}),
        ([item("a", 1, 24)], SlipDays(4, 2), {"a": 1}),
        ([item("a", 1, 25)], SlipDays(4, 2), {"a": 2}),
        ([item("a", 1, 200)], SlipDays(4, 2), {"a": 2}),
        ([item("a", 1, None)], SlipDays(4, 2), {"a": 0}),
        ([item("report", 1, 5)], SlipDays(4, 2, ("report",)), {"report": 0}),
        ([item("c", 3, 30), item("a", 1, 30), item("b", 2, 30)], SlipDays(4, 2), {"a": 2, "b": 2, "c": 0}),
        ([item("c", 3, 30), item("a", 1, 30), item("b", 2, -1)], SlipDays(4, 3), {"a": 2, "b": 0, "c": 2}),
        ([item("a", 1, 300), item("b", 2, 30)], SlipDays(2, 2), {"a": 0, "b": 2}),
    ],
)
def test_slip_days_are_spent_in_the_order_in_which_work_comes_in(items, budget, spent):
    assert spent_days(items, budget, zone=ZONE) == spent


def test_a_slip_day_is_a_calendar_day_across_a_clock_change():
    due_at = datetime(2026, 10, 24, 21, 59, 59, tzinfo=UTC)

    late = [Item("a", due_at, due_at + timedelta(hours=25))]

    assert spent_days(late, SlipDays(3, 3), zone=ZoneInfo("Europe/Berlin")) == {"a": 1}
    assert spent_days(late, SlipDays(3, 3), zone=UTC) == {"a": 2}


def test_no_slip_day_is_spent_within_the_grace():
    late = [item("a", 1, 0.1)]

    assert spent_days(late, SlipDays(3, 3), zone=ZONE, grace=timedelta(minutes=10)) == {"a": 0}


@given(st.lists(st.integers(-50, 300), max_size=8), st.integers(1, 9), st.integers(1, 9))
def test_never_more_than_the_budget_is_spent(hours, total, each):
    items = [item(str(week), week, late) for week, late in enumerate(hours)]

    spent = spent_days(items, SlipDays(max(total, each), each), zone=ZONE)

    assert sum(spent.values()) <= max(total, each)
    assert all(days <= each for days in spent.values())


@given(st.lists(st.integers(-50, 300), min_size=1, max_size=6), st.integers(0, 9), st.integers(1, 9))
def test_handing_in_takes_no_day_from_work_that_is_there(hours, later, total):
    items = [item(str(week), week, late) for week, late in enumerate(hours)]
    last = max(each.received_at for each in items)
    new = Item("new", last - timedelta(days=later), last + timedelta(hours=1))

    before = spent_days(items, SlipDays(total, total), zone=ZONE)
    after = spent_days([*items, new], SlipDays(total, total), zone=ZONE)

    assert {key: after[key] for key in before} == before
