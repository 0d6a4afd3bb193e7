"""Sharing out, drawing, agreeing: the pure rules."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.charts import LINE_HEIGHT, WIDTH, bars_of, line_of
from grading.policy.sharing import agreement, sample, share_out

people = st.integers(1, 6)
D = Decimal


@given(st.integers(0, 60), people, st.dictionaries(people, st.integers(0, 20)))
def test_whoever_may_do_everything_ends_with_the_same_load(count, graders, load):
    able = list(range(1, graders + 1))
    given = share_out(dict.fromkeys(range(count), able), load)

    assert len(given) == count
    ends = {person: load.get(person, 0) + list(given.values()).count(person) for person in able}
    taking = [ends[person] for person in able if person in given.values()]
    assert not taking or max(taking) - min(ends.values()) <= 1


@given(st.dictionaries(st.integers(0, 50), st.sets(people)))
def test_everybody_is_given_only_what_they_may_do_and_nothing_is_left(work):
    given = share_out(work, {})

    assert given.keys() == {piece for piece, able in work.items() if able}
    assert all(person in work[piece] for piece, person in given.items())


def test_who_has_much_is_given_little():
    assert list(share_out({n: [1, 2] for n in range(4)}, {1: 3}).values()) == [2, 2, 2, 1]


def test_what_only_one_may_do_is_given_first():
    assert share_out({1: [1, 2], 2: [1]}, {}) == {1: 2, 2: 1}


@pytest.mark.parametrize(("percent", "count"), [(1, 1), (10, 1), (11, 2), (50, 5), (100, 10)])
def test_a_sample_is_so_much_and_at_least_one(percent, count):
    assert len(sample(range(10), percent, {n: n * 7 % 10 for n in range(10)})) == count


def test_a_larger_sample_holds_the_smaller_one_and_nothing_has_none():
    places = {n: n * 37 % 101 for n in range(100)}
    assert set(sample(range(100), 10, places)) < set(sample(range(100), 30, places))
    assert sample([], 50, {}) == []


def test_agreement_in_figures():
    found = agreement([(D(2), D(2), D(4)), (D(1), D(3), D(4)), (D(5), D(4), D(10))])
    assert (found.count, found.same, found.distance, found.lean) == (3, 1, D(20), D(40) / 3)
    assert agreement([]) is None
    assert agreement([(D(0), D(0), D(0))]) is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(10, 12)), min_size=1))
def test_the_lean_is_never_larger_than_the_distance(pairs):
    found = agreement([(D(first), D(second), D(most)) for first, second, most in pairs])
    assert abs(found.lean) <= found.distance
    assert (found.distance == 0) == (found.same == found.count)


def test_bars_are_as_long_as_their_values():
    chart = bars_of([("a", 2, "two"), ("b", 4, "four"), ("c", 0, "none")])
    assert [bar.length for bar in chart.bars] == [WIDTH // 2, WIDTH, 0]
    assert [bar.top for bar in chart.bars] == [0, 20, 40]
    assert chart.height == 60
    assert bars_of([("a", D(50), "50 %")], most=100).bars[0].length == WIDTH // 2
    assert bars_of([("a", 0, "0")]) is None
    assert bars_of([]) is None


def test_lines_go_from_left_to_right_and_up_with_the_value():
    assert line_of([D(0), D(50), D(100)]) == f"0.0,{LINE_HEIGHT}.0 50.0,{LINE_HEIGHT / 2:.1f} 100.0,0.0"
    assert line_of([D(50)]) == line_of([]) == ""
