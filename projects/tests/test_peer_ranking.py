"""Peer ranking and the choice of talks, as policy.md works them out, and what holds for all of them."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.policy.peers import (
    agreement,
    looks_reversed,
    marks_by_rank,
    marks_by_score,
    places_needed,
    quorum,
    scores,
)
from projects.policy.talks import select

GROUPS = "ABCDE"
FIRST = ["BCDE", "ACDE", "BADE", "BCAE", "CBAD"]
SECOND = ["CBDE", "ACDE", "ABDE", "BACE", "BACD"]
MARKS = {"highest": Fraction(100), "lowest": Fraction(60)}
ballots = st.lists(st.permutations(GROUPS).flatmap(lambda p: st.integers(2, 5).map(lambda n: p[:n])), max_size=12)


def test_one_ballot_from_a_member_of_each_group():
    found = scores(FIRST, GROUPS)

    assert found == {
        "B": Fraction(11, 12),
        "C": Fraction(3, 4),
        "A": Fraction(7, 12),
        "D": Fraction(1, 4),
        "E": Fraction(0),
    }
    assert marks_by_rank(found, **MARKS) == {"B": 100, "C": 90, "A": 80, "D": 70, "E": 60}


def test_equal_scores_share_their_ranks():
    found = scores(SECOND, GROUPS)

    assert found == {
        "A": Fraction(5, 6),
        "B": Fraction(5, 6),
        "C": Fraction(7, 12),
        "D": Fraction(1, 4),
        "E": Fraction(0),
    }
    assert marks_by_rank(found, **MARKS) == {"A": 95, "B": 95, "C": 80, "D": 70, "E": 60}


def test_marks_by_score():
    assert marks_by_score({"A": Fraction(1), "B": Fraction(1, 2), "C": Fraction(0)}, **MARKS) == {
        "A": 100,
        "B": 80,
        "C": 60,
    }


def test_one_group_alone_has_the_highest_mark():
    assert marks_by_rank({"A": Fraction(0)}, **MARKS) == {"A": 100}
    assert marks_by_rank({}, **MARKS) == {}


@pytest.mark.parametrize(
    ("may_rank", "least", "needed"),
    [(9, 3, 3), (3, 3, 3), (2, 3, 2), (9, 5, 5), (4, 5, 4), (9, 2, 2), (1, 3, 2), (0, 3, 2)],
)
def test_so_many_are_ranked_as_there_are_where_there_are_few(may_rank, least, needed):
    assert places_needed(may_rank, least) == needed


def test_each_ballot_spreads_over_what_it_ranks():
    assert scores(["ABC", "AB"], GROUPS) == {"A": 1, "B": Fraction(1, 4), "C": 0}


@pytest.mark.parametrize(("voters", "needed"), [(5, 5), (16, 5), (17, 6), (20, 6), (21, 7), (150, 45)])
def test_the_larger_of_five_and_thirty_percent_must_vote(voters, needed):
    assert quorum(FIRST, GROUPS, voters=voters).needed == needed


def test_the_quorum_of_the_worked_case():
    assert quorum(FIRST, GROUPS, voters=5).is_met
    assert not quorum(FIRST[:4], GROUPS, voters=5).is_met
    assert not quorum(FIRST, GROUPS, voters=20).is_met


def test_every_group_needs_three_ballots():
    found = quorum(["ABC"] * 6 + ["ABD"] * 2, GROUPS, voters=8)
    assert (found.ballots, found.too_few, found.is_met) == (8, ["D", "E"], False)


@given(ballots)
def test_scores_lie_between_nothing_and_one_and_marks_within_theirs(votes):
    found = scores(votes, GROUPS)
    assert all(0 <= score <= 1 for score in found.values())
    for marks in (marks_by_rank(found, **MARKS), marks_by_score(found, **MARKS)):
        assert all(60 <= mark <= 100 for mark in marks.values())


@given(ballots)
def test_a_better_score_never_has_a_lower_mark_and_equal_ones_the_same(votes):
    found = scores(votes, GROUPS)
    marks = marks_by_rank(found, **MARKS)
    for one in found:
        for other in found:
            assert (found[one] > found[other]) == (marks[one] > marks[other])


@given(ballots)
def test_marks_by_rank_have_the_mean_of_their_ends(votes):
    """Sharing moves marks between equals and makes none."""
    marks = marks_by_rank(scores(votes, GROUPS), **MARKS)
    assert len(marks) < 2 or sum(marks.values()) == 80 * len(marks)


@given(ballots, st.randoms())
def test_the_order_of_ballots_makes_no_difference(votes, dice):
    shuffled = list(votes)
    dice.shuffle(shuffled)
    assert scores(votes, GROUPS) == scores(shuffled, GROUPS)


def test_agreement_with_the_whole():
    found = scores(FIRST, GROUPS)
    assert agreement("BCADE", found) == 1
    assert agreement("EDACB", found) == -1
    assert agreement("CBADE", found) == Fraction(8, 10)
    assert agreement("A", found) is None
    assert looks_reversed("EDAC", found)
    assert not looks_reversed("CBDE", found)


@given(st.permutations(GROUPS))
def test_the_reverse_of_a_ballot_agrees_as_much_the_other_way(ballot):
    found = scores(FIRST, GROUPS)
    assert agreement(ballot, found) == -agreement(ballot[::-1], found)


REPORTS = {
    n: Decimal(mark)
    for n, mark in enumerate(["95", "94", "93", "92", "91", "90", "89", "88", "87", "86", "86", "70"], start=1)
}


class TestTalks:
    def test_a_tie_across_the_cut_is_shown_and_decides_nothing(self):
        found = select(REPORTS, 10)
        assert (list(found.chosen), list(found.tied), found.seats, list(found.waiting)) == (
            [1, 2, 3, 4, 5, 6, 7, 8, 9], [10, 11], 1, [12],
        )  # fmt: skip
        assert not found.is_final

    def test_the_lecturer_picks_among_equals_and_the_other_waits_first(self):
        found = select(REPORTS, 10, picked={11})
        assert found.is_final
        assert found.chosen[-1] == 11
        assert list(found.waiting) == [10, 12]

    @pytest.mark.parametrize("picked", [{10, 11}, {1}, {12}, set()])
    def test_a_pick_that_does_not_fit_the_seats_decides_nothing(self, picked):
        assert not select(REPORTS, 10, picked=picked).is_final

    def test_who_withdraws_is_replaced_by_the_next(self):
        found = select(REPORTS, 10, withdrawn={3})
        assert found.is_final
        assert 3 not in found.chosen
        assert {10, 11} <= set(found.chosen)

    @pytest.mark.parametrize(("talks", "chosen"), [(0, 0), (1, 1), (9, 9), (12, 12), (40, 12)])
    def test_cuts_without_a_tie(self, talks, chosen):
        found = select(REPORTS, talks)
        assert found.is_final
        assert len(found.chosen) == chosen

    @given(st.dictionaries(st.integers(0, 20), st.decimals(0, 100, places=0), max_size=15), st.integers(0, 12))
    def test_everybody_stands_somewhere_once_and_nobody_below_is_before_somebody_above(self, marks, talks):
        found = select(marks, talks)
        places = [*found.chosen, *found.tied, *found.waiting]
        assert sorted(places) == sorted(marks)
        assert len(found.chosen) + found.seats == min(talks, len(marks))
        assert all(marks[a] >= marks[b] for a in found.chosen for b in (*found.tied, *found.waiting))
        assert len({marks[key] for key in found.tied}) <= 1
