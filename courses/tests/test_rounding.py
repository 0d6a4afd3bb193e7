"""Half away from zero, exactly, whatever the number of digits; and pages and tables say the same figure."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.policy.rounding import rounded
from courses.policy.words import points_text
from courses.templatetags.words import share

D = Decimal
CENT = D("0.01")


@pytest.mark.parametrize(
    ("number", "step", "expected"),
    [
        (D("46.005"), CENT, "46.01"), (D("46.015"), CENT, "46.02"), (D("46.0049999"), CENT, "46.00"),
        (D("-46.005"), CENT, "-46.01"), (D("0.5"), D(1), "1"), (D("1.5"), D(1), "2"), (D("2.5"), D(1), "3"),
        (Fraction(2, 3), CENT, "0.67"), (Fraction(1, 8), D("0.0001"), "0.1250"), (Fraction(9201, 200), CENT, "46.01"),
        (Fraction(46_005 * 10**40 - 1, 10**43), CENT, "46.00"), (D(0), CENT, "0.00"), (D("0.25"), D("0.5"), "0.5"),
    ],
)  # fmt: skip
def test_to_the_nearest_step(number, step, expected):
    assert str(rounded(number, step)) == expected


@given(st.decimals(-10_000, 10_000, places=6), st.sampled_from(["1", "0.1", "0.01", "0.0001"]))
def test_as_the_library_rounds_what_it_can_write(number, step):
    assert rounded(number, D(step)) == number.quantize(D(step), ROUND_HALF_UP)


@given(st.fractions(0, 100, max_denominator=10_000))
def test_it_is_never_further_than_half_a_step(number):
    assert abs(Fraction(rounded(number, CENT)) - number) <= Fraction(1, 200)


@given(st.fractions(0, 100, max_denominator=400))
def test_a_page_and_a_table_say_the_same(number):
    assert D(share(number)) == D(points_text(number)) == rounded(number, CENT)
