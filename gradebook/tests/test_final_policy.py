"""Scales of final grades: every kind at its borders, roundings, tables of the lecturer's own."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradebook.policy.final import (
    STEPS,
    Kind,
    Rounding,
    Scale,
    ScaleError,
    Step,
    counted,
    scale_as_json,
    scale_from_json,
    steps_in,
    steps_text,
)

D, F = Decimal, Fraction
FIVE, LETTERS, PASS = (Scale(kind, STEPS[kind]) for kind in (Kind.FIVE, Kind.LETTERS, Kind.PASS))
POINTS = Scale(Kind.POINTS)


@pytest.mark.parametrize(
    ("scale", "total", "grade"),
    [
        (Scale(), "75.44", "75.44"),
        (Scale(), "46.005", "46.01"),
        (Scale(), "0", "0.00"),
        (Scale(), "110", "110.00"),
        (POINTS, "75.44", "75"),
        (POINTS, "75.5", "76"),
        (POINTS, "59.5", "60"),
        (POINTS, "59.499", "59"),
        (FIVE, "90", "优"),
        (FIVE, "89.99", "良"),
        (FIVE, "60", "及格"),
        (FIVE, "59.99", "不及格"),
        (FIVE, "0", "不及格"),
        (LETTERS, "97", "A+"),
        (LETTERS, "96.99", "A"),
        (LETTERS, "110", "A+"),
        (LETTERS, "59.99", "F"),
        (LETTERS, "60", "D-"),
        (PASS, "60", "Pass"),
        (PASS, "59.99", "Fail"),
    ],
)
def test_a_total_and_its_grade(scale, total, grade):
    assert scale.of(F(D(total))) == grade


@pytest.mark.parametrize(
    ("rounding", "total", "grade"),
    [
        (Rounding.EXACT, "89.5", "良"),
        (Rounding.NEAREST, "89.5", "优"),
        (Rounding.NEAREST, "89.49", "良"),
        (Rounding.UP, "89.01", "优"),
        (Rounding.UP, "89", "良"),
        (Rounding.UP, "59.0001", "及格"),
    ],
)
def test_the_total_is_rounded_before_it_is_held_against_the_steps(rounding, total, grade):
    assert Scale(Kind.FIVE, STEPS[Kind.FIVE], rounding).of(F(D(total))) == grade


def test_a_third_is_rounded_up_too():
    assert Scale(Kind.POINTS, rounding=Rounding.UP).of(F(178, 3)) == "60"


@pytest.mark.parametrize(
    ("scale", "grade"),
    [
        (FIVE, "不及格"),
        (Scale(Kind.FIVE, STEPS[Kind.FIVE], failed="Fx"), "Fx"),
        (Scale(), "75.44"),
        (Scale(failed="59"), "59"),
    ],
)
def test_who_misses_a_minimum(scale, grade):
    assert scale.of(F(D("75.44")), fails=True) == grade


@pytest.mark.parametrize(
    ("scale", "total", "short"),
    [
        (FIVE, "89.25", F(3, 4)),
        (FIVE, "90", None),
        (FIVE, "0", F(60)),
        (Scale(), "50", None),
        (Scale(Kind.FIVE, STEPS[Kind.FIVE], Rounding.NEAREST), "89.25", F(1, 4)),
        (Scale(Kind.FIVE, STEPS[Kind.FIVE], Rounding.UP), "88.75", F(1, 4)),
    ],
)
def test_how_much_is_missing_to_the_next_grade(scale, total, short):
    assert scale.short_of(F(D(total))) == short


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("A 90\nB 0", [("A", 90), ("B", 0)]),
        ("A: 90\nB: 0", [("A", 90), ("B", 0)]),
        ("90 A\n0 B", [("A", 90), ("B", 0)]),
        ("优 ≥ 90\n不及格 0", [("优", 90), ("不及格", 0)]),
        ("A+ = 97,5 %\n\nF 0", [("A+", "97.5"), ("F", 0)]),
        ("very good 1.3 90\nfail 0", [("very good 1.3", 90), ("fail", 0)]),
        ("1.0 95\n5.0 0", [("1.0", 95), ("5.0", 0)]),
    ],
)
def test_a_table_as_it_is_typed(text, steps):
    assert steps_in(text) == tuple(Step(D(start), grade) for grade, start in steps)


def test_german_grades_are_written_with_a_colon():
    scale = Scale(Kind.OWN, steps_in("95: 1.0\n50: 4.0\n0: 5.0"))

    assert [scale.of(F(total)) for total in (95, 94, 50, 49)] == ["1.0", "4.0", "4.0", "5.0"]


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (Kind.OWN, "", "from 2 to 30 steps"),
        (Kind.OWN, "A 0", "from 2 to 30 steps"),
        (Kind.OWN, "A 50\nB 60\nC 0", "begins below"),
        (Kind.OWN, "A 90\nB 10", "begins at 0"),
        (Kind.OWN, "A 90\nA 0", "stands once"),
        (Kind.OWN, "A\nB 0", "is no step"),
        (Kind.POINTS, "A 90\nB 0", "have no steps"),
        (Kind.OWN, "A 90\nA 90\nB 0", "begins below"),
    ],
)
def test_what_is_no_scale_is_said(kind, text, said):
    with pytest.raises(ScaleError, match=said):
        Scale(kind, steps_in(text))


scales = st.one_of(
    st.builds(Scale, st.sampled_from([Kind.PERCENT, Kind.POINTS]), rounding=st.sampled_from(Rounding)),
    st.builds(
        lambda kind, rounding, failed: Scale(kind, STEPS[kind], rounding, failed),
        st.sampled_from(list(STEPS)),
        st.sampled_from(Rounding),
        st.sampled_from(["", "Fx"]),
    ),
)


@given(scales)
def test_a_scale_survives_storage_and_typing(scale):
    assert scale_from_json(scale_as_json(scale)) == scale
    if scale.steps:
        assert steps_in(steps_text(scale.steps)) == scale.steps


@pytest.mark.parametrize("stored", [{}, {"kind": "owl"}, {"kind": "own", "steps": [{"from": "x"}]}, {"kind": "own"}])
def test_what_is_stored_wrongly_is_refused(stored):
    with pytest.raises(ScaleError):
        scale_from_json(stored)


@given(scales, st.fractions(0, 120, max_denominator=1000), st.fractions(0, 120, max_denominator=1000))
def test_more_is_never_a_worse_grade(scale, one, other):
    less, more = sorted((one, other))
    if scale.steps:
        order = [step.grade for step in scale.steps]
        assert order.index(scale.of(more)) <= order.index(scale.of(less))
    else:
        assert D(scale.of(more)) >= D(scale.of(less))


@given(scales, st.fractions(0, 100, max_denominator=1000))
def test_what_is_missing_is_what_is_missing(scale, total):
    short = scale.short_of(total)
    if short is not None:
        assert short >= 0
        order = [step.grade for step in scale.steps]
        better = scale.of(total + short + F(1, 10**6))
        assert order.index(better) < order.index(scale.of(total))


@pytest.mark.parametrize(
    ("scale", "grades", "found"),
    [
        (Scale(), [], []),
        (
            Scale(),
            ["100.00", "90.00", "89.99", "65.5", ""],
            [
                ("90 and more", 2),
                ("80 to below 90", 1),
                ("70 to below 80", 0),
                ("60 to below 70", 1),
            ],
        ),
        (Scale(failed="F"), ["F", "71.00"], [("70 to below 80", 1), ("F", 1)]),
        (Scale(failed="NaN"), ["NaN", "Infinity"], [("Infinity", 1), ("NaN", 1)]),
        (
            Scale(Kind.POINTS),
            ["0", "120"],
            [("90 and more", 1), *((f"{n} to below {n + 10}", 0) for n in range(80, 0, -10)), ("0 to below 10", 1)],
        ),
        (Scale(Kind.PASS, STEPS[Kind.PASS]), ["Pass", "Pass"], [("Pass", 2), ("Fail", 0)]),
        (Scale(Kind.PASS, STEPS[Kind.PASS], failed="Fx"), ["Fx", "Fail"], [("Pass", 0), ("Fail", 1), ("Fx", 1)]),
    ],
)
def test_how_many_get_which_grade(scale, grades, found):
    """In percent nobody wants a bar for each total; a word for a missed minimum is no number."""
    assert counted(scale, grades) == found


@pytest.mark.parametrize(
    ("text", "of_75"),
    [
        ("4.0 90\n3.0 80\n2.0 70\n1.0 60\n0 0", "2.0"),
        ("90 4.0\n80 3.0\n70 2.0\n60 1.0\n0 0", "2.0"),
        ("5: 90\n4: 80\n3: 70\n0: 0", "3"),
        ("A 90\n70 B\nC 0", "B"),
        ("90 4.0\n70 2.0\n0 F", "2.0"),
        ("95 90\n70 60\n0 0", "70"),
    ],
)
def test_grades_that_are_figures_are_read_one_way(text, of_75):
    """And the same again after the page has shown them and was sent."""
    scale = Scale(Kind.OWN, steps_in(text))

    assert scale.of(Fraction(75)) == of_75
    assert steps_in(steps_text(scale.steps)) == scale.steps


@given(
    st.lists(
        st.tuples(st.integers(11, 999), st.sampled_from(["A", "1.0", "90", "优", "A+", "4", "0", "B minus", "60.5"])),
        min_size=1, max_size=8, unique_by=(lambda step: step[0], lambda step: step[1]),
    )
)  # fmt: skip
def test_what_is_shown_is_read_as_it_was(pairs):
    steps = (*(Step(Decimal(start), grade) for start, grade in sorted(pairs, reverse=True)), Step(Decimal(), "F"))

    assert steps_in(steps_text(steps)) == steps
