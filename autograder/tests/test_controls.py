"""Changed copies of a test: they expect something else, never ask something else, and fail where the test passes."""

import ast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.controls import changed_copies, gives_part
from autograder.names import parsed


def double(x):
    return 2 * x


def fails(source, **names):
    """Whether a cell raises an AssertionError; any other error is one of this test's own."""
    try:
        exec(source, {"np": np, "double": double, **names})  # noqa: S102  our own text
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize(
    ("source", "turned", "moved"),
    [
        ("assert 4 == f(2)", "assert not 4 == f(2)", "assert 7931 == f(2)"),
        ("assert f(2) == -4", "assert not f(2) == -4", "assert f(2) == -7931"),
        ("assert f(2) == 1.5", "assert not f(2) == 1.5", "assert f(2) == 7923.5"),
        ("assert f(2) == 2j", "assert not f(2) == 2j", "assert f(2) == 7919 + 6j"),
        ("assert f(2) == [1, (2, 'a')]", "assert not f(2) == [1, (2, 'a')]", "assert f(2) == [7922, (7925, 'a~')]"),
        ("assert f(2) == {'a': 1}", "assert not f(2) == {'a': 1}", "assert f(2) == {'a~': 7922}"),
        (
            "assert f(1) == 1 and f(2) == 2",
            "assert not (f(1) == 1 and f(2) == 2)",
            "assert f(1) == 7922 and f(2) == 7925",
        ),
        ("assert len(f(3)) == 3", "assert not len(f(3)) == 3", "assert len(f(3)) == 7928"),
        ("assert sorted(f([3])) == [1]", "assert not sorted(f([3])) == [1]", "assert sorted(f([3])) == [7922]"),
        ("assert m.f(2)['n'][0] == 1", "assert not m.f(2)['n'][0] == 1", "assert m.f(2)['n'][0] == 7922"),
        ("assert f(2) == 4, 'not 4'", "assert not f(2) == 4, 'not 4'", "assert f(2) == 7931, 'not 4'"),
        ("x = f(2)\nassert x == 4", "x = f(2)\nassert not x == 4", "x = f(2)\nassert x == 7931"),
        ("if f(2):\n    assert f(2) == 4", "if f(2):\n    assert not f(2) == 4", "if f(2):\n    assert f(2) == 7931"),
        ("def t():\n    assert f(2) == 4", "def t():\n    assert not f(2) == 4", "def t():\n    assert f(2) == 7931"),
    ],
)
def test_an_assertion_is_turned_and_its_expectation_moved(source, turned, moved):
    copies = changed_copies(source)

    assert [ast.dump(ast.parse(copy)) for copy in copies] == [ast.dump(ast.parse(t)) for t in (turned, moved)]


@pytest.mark.parametrize(
    "source",
    [
        "assert f(1, 'a', key=2.5)",
        "assert m.f([1, 2])",
        "assert all(f(i) for i in range(3))",
        "assert f(1)[2]",
        "assert isinstance(f(1), int)",
        "assert f(2) is None",
        "assert f(2) is True",
        "assert any((f(2) == 1, f(2) == 2))",
        "assert f(2) in (2, 3)",
        "assert len(f(2)) >= 2",
        "assert f(2) != 3",
        "assert 1 < f(2) < 5",
        "assert abs(f(2) - 5) < 1e-6",
        "assert f(2) == f'{x}: 1'",
        "for a, b in [(1, 2), (2, 4)]:\n    assert f(a) == b",
        "x = f(1)\nassert x",
    ],
)
def test_inputs_stay_as_they_are(source):
    """Only the turned copy: in it every constant of the test still stands."""
    (copy,) = changed_copies(source)

    kept = [node.value for node in ast.walk(ast.parse(copy)) if isinstance(node, ast.Constant)]
    assert kept == [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    assert copy.replace("assert not ", "assert ") == ast.unparse(ast.parse(source))


@pytest.mark.parametrize(
    ("source", "moved"),
    [
        ("np.testing.assert_equal(f(2), 4)", "np.testing.assert_equal(f(2), 7931)"),
        ("np.testing.assert_array_equal(f(2), np.array([1, 2]))", "np.testing.assert_array_equal(f(2), np.array([7922, 7925]))"),
        ("assert_almost_equal(f(2), 4.0, decimal=3)", "assert_almost_equal(f(2), 7931.0, decimal=3)"),
        ("assert_equal(f('a'), 'b', 'message')", "assert_equal(f('a'), 'b~', 'message')"),
        ("case.assertEqual(4, f(2))", "case.assertEqual(7931, f(2))"),
        ("assert_equal(f(2) == 4, True)", "assert_equal(f(2) == 4, False)"),
        ("eq_(f(2), 4)", "eq_(f(2), 7931)"),
        ("torch.testing.assert_allclose(f(2), 4, 0.001)", "torch.testing.assert_allclose(f(2), 7931, 0.001)"),
        ("case.assertAlmostEqual(f(2), 4, places=3)", "case.assertAlmostEqual(f(2), 7931, places=3)"),
    ],
)  # fmt: skip
def test_the_functions_of_test_libraries_are_assertions_too(source, moved):
    assert changed_copies(source) == [moved]


@pytest.mark.parametrize(
    "source",
    [
        "",
        "# only a comment",
        "f(2)",
        "check(f, 4)",
        "unittest.TestCase().assertTrue(f(2) > 4)",
        "case.assertIn(f(2), [4, 5])",
        "case.assertNotEqual(f(2), 4)",
        "raise AssertionError('no error')",
        "x = " + " + ".join(["a"] * 3000),
        "score = 1 if f(2) == 4 else 0\nscore",
        "with pytest.raises(ValueError):\n    f(-1)",
        "expected = 4\nnp.testing.assert_equal(f(2), expected)",
        "assert f(2) ==",
        "%%time\nassert f(2) == 4",
        "x = '\x00'",
    ],
)
def test_without_an_expectation_in_the_text_there_is_no_copy(source):
    assert changed_copies(source) == []


def test_an_error_that_is_expected_beside_an_assertion_is_left_to_the_assertion():
    source = "with pytest.raises(ValueError):\n    f(-1)\nassert f(1) == 2"

    assert [copy.splitlines()[:2] for copy in changed_copies(source)] == [source.splitlines()[:2]] * 2


def test_magics_of_a_test_are_left_out_of_its_copies():
    assert changed_copies("%matplotlib inline\n!ls\nassert f(2) == 4")[0] == "pass\npass\nassert not f(2) == 4"


@pytest.mark.parametrize(
    "source",
    [
        "assert double(2) == 4",
        "assert double('a') == 'aa', 'twice'",
        "assert double([1]) == [1, 1]",
        "assert {'n': double(2)} == {'n': 4}",
        "assert double(2) == 4 and double(3) == 6",
        "assert isinstance(double(2), int) is True",
        "assert 3 < double(2) < 5",
        "assert double(2) in (4,)",
        "assert sum(double([1, 2])) == 6",
        "assert np.array_equal(double(np.arange(3)), [0, 2, 4])",
        "assert np.allclose(double(np.ones(2)), [2, 2])",
        "np.testing.assert_array_equal(double(np.ones(2)), [2, 2])",
        "np.testing.assert_allclose(double(1.5), 3, rtol=0.001)",
        "import unittest\nunittest.TestCase().assertEqual(double(2), 4)",
        "import unittest\nunittest.TestCase().assertDictEqual({'a': double(2)}, {'a': 4})",
        "for x, y in [(1, 2), (2, 4)]:\n    assert double(x) == y",
    ],
)
def test_copies_fail_on_the_reference_that_passes_the_test(source):
    copies = changed_copies(source)

    assert copies
    assert not fails(source)
    assert [copy for copy in copies if not fails(copy)] == []


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("points = 0\nif f(2) == 4:\n    points += 1\npoints", True), ("points / 2", True), ("right[0]", True),
        ("len(right)", True), ("round(total, 2)", True), ("min(points, 2)", True), ("np.sum(right)", True),
        ("1.5", False), ("'1.5'", False), ("None", False), ("print(points)", False), ("grader.check('q1')", False),
        ("points = 1", False), ("points\nassert f(2)", False), ("assert sum(right)", False), ("# points", False),
        ("%%time\npoints", False), ("points\n%matplotlib inline", False), ("def points():\n    points", False),
    ],
)  # fmt: skip
def test_what_gives_part_is_an_expression_at_the_very_end(source, part):
    assert gives_part(source) is part


VALUES = st.integers(-(10**15), 10**15) | st.booleans() | st.text(max_size=8) | st.floats(-1e6, 1e6)
EXPECTED = st.recursive(
    VALUES, lambda inner: st.lists(inner, min_size=1, max_size=3) | st.tuples(inner, inner), max_leaves=5
)


@given(EXPECTED, EXPECTED)
def test_a_copy_fails_whenever_a_simple_test_passes(asked, expected):
    source = f"assert f({asked!r}) == {expected!r}"
    given_to = []

    def f(x):
        given_to.append(x)
        return expected

    turned, moved = changed_copies(source)

    assert not fails(source, f=f)
    assert fails(turned, f=f)
    assert fails(moved, f=f)
    assert given_to == [asked] * 3


PARTS = st.sampled_from(["x", "f(2)", "4", "'a'", "True", "None", "len(f('b'))", "m.f(1)[0]", "f'{x}'", "1.5"])
EXPRESSIONS = st.recursive(
    PARTS,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["==", "<", "in", "+", "and", "is not"]), inner)
        | st.builds("[{}, {}]".format, inner, inner)
        | st.builds("(not {})".format, inner)
        | st.builds("sum({} for x in {})".format, inner, inner)
    ),
    max_leaves=6,
)
LINES = st.builds("assert {}".format, EXPRESSIONS) | st.builds("assert_equal({}, {})".format, EXPRESSIONS, EXPRESSIONS)
CELLS = st.lists(LINES | st.builds("x = {}".format, EXPRESSIONS) | st.just("%matplotlib inline"), max_size=4)


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@given(CELLS)
def test_copies_are_python_that_differs_from_the_test_and_from_each_other(lines):
    source = "\n".join(lines)

    copies = changed_copies(source)

    texts = [ast.unparse(ast.parse(copy)) for copy in copies]
    assert ast.unparse(parsed(source)) not in texts
    assert len(set(texts)) == len(texts) <= 2
    assert bool(texts) >= ("assert " in source)


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@given(st.text() | st.text(alphabet="assert f(2)='\"\n%!?#\\é\x00", max_size=40))
def test_no_text_is_too_odd_to_look_for_expectations(source):
    copies = changed_copies(source)

    assert all(ast.parse(copy) for copy in copies)
    assert gives_part(source) in (True, False)
