"""Which version counts: the worked cases of docs/grading-rules.md."""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.policy.lateness import effective_due, late_factor
from courses.policy.versions import (
    HandedIn,
    PutBack,
    Window,
    effective_close,
    may_put_back,
    still_confirmable,
    turns,
    window,
)
from tests.factories import DUE, XMU_RULE

ZONE = ZoneInfo("Asia/Shanghai")


def at(hours, minutes=0):
    return DUE + timedelta(hours=hours, minutes=minutes)


def handed(*hours, same_bytes=False):
    return [HandedIn(n, at(h), "same" if same_bytes else str(n)) for n, h in enumerate(hours, start=1)]


def counting_version(versions, put_back=()):
    made = turns(versions, put_back)
    return made[-1].number if made else None


def factor_of(versions, put_back=(), due=DUE):
    number = counting_version(versions, put_back)
    received = next(v.accepted_at for v in versions if v.number == number)
    return late_factor(received_at=received, due_at=due, rule=XMU_RULE, zone=ZONE)


@pytest.mark.parametrize(
    ("versions", "put_back", "due", "factor"),
    [
        (handed(-1, 26), [], DUE, "0.7"),
        (handed(-1, 26, same_bytes=True), [], DUE, "1"),
        (handed(-1, 2), [PutBack(1, at(2, 10))], DUE, "1"),
        (handed(2, 80), [], DUE, "0.5"),
        (handed(-1, 26), [], effective_due(DUE, [DUE + timedelta(days=2)]), "1"),
        (handed(18), [], effective_due(DUE + timedelta(days=1), [DUE + timedelta(hours=12)]), "1"),
        (handed(25), [], effective_due(DUE + timedelta(days=1), [DUE + timedelta(hours=12)]), "0.9"),
    ],
)
def test_worked_cases(versions, put_back, due, factor):
    assert factor_of(versions, put_back, due) == Decimal(factor)


def test_nothing_handed_in_has_no_counting_version():
    assert counting_version([]) is None


def test_a_version_put_back_counts_until_the_next_one_comes():
    assert counting_version(handed(-3, -2, 5), [PutBack(1, at(-1))]) == 3


def test_putting_back_in_the_same_second_comes_after_the_upload():
    assert counting_version(handed(-3, -2), [PutBack(1, at(-2))]) == 1


def test_old_bytes_handed_in_again_after_others_are_a_replacement():
    versions = [HandedIn(1, at(-3), "a"), HandedIn(2, at(-2), "b"), HandedIn(3, at(1), "a")]

    assert counting_version(versions) == 3


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=8, unique=True))
def test_without_put_backs_the_latest_of_different_versions_counts(hours):
    versions = handed(*sorted(hours))

    assert counting_version(versions) == len(versions)


@pytest.mark.parametrize(
    ("minutes", "began", "may"), [(0, False, True), (30, False, True), (30.02, False, False), (1, True, False)]
)
def test_a_student_may_undo_the_last_replacement_for_30_minutes_or_until_review_began(minutes, began, may):
    made = turns(handed(-5, 0))

    assert may_put_back(made, number=1, at=DUE + timedelta(minutes=minutes), review_began=began) is may


def test_only_the_version_that_counted_before_can_be_put_back():
    """Otherwise a fresh upload would bring back an on-time version from days ago."""
    made = turns(handed(-1, 26, 90))

    soon = at(90, 1)
    assert not may_put_back(made, number=1, at=soon, review_began=False)
    assert may_put_back(made, number=2, at=soon, review_began=False)


def test_one_version_has_nothing_before_it():
    assert not may_put_back(turns(handed(-1)), number=1, at=at(-1), review_began=False)
    assert not may_put_back([], number=1, at=at(-1), review_began=False)


def test_turns_say_which_version_counted_from_when():
    made = turns(handed(-3, -2), [PutBack(1, at(-1))])

    assert [(t.number, t.at) for t in made] == [(1, at(-3)), (2, at(-2)), (1, at(-1))]


@pytest.mark.parametrize(("closes", "due", "hours"), [(None, 0, None), (5, 0, 5), (5, 9, 9)])
def test_work_never_closes_before_the_students_own_due_time(closes, due, hours):
    closed = effective_close(closes_at=None if closes is None else at(closes), due_at=at(due))

    assert closed == (None if hours is None else at(hours))


@pytest.mark.parametrize(("minutes", "still"), [(29, True), (30, True), (31, False)])
def test_an_offer_to_replace_stands_for_30_minutes(minutes, still):
    assert still_confirmable(at=DUE + timedelta(minutes=minutes), uploaded_at=DUE) is still


@pytest.mark.parametrize(
    ("hours", "closes", "where"),
    [
        (-30, None, Window.NOT_YET),
        (-1, None, Window.OPEN),
        (9999, None, Window.OPEN),
        (5, 5, Window.OPEN),
        (6, 5, Window.CLOSED),
    ],
)
def test_window(hours, closes, where):
    closes_at = None if closes is None else at(closes)

    assert window(at=at(hours), opens_at=at(-24), closes_at=closes_at) is where
