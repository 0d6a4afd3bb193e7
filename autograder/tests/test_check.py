"""What an instructor is told before release: each mistake in a notebook has its sentence, and a good one has none."""

import json
from decimal import Decimal

import pytest

from autograder.check import check
from autograder.grade import Conditions, grade, read_source
from autograder.notebook import write_notebook
from autograder.placement import read_placement
from autograder.report import Status, Verdict, plain
from autograder.sandbox.limits import MIB, Limits
from tests import factories as make

pytestmark = pytest.mark.sandbox
CONDITIONS = Conditions(Limits(wall=30, cell=10, memory=512 * MIB))
IMPATIENT = Conditions(Limits(wall=30, cell=1, memory=512 * MIB))
DOUBLE = make.answer(make.SOLUTION)
GOOD = make.assertion_cell("assert double(1) == 2", "good")
DOG = make.answer("### BEGIN SOLUTION\nclass Dog:\n    legs = 4\n### END SOLUTION", "dog")
HIDDEN_CLASS = "assert isinstance(Dog(), Dog)\n### BEGIN HIDDEN TESTS\nassert Dog().legs == 4\n### END HIDDEN TESTS"
NO_EXPECTATION = (
    "weak: this test has no expectation of its own that we could find: "
    "it passes whatever is expected. Compare a result with a value."
)
BESIDE = (
    "hid: this hidden test has to run beside the student's code, which could read it. "
    "Test values that functions return, not classes, figures or source text."
)


def checked(*cells, conditions=CONDITIONS):
    return check(write_notebook(make.notebook(*cells)), conditions)


def locked(source):
    return make.code(source, grade_id="given", locked=True)


def task(points):
    return make.text("Draw a graph.", grade_id="graph", task=True, locked=True, points=points)


def unlocked(number, users):
    return (
        f"Code cell {number} is not locked, but {users} builds on it: the tests use your version of it. "
        "Lock it, so that students see that changing it has no effect on the tests."
    )


def test_a_good_notebook_has_no_errors_and_no_warnings():
    report = check(make.source_bytes(), CONDITIONS)

    assert (report.errors, report.warnings) == ([], [])
    assert [t.score for t in report.reference.tests[:2]] == [Decimal(2), Decimal(1)]
    assert [t.score for t in report.untouched.tests] == [Decimal(), Decimal(), Decimal()]
    assert report.as_json()["ok"] is True


@pytest.mark.parametrize(
    ("test", "error"),
    [
        ("assert double(1) == 3, 'not three'", "AssertionError: not three"),
        ("no_such_name", "NameError: name 'no_such_name' is not defined"),
        ("assert double(1) ==", "SyntaxError: invalid syntax"),
        ("raise SystemExit('enough')", "SystemExit: enough"),
    ],
)
def test_a_reference_that_fails_its_own_test_is_an_error(test, error):
    found = checked(DOUBLE, make.assertion_cell(test, "bad"), GOOD).as_json()

    (said,) = found["errors"]
    assert said.startswith(f"bad: the reference solution does not pass this test. {error}")
    assert found["ok"] is False
    assert [c["reference"] for c in found["cells"]] == ["failed", "passed"]


@pytest.mark.parametrize("gained", ["1", "0.5", "double(1) / 4"])
def test_a_reference_that_earns_only_a_part_is_an_error(gained):
    report = checked(DOUBLE, make.assertion_cell(gained, "half"))

    assert report.errors == ["half: the reference solution does not pass this test."]
    assert report.reference.tests[0].status is Status.PARTIAL


@pytest.mark.parametrize(
    ("cells", "warnings"),
    [
        ([DOUBLE, make.assertion_cell("assert double", "open")], 1),
        ([DOUBLE, make.assertion_cell("x = 3\nassert x == 3", "open")], 1),
        ([DOUBLE, make.assertion_cell("assert double(3) == 6", "open")], 0),
    ],
)
def test_a_test_that_an_untouched_notebook_passes_is_named(cells, warnings):
    report = checked(*cells)

    said = "open: an untouched notebook earns 2 of 2 here."
    assert report.warnings.count(said) == warnings
    assert report.errors == []


def test_a_part_that_an_untouched_notebook_earns_is_named():
    tried = "try: score = double(1)\nexcept NotImplementedError: score = 0.5\nscore"

    report = checked(DOUBLE, make.assertion_cell(tried, "kind"))

    assert report.warnings == ["kind: an untouched notebook earns 0.5 of 2 here."]


@pytest.mark.parametrize(
    ("test", "warnings"),
    [
        ("print(double(3))", [NO_EXPECTATION]),
        ("for x in (1, 2): print(double(x))", [NO_EXPECTATION]),
        ("answer = double(3)", [NO_EXPECTATION]),
        ("assert double(3) == 6", []),
        ("import numpy as np\nnp.testing.assert_allclose(double(3), 6)", []),
        ("for x in (1, 2):\n    assert double(x) == 2 * x", []),
        ("assert isinstance(double(3), int)", []),
        ("2 * (double(3) == 6)", []),
    ],
)
def test_a_test_without_an_expectation_is_named(test, warnings):
    report = checked(DOUBLE, make.assertion_cell(test, "weak"))

    assert (report.errors, report.warnings) == ([], warnings)


@pytest.mark.parametrize(
    ("cells", "warnings"),
    [
        ([DOG, make.assertion_cell(HIDDEN_CLASS, "hid")], [BESIDE]),
        ([DOG, make.assertion_cell("assert isinstance(Dog(), Dog)\nassert Dog().legs == 4", "hid")], []),
        ([DOUBLE, make.assertion_cell(make.HIDDEN, "hid")], []),
    ],
)
def test_a_hidden_test_beside_the_students_code_is_named(cells, warnings):
    assert checked(*cells).warnings == warnings


@pytest.mark.parametrize(
    ("cells", "warnings"),
    [
        ([make.code("BASE = 10"), DOUBLE], [unlocked(1, "uses")]),
        ([make.code("OTHER = 1"), make.code("BASE = 10"), DOUBLE], [unlocked(2, "uses")]),
        ([make.text("A heading"), make.code("import math\nBASE = math.floor(10.5)"), DOUBLE], [unlocked(1, "uses")]),
        ([locked("BASE = 10"), DOUBLE], []),
        ([make.code("from math import pi as BASE"), DOUBLE], []),
    ],
)
def test_an_open_cell_that_tests_build_on_is_named(cells, warnings):
    assert checked(*cells, make.assertion_cell("assert double(BASE) == 2 * BASE", "uses")).warnings == warnings


@pytest.mark.parametrize(
    ("points", "warnings"), [((0, 0), ["No cell has points."]), ((0, 0.5), []), ((2, 0), []), ((1, 2), [])]
)
def test_a_notebook_without_any_points_is_named(points, warnings):
    in_test, in_task = points

    report = checked(DOUBLE, make.assertion_cell("assert double(1) == 2", points=in_test), task(in_task))

    assert report.warnings == warnings
    assert report.as_json()["max_score"] == str(sum(points))


@pytest.mark.parametrize(
    ("cells", "where", "why"),
    [
        ([make.answer("while True: pass"), GOOD], "double", "This cell ran longer than 1 seconds and was stopped."),
        ([make.code("import os; os.abort()"), DOUBLE, GOOD], "cell 1", "The notebook's process ended while this cell"),
        ([make.answer("import os; os._exit(1)"), GOOD], "double", "The notebook's process ended while this cell ran."),
        ([DOUBLE, make.assertion_cell("import os; os._exit(1)", "good")], "good", "The notebook's process ended while"),
    ],
)  # fmt: skip
def test_a_reference_that_does_not_end_is_an_error_with_its_place(cells, where, why):
    report = checked(*cells, conditions=IMPATIENT)

    assert report.errors[0].startswith(f"The reference solution did not run to its end at {where}: {why}")
    assert report.errors[1].startswith("good: the reference solution does not pass this test.")
    assert report.reference.verdict in {Verdict.TIMED_OUT, Verdict.CRASHED}
    assert report.as_json()["ok"] is False


def test_what_other_programs_read_is_complete_and_exact():
    by_hand = make.code("def mine(): return 1", grade_id="code_by_hand", grade=True, solution=True, points=1.5)
    hidden = make.assertion_cell(make.HIDDEN, "hidden", 0.25)
    slow = make.assertion_cell("import time; time.sleep(0.3)\nassert double(1) == 2", "slow")

    found = json.loads(json.dumps(checked(DOUBLE, locked("A = 1"), hidden, slow, by_hand, task(3)).as_json()))

    assert set(found) >= {"ok", "max_score", "errors", "warnings", "seconds", "placement", "cells"}
    assert (found["ok"], found["max_score"]) == (True, "6.75")
    seconds = {c["grade_id"]: c.pop("seconds") for c in found["cells"]}
    assert seconds["slow"] >= 0.3
    assert found["seconds"] >= seconds["slow"]
    rows = [
        ("hidden", "tests", "code", "0.25", True, "passed", "failed", True, ""),
        ("slow", "tests", "code", "2", False, "passed", "failed", True, ""),
        ("code_by_hand", "manual", "code", "1.5", False, "needs_review", "failed", False, ""),
        ("graph", "task", "markdown", "3", False, "needs_review", "needs_review", False, ""),
    ]
    keys = ("grade_id", "role", "cell_type", "points", "hidden", "reference", "untouched", "protected", "message")
    assert found["cells"] == [dict(zip(keys, row, strict=True)) for row in rows]


def test_the_data_of_the_assignment_are_there_for_the_reference(tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "points.csv").write_text("1,2\n")
    reads = make.answer("### BEGIN SOLUTION\nlines = open('data/points.csv').read()\n### END SOLUTION", "reads")
    test = make.assertion_cell("assert lines == '1,2\\n'", "good")

    with_data = checked(reads, test, conditions=Conditions(CONDITIONS.limits, assets=tmp_path))

    assert with_data.errors == []
    assert len(checked(reads, test).errors) == 1


SEVERAL = write_notebook(
    make.notebook(
        DOUBLE,
        DOG,
        locked("BASE = 10"),
        make.assertion_cell("assert double(BASE) == 20", "apart"),
        make.assertion_cell("assert isinstance(Dog(), Dog) and Dog.legs == 4", "beside"),
        make.assertion_cell("2 if double(3) == 6 else 1", "in_parts"),
    )
)


@pytest.mark.parametrize(
    ("double", "dog", "scores"),
    [
        ("def double(x): return 2 * x", "class Dog:\n    legs = 4", "222"),
        ("def double(x): return 20", "class Dog:\n    legs = 4", "221"),
        ("def double(x): return 6", "class Dog:\n    legs = 3", "002"),
        ("def double(x): raise ValueError", "Dog = 4", "000"),
        ("", "", "000"),
    ],
)
def test_grading_by_the_placement_of_a_check_gives_the_same_marks(double, dog, scores):
    written = json.loads(json.dumps(check(SEVERAL, CONDITIONS).as_json()["placement"]))
    placed = Conditions(CONDITIONS.limits, placement=read_placement(written))
    source = read_source(SEVERAL)
    submission = write_notebook(make.notebook(make.answer(double), make.answer(dog, "dog")))

    with_placement, _ = grade(source, submission, placed)
    without, _ = grade(source, submission, CONDITIONS)

    assert with_placement.tests == without.tests
    assert "".join(plain(t.score) for t in with_placement.tests) == scores


def test_a_placement_written_and_read_is_the_same():
    placement = check(SEVERAL, CONDITIONS).placement
    written = json.dumps(placement.as_json())

    assert json.dumps(read_placement(json.loads(written)).as_json()) == written
    assert {g: place.protected for g, place in placement.tests.items() if g != "in_parts"} == {
        "apart": True,
        "beside": False,
    }
