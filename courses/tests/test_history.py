"""What lateness costs is one rule for whoever handed in: students and groups read the same numbers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.policy.history import History
from courses.policy.lateness import LateRule, Replacing, Tier
from tests.factories import DUE, XMU_RULE

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Version:
    """As much of a version as a history looks at."""

    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class Work(History[Version]):
    """The smallest history: due at DUE for all, taken until `until`."""

    until: datetime | None = None

    @property
    def zone(self):
        return ZONE

    @property
    def listed_due(self):
        return DUE

    @property
    def last_taken(self):
        return self.until


def work(*hours, rule=XMU_RULE, due=DUE, **fields):
    versions = [Version(DUE + hour * HOUR) for hour in hours]
    return Work(own_due=due, rule=rule, submissions=versions, counting=versions[-1] if versions else None, **fields)


def test_nothing_handed_in():
    nothing = work()

    assert (nothing.handed_in, nothing.factor, nothing.late_by, nothing.closes_at) == (False, 1, timedelta(), None)


@pytest.mark.parametrize(
    ("hours", "factor", "late"),
    [
        ((-1,), "1", 0),
        ((0,), "1", 0),
        ((24,), "0.9", 24),
        ((25,), "0.7", 25),
        ((-1, 26), "0.7", 26),
        ((72,), "0.5", 72),
    ],
)
def test_the_counting_version_decides(hours, factor, late):
    made = work(*hours)

    assert (made.factor, made.late_by) == (Decimal(factor), late * HOUR)


def test_more_time_moves_the_due_time_and_says_so():
    made = work(26, due=DUE + 48 * HOUR)

    assert (made.factor, made.is_extended, made.due_at) == (1, True, DUE + 48 * HOUR)
    assert not work(26).is_extended


@pytest.mark.parametrize(
    ("until", "due", "closes"),
    [
        (None, DUE, None),
        (DUE + 5 * HOUR, DUE, DUE + 5 * HOUR),
        (DUE + 5 * HOUR, DUE + 48 * HOUR, DUE + 48 * HOUR),
    ],
)
def test_nothing_closes_before_ones_own_due_time(until, due, closes):
    assert work(-1, due=due, until=until).closes_at == closes


def test_a_rule_that_locks_takes_nothing_after_what_was_on_time():
    rule = LateRule(XMU_RULE.tiers, XMU_RULE.beyond, grace=timedelta(minutes=10), replacing=Replacing.LOCKED)

    assert work(-1, rule=rule).closes_at == DUE + timedelta(minutes=10)
    assert work(1, rule=rule).closes_at is None
    assert work(rule=rule).closes_at is None


def test_what_locks_does_so_when_on_time_ends():
    """Also where that is after days that do not count; DUE is a Friday, and Saturday and Sunday are free."""
    free = tuple({(DUE.weekday() + 1) % 7, (DUE.weekday() + 2) % 7})
    made = work(-1, rule=LateRule((), Decimal("0.5"), replacing=Replacing.LOCKED, free_days=free))

    assert made.closes_at == made.steps()[0].until
    assert made.closes_at - DUE > timedelta(days=2) - timedelta(hours=24)
    assert made.factor_at(made.closes_at) == 1


def test_a_rule_under_which_the_first_version_decides():
    rule = LateRule(XMU_RULE.tiers, XMU_RULE.beyond, replacing=Replacing.LATEST)
    made = work(-1, 80, rule=rule)

    assert (made.factor, made.judged(DUE + 80 * HOUR)) == (1, DUE - HOUR)
    assert [step.factor for step in made.steps()] == [1]


def test_the_steps_are_those_of_the_own_due_time():
    steps = work(due=DUE + 24 * HOUR).steps()

    assert [(step.until - DUE if step.until else None, step.factor) for step in steps] == [
        (24 * HOUR, 1),
        (48 * HOUR, Decimal("0.9")),
        (96 * HOUR - timedelta(seconds=1), Decimal("0.7")),
        (None, Decimal("0.5")),
    ]


def test_the_step_that_holds_and_the_next():
    here, after = work().step_at(DUE + 2 * HOUR)

    assert (here.factor, after.factor) == (Decimal("0.9"), Decimal("0.7"))


@given(st.integers(-100, 200), st.integers(0, 100), st.integers(0, 100))
def test_more_time_never_costs(hours, less, more):
    one = work(hours, due=DUE + min(less, more) * HOUR)
    other = work(hours, due=DUE + max(less, more) * HOUR)

    assert other.factor >= one.factor


@given(st.integers(-50, 100), st.integers(0, 5), st.integers(1, 3))
def test_slip_days_take_what_they_need_and_no_more(hours, may, days):
    rule = LateRule((Tier(days, True, Decimal("0.5")),), Decimal(0))
    made = work(hours, rule=rule, may_slip=may)
    needed = made.slip_days_at(DUE + hours * HOUR)

    assert 0 <= needed <= may
    if hours <= 0:
        assert needed == 0
    if 0 < hours <= 24 * may:
        assert made.factor_at(DUE + hours * HOUR) == 1
        assert (needed - 1) * 24 < hours <= needed * 24
