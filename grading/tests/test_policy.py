"""Grades and totals: the worked figures of docs/grading-rules.md, exactly."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.policy.lateness import Basis
from gradebook.policy.totals import standing, total
from gradebook.policy.tree import Leaf, Node, Optional, effective_shares, is_publishable
from grading.policy.grade import Part, grade_of

D = Decimal


def test_a_grade_explains_itself():
    parts = [Part("tests", D(8), auto=D(8)), Part("analysis", D(3), by_hand=D(3))]

    grade = grade_of(parts, factor=D("0.9"), late_by=timedelta(hours=2, minutes=14))

    assert grade.sentence == "(8 auto + 3 manual) × 0.9, 2 h 14 min late = 9.9 of 11"
    assert (grade.total, grade.maximum, grade.is_complete) == (D("9.9"), D(11), True)


def test_a_persons_mark_stands_over_the_tests():
    grade = grade_of([Part("t", D(5), auto=D(0), by_hand=D(4))], factor=D(1), late_by=timedelta())

    assert (grade.auto, grade.manual, grade.sentence) == (0, 4, "(0 auto + 4 manual) × 1.0, on time = 4 of 5")


def test_what_nobody_scored_is_waiting_and_not_zero():
    grade = grade_of([Part("t", D(5), auto=D(5)), Part("a", D(3))], factor=D(1), late_by=timedelta())

    assert (grade.waiting, grade.is_complete, grade.raw) == (1, False, D(5))


parts = st.lists(st.tuples(st.decimals(0, 20, places=2), st.decimals(0, 1, places=2)), min_size=1, max_size=6)


@given(parts, st.decimals(0, 1, places=2))
def test_total_lies_between_0_and_the_maximum(pairs, factor):
    grade = grade_of([Part("x", m, auto=m * s) for m, s in pairs], factor=factor, late_by=timedelta())

    assert 0 <= grade.total <= grade.maximum


def leaf(key, weight):
    return Node(key, D(weight))


PROJECT = Node("project", D(80), (leaf("proposal", 20), leaf("report", 60), leaf("poster", 20)))
HOMEWORK = Node("homework", D(20), (leaf("a", 100),), Optional.REDISTRIBUTE)
XMU_2025 = Node("course", D(100), (HOMEWORK, PROJECT))
PROJECT_MARKS = {"proposal": D(90), "report": D(85) * D("0.7"), "poster": D(88)}


def marks(**percent):
    return {key: Leaf(Fraction(D(value)) / 100, True) for key, value in percent.items()}


def with_reading(reading, weight=20):
    return Node("course", D(100), (replace(HOMEWORK, optional=reading, weight=D(weight)), PROJECT))


def shown(fraction):
    return str(round(D(fraction.numerator) / D(fraction.denominator), 2))


def test_xmu_2025_with_assignments():
    assert shown(total(XMU_2025, marks(a=92, **PROJECT_MARKS))) == "75.44"


@pytest.mark.parametrize(("reading", "expected"), [(Optional.REDISTRIBUTE, "71.30"), (Optional.ZERO, "57.04")])
def test_xmu_2025_without_assignments(reading, expected):
    assert shown(total(with_reading(reading), marks(**PROJECT_MARKS))) == expected


def test_xmu_2025_with_assignments_as_a_bonus():
    project = replace(PROJECT, weight=D(100))
    tree = Node("course", D(100), (replace(HOMEWORK, optional=Optional.BONUS), project))

    assert is_publishable(tree)
    assert shown(total(tree, marks(a=92, **PROJECT_MARKS))) == "89.70"


def test_xmu_2025_when_assignments_never_hurt():
    tree = with_reading(Optional.NEVER_HURTS)

    assert shown(total(tree, marks(a=10, **PROJECT_MARKS))) == "71.30"
    assert shown(total(tree, marks(a=92, **PROJECT_MARKS))) == "75.44"


def test_once_one_assignment_is_handed_in_a_missing_one_is_0():
    homework = Node("homework", D(20), (leaf("a", 50), leaf("b", 50)), Optional.REDISTRIBUTE)
    tree = Node("course", D(100), (homework, PROJECT))

    assert shown(total(tree, marks(a=92, **PROJECT_MARKS))) == "66.24"


def test_xmu_2020():
    talk = Node("talk", D(20), (leaf("lecturer", 50), leaf("peers", 50)))
    project = Node("project", D(40), (leaf("proposal", 10), leaf("report", 70), talk))
    tree = Node("course", D(100), (leaf("exam", 30), leaf("homework", 30), project))

    result = total(tree, marks(exam=78, homework=88, proposal=90, report=85, lecturer=88, peers=80))

    assert shown(result) == "83.92"


def test_sustech_cs324():
    leaves = [leaf("exam", 40), *(leaf(f"a{n}", 15) for n in (1, 2, 3)), leaf("talk", 5), leaf("demo", 10)]
    result = total(
        Node("c", D(100), tuple(leaves)), marks(exam=72, a1=D(84) * D("0.9"), a2=90, a3=66, talk=80, demo=95)
    )

    assert shown(result) == "77.04"


def test_effective_shares_are_percent_of_the_course():
    assert {k: shown(v) for k, v in effective_shares(XMU_2025).items()} == {
        "a": "20.00", "proposal": "16.00", "report": "48.00", "poster": "16.00",
    }  # fmt: skip


@pytest.mark.parametrize(("weights", "fine"), [((50, 50), True), ((50, 49), False), ((33.33, 66.67), True), ((), True)])
def test_siblings_must_sum_to_exactly_100(weights, fine):
    assert is_publishable(Node("c", D(100), tuple(leaf(str(n), str(w)) for n, w in enumerate(weights)))) is fine


def test_nothing_graded_is_not_zero():
    now = standing(XMU_2025, {})

    assert (now.earned, now.average, now.lowest, now.highest) == (0, None, 0, 100)


def test_standing_speaks_of_graded_work_only():
    now = standing(XMU_2025, marks(proposal=90))

    assert shown(now.average) == "90.00"
    assert now.lowest <= now.earned <= now.highest


shares = st.fractions(0, 1, max_denominator=20)
KEYS = ("a", "proposal", "report", "poster")


@given(st.dictionaries(st.sampled_from(KEYS), shares), st.lists(shares, min_size=4, max_size=4))
def test_the_final_total_always_lies_in_the_range_that_was_shown(known, rest):
    so_far = {key: Leaf(share, True) for key, share in known.items()}
    final = {key: so_far.get(key, Leaf(share, True)) for key, share in zip(KEYS, rest, strict=True)}

    now = standing(XMU_2025, so_far)

    assert now.lowest <= total(XMU_2025, final) <= now.highest


@given(st.fixed_dictionaries(dict.fromkeys(KEYS, shares)))
def test_redistribution_equals_the_plain_sum_when_all_is_handed_in(all_of_it):
    known = {key: Leaf(share, True) for key, share in all_of_it.items()}

    assert total(XMU_2025, known) == total(with_reading(Optional.NO), known)


@pytest.mark.parametrize(
    ("basis", "raw", "total", "arithmetic"),
    [
        (Basis.EARNED, 80, "72", "(80 auto + 0 manual) × 0.9, 2 h late = 72 of 100"),
        (Basis.POSSIBLE, 80, "70", "(80 auto + 0 manual) − 10, 2 h late = 70 of 100"),
        (Basis.POSSIBLE, 6, "0", "(6 auto + 0 manual) − 10, 2 h late = 0 of 100"),
        (Basis.CAP, 80, "80", "(80 auto + 0 manual) at most 90, 2 h late = 80 of 100"),
        (Basis.CAP, 97, "90", "(97 auto + 0 manual) at most 90, 2 h late = 90 of 100"),
    ],
)
def test_a_factor_multiplies_takes_away_or_caps(basis, raw, total, arithmetic):
    grade = grade_of([Part("t", D(100), auto=D(raw))], factor=D("0.9"), late_by=timedelta(hours=2), basis=basis)

    assert (grade.total, grade.sentence) == (D(total), arithmetic)


@given(parts, st.decimals(0, 1, places=2), st.sampled_from(Basis))
def test_a_late_total_is_never_more_than_an_early_one(pairs, factor, basis):
    made = [Part("x", m, auto=m * s) for m, s in pairs]
    early, late = (grade_of(made, factor=f, late_by=timedelta(), basis=basis) for f in (D(1), factor))

    assert 0 <= late.total <= early.total <= early.maximum
