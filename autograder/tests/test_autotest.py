"""Generated tests: what an AUTOTEST line becomes, and what the result is worth."""

import ast

import pytest

from autograder.autotest import CHECKS, has_autotests, instantiated
from autograder.check import check
from autograder.grade import Conditions, grade, read_source, with_generated_tests
from autograder.notebook import read_notebook, write_notebook
from autograder.release import student_version
from autograder.report import SourceUnusable, Status
from autograder.sandbox.limits import Limits
from autograder.sandbox.supervisor import Setting
from tests.factories import answer, assertion_cell, code, notebook, text

pytestmark = pytest.mark.sandbox
SOLUTION = "def twice(x):\n    ### BEGIN SOLUTION\n    return x + x\n    ### END SOLUTION"
CONDITIONS = Conditions(Limits())


def generated(*lines, before="", solution=SOLUTION):
    """The text of a test cell that asks for these tests."""
    cells = [code(before)] if before else []
    source = notebook(*cells, answer(solution), assertion_cell("\n".join(lines)))
    return instantiated(source, Setting(Limits()))["cells"][-1]["source"]


def marks(source, solution):
    """Status of the first test for a student who answers like this."""
    raw = write_notebook(source)
    whole = with_generated_tests(read_source(raw), CONDITIONS)
    released = student_version(whole.notebook)
    next(c for c in released["cells"] if "YOUR CODE HERE" in c["source"])["source"] = solution
    return grade(whole, write_notebook(released), CONDITIONS)[0].tests[0].status


@pytest.mark.parametrize(
    ("expression", "asserts"),
    [
        ("twice(2)", ["type(", "twice(2)"]),
        ("twice(0.5)", ["type(", "round(twice(0.5), 2)"]),
        ("twice('a')", ["type(", "len(", ".lower()", "twice('a')"]),
        ("twice([1])", ["type(", "len(", "sorted(map(str", "twice([1])"]),
        ("twice((1,))", ["type(", "len(", "sorted(map(str", "twice((1,))"]),
        ("{twice(1)}", ["type(", "len(", "{twice(1)}"]),
        ("{1: twice(1)}", ["type(", "len(list(", ".keys()", ".values()", "{1:"]),
        ("twice(1) == 2", ["type(", "twice(1) == 2"]),
        ("type(twice(1))", ["type(", "type(twice(1))"]),
        ("twice(1j)", ["type(", "twice(1j)"]),
    ],
)
def test_each_type_is_asked_what_tells_its_values_apart(expression, asserts):
    lines = [line for line in generated(f"### AUTOTEST {expression}").splitlines() if line.startswith("assert")]

    assert len(lines) == len(asserts)
    assert all(part in line for part, line in zip(asserts, lines, strict=True))


def test_types_with_rules_of_their_own_are_those_of_nbgrader():
    assert set(CHECKS) == {"float", "set", "list", "tuple", "str", "dict"}


def test_expressions_are_separated_by_semicolons_and_other_lines_stay():
    made = generated("x = twice(4)", "  # AUTOTEST x; twice(x);", "assert x > 1")

    assert made.splitlines()[0] == "x = twice(4)"
    assert made.count("assert str(type(") == 2
    assert "assert x > 1" in made
    assert made.endswith("print('Success!')")
    assert made.count("from hashlib import sha1") == 1
    assert "AUTOTEST" not in made


def test_hashed_tests_do_not_say_what_they_expect():
    open_, hashed = (generated(f"### {kind}AUTOTEST twice(21)") for kind in ("", "HASHED "))

    assert "'42'" in open_
    assert "42" not in [each.value for each in ast.walk(ast.parse(hashed)) if isinstance(each, ast.Constant)]
    assert 'encode("utf-8")' in hashed


def test_the_same_notebook_gives_the_same_tests_and_equal_lines_get_other_salts():
    lines = ["### HASHED AUTOTEST twice(1)", "### HASHED AUTOTEST twice(1)"]

    first = generated(*lines)
    expected = [line.split("==")[1].split(",")[0] for line in first.splitlines() if line.startswith("assert")]
    assert generated(*lines) == first
    assert len(set(expected)) == 4


@pytest.mark.parametrize("kind", ["", "HASHED "])
@pytest.mark.parametrize(
    ("solution", "status"),
    [
        ("def twice(x): return 2 * x", Status.PASSED),
        ("def twice(x): return 2.0 * x", Status.FAILED),
        ("def twice(x): return 43", Status.FAILED),
        ("def twice(x): return str(2 * x)", Status.FAILED),
        ("twice = None", Status.FAILED),
    ],
)
def test_generated_tests_grade_like_written_ones(kind, solution, status):
    assert marks(notebook(answer(SOLUTION), assertion_cell(f"### {kind}AUTOTEST twice(21)")), solution) is status


def test_the_check_hands_the_written_notebook_back_and_finds_its_tests_protected():
    source = notebook(answer(SOLUTION), assertion_cell("### HASHED AUTOTEST twice(21); twice('a')"))

    found = check(write_notebook(source), CONDITIONS).as_json()

    assert (found["ok"], found["warnings"]) == (True, [])
    assert found["cells"][0]["protected"] is True
    again = read_notebook(found["generated"].encode())
    assert not has_autotests(again)
    assert "### BEGIN SOLUTION" in again["cells"][0]["source"]
    assert check(found["generated"].encode(), CONDITIONS).as_json()["generated"] == ""


def test_a_notebook_without_such_lines_is_left_alone():
    source = read_source(write_notebook(notebook(answer(SOLUTION), assertion_cell("assert twice(1) == 2"))))

    assert with_generated_tests(source, CONDITIONS) is source


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ([code("# AUTOTEST x")], True),
        ([code("x = 'AUTOTEST'")], False),
        ([text("# AUTOTEST x")], False),
        ([code("    ### HASHED AUTOTEST x;y")], True),
    ],
)
def test_only_comments_of_code_cells_ask_for_tests(cells, found):
    assert has_autotests(notebook(*cells)) is found


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (notebook(code("# AUTOTEST 1"), answer(SOLUTION)), "is not an “Autograder tests” cell"),
        (notebook(answer("1 / 0"), assertion_cell("# AUTOTEST 1")), "Cell 1 raises ZeroDivisionError"),
        (notebook(answer(SOLUTION), assertion_cell("# AUTOTEST thrice(1)")), "Cell 2 raises NameError"),
        (notebook(answer(SOLUTION), assertion_cell("# AUTOTEST twice(")), "Cell 2 raises SyntaxError"),
        (notebook(answer("import os; os._exit(0)"), assertion_cell("# AUTOTEST 1")), "Cell 1 did not run to its end"),
    ],
)
def test_what_cannot_be_generated_is_said_with_the_cell(source, says):
    with pytest.raises(SourceUnusable, match=says):
        with_generated_tests(read_source(write_notebook(source)), CONDITIONS)


def test_a_helper_of_one_test_is_there_for_a_later_test_that_runs_beside_the_students_code():
    source = notebook(
        answer("def f(x):\n    return x"),
        assertion_cell(
            "def throws(g):\n    try:\n        g()\n    except NameError:\n        return True\nassert f(1) == 1", "one"
        ),
        assertion_cell("kept = f\ndel f\nassert throws(lambda: f(1))\nf = kept", "two"),
    )

    found = check(write_notebook(source), CONDITIONS)

    assert found.errors == []
    assert [found.placement.tests[name].protected for name in ("one", "two")] == [True, False]
    assert list(found.placement.also_beside) == ["one"]
