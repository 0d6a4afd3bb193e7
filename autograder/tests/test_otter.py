"""Otter-Grader's formats: what is read, what students get, what it is worth."""

import io
import zipfile
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import otter
from autograder.check import check
from autograder.grade import Conditions, grade, read_source
from autograder.nbgrader import block_of
from autograder.notebook import write_notebook
from autograder.release import canonical_cells, student_version
from autograder.report import NotebookUnreadable, SourceUnusable, Status
from autograder.sandbox.limits import Limits
from tests.factories import code, notebook, text

SQUARE = "def square(x):\n    return x**2  # SOLUTION"
FUNCTIONS = """from otter.test_files import test_case

OK_FORMAT = False
name = "q2"
points = 3


@test_case(points=1)
def test_small(square):
    assert square(2) == 4


@test_case(hidden=True)
def test_large(square):
    assert square(100) == 10_000
"""


def case(source, **more):
    return {"code": source, "hidden": False, **more}


def doctests(*cases, name="q1", **more):
    return {"name": name, "suites": [{"cases": list(cases), "type": "doctest"}], "points": None, **more}


def otter_notebook(*cells, **tests):
    made = notebook(*cells)
    made["metadata"]["otter"] = {"OK_FORMAT": True, "tests": tests}
    return made


def tagged(source):
    return code(source, metadata={"tags": ["otter_answer_cell"]})


def homework(**tests):
    """A whole assignment: start-up, an answer, its check."""
    start = code("import otter\ngrader = otter.Notebook()")
    return otter_notebook(text("# Lab"), start, tagged(SQUARE), code('grader.check("q1")'), **tests)


def graded(source, *answers):
    """The report for a student whose answer cells read like `answers`, and the source's check."""
    raw = write_notebook(source)
    released = student_version(read_source(raw).notebook)
    left = list(answers)
    for cell in released["cells"]:
        if block_of(cell).get("solution"):
            cell["source"] = left.pop(0)
    report, _ = grade(read_source(raw), write_notebook(released), Conditions(Limits()))
    return report


CASES = doctests(case(">>> square(3)\n9"), case(">>> square(-2)\n4\n>>> square(0)\n0", hidden=True), points=2)


def test_a_question_becomes_a_test_cell_where_it_is_checked():
    cells = canonical_cells(homework(q1=CASES))

    assert [(c.grade_id, str(c.role), c.points) for c in cells] == [
        ("answer-3", "answer", None),
        ("q1", "tests", Decimal("2.0")),
    ]
    assert cells[1].shown == 'grader.check("q1")'
    assert cells[1].hides


def test_questions_that_are_never_checked_stand_at_the_end():
    source = otter_notebook(
        tagged("x = 1"), q1=doctests(case(">>> x\n1")), q2=doctests(case(">>> x + 1\n2"), name="q2")
    )

    assert [c.grade_id for c in canonical_cells(source)] == ["answer-1", "q1", "q2"]


def test_students_get_prompts_and_no_hidden_case():
    released = student_version(homework(q1=CASES))

    sources = [cell["source"] for cell in released["cells"]]
    assert sources[2:] == ["def square(x):\n    ...", 'grader.check("q1")']
    suites = released["metadata"]["otter"]["tests"]["q1"]["suites"]
    assert [c["code"] for c in suites[0]["cases"]] == [">>> square(3)\n9"]
    assert "square(0)" not in write_notebook(released).decode()
    assert not {"prompt", "shown", "hides"} & set().union(*(block_of(c) for c in released["cells"]))


@pytest.mark.parametrize(
    ("source", "prompt"),
    [
        ("x = 5 # SOLUTION", "x = ..."),
        ("x = 5 # SOLUTION\ny = 2", "x = ...\ny = 2"),
        ("def f(a):\n    return a # SOLUTION", "def f(a):\n    ..."),
        ("import os # SOLUTION NO PROMPT\nx = 1 # SOLUTION", "x = ..."),
        ("# BEGIN SOLUTION\nx = 1\ny = 2\n# END SOLUTION", "..."),
        ("a = 1\n# BEGIN SOLUTION NO PROMPT\nx = 1\n# END SOLUTION", "a = 1"),
        ("    # BEGIN SOLUTION\n    x\n    # END SOLUTION", "    ..."),
        ("square = 2", "..."),
    ],
)
def test_solutions_become_prompts(source, prompt):
    released = student_version(otter_notebook(tagged(source), q1=doctests(case(">>> 1\n1"))))

    assert released["cells"][0]["source"] == prompt


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("answer", "score", "status"),
    [
        ("def square(x): return x * x", "2", Status.PASSED),
        ("def square(x): return 9", "1", Status.PARTIAL),
        ("def square(x): return 4 if x == -2 else 0", "1", Status.PARTIAL),
        ("...", "0", Status.FAILED),
        ("def square(x): raise ValueError('no')", "0", Status.FAILED),
        ("class Nine:\n    def __repr__(self): return '9'\ndef square(x): return Nine()", "0", Status.FAILED),
    ],
)
def test_doctests_give_their_share_of_the_points(answer, score, status):
    (outcome,) = graded(homework(q1=CASES), answer).tests

    assert (outcome.score, outcome.status, outcome.protected) == (Decimal(score), status, True)


@pytest.mark.sandbox
def test_a_failed_question_says_what_its_public_case_expected_and_nothing_of_the_hidden():
    both = graded(homework(q1=CASES), "def square(x): return 7").tests[0].message
    hidden = doctests(case(">>> square(3)\n9", hidden=True))

    assert "expected 9, got 7" in both
    assert "expected 4" not in both
    assert (
        graded(homework(q1=hidden), "def square(x): return 7").tests[0].message
        == "AssertionError: A hidden test failed."
    )


@pytest.mark.sandbox
@pytest.mark.parametrize(("answer", "score"), [("def square(x): return x * x", 3), ("def square(x): return 4", 1)])
def test_functions_marked_as_test_cases_are_run(answer, score):
    source = otter_notebook(tagged(SQUARE), code('grader.check("q2")'), q2=FUNCTIONS)

    (outcome,) = graded(source, answer).tests

    assert (outcome.points, outcome.score, outcome.protected) == (3, score, True)


@pytest.mark.sandbox
def test_a_test_that_asks_for_the_whole_environment_runs_beside_the_students_code():
    tests = FUNCTIONS.replace("(square)", "(env)").replace("square(", 'env["square"](')
    source = otter_notebook(tagged(SQUARE), code('grader.check("q2")'), q2=tests)

    (outcome,) = graded(source, "def square(x): return x * x").tests

    assert (outcome.score, outcome.protected) == (3, False)


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("example", "passes"),
    [
        (">>> x = square(4)\n>>> x + 1\n17", True),
        (">>> [square(i) for i in range(3)]\n[0, 1, 4]", True),
        (">>> print(square(2), 'a')\n4 a", True),
        (">>> for i in range(2):\n...     print(square(i))\n0\n1", True),
        (">>> square(None)['a']\nTraceback (most recent call last):\n    ...\nKeyError: 'a'", False),
        (">>> {}[square(2)]\nTraceback (most recent call last):\nKeyError: 4", True),
        (">>> square('a')  # doctest: +IGNORE_EXCEPTION_DETAIL\nTraceback (most recent call last):\nTypeError: x", True),
        (">>> square(2)\nTraceback (most recent call last):\nValueError: x", False),
        (">>> list(range(square(4)))  # doctest: +ELLIPSIS\n[0, 1, ..., 15]", True),
        (">>> square(5)\n26", False),
        (">>> square(5)", False),
        (">>> None", True),
        (">>> import math\n>>> math.sqrt(square(3))\n3.0", True),
        (">>> from math import sqrt as s\n>>> assert s(square(3)) == 3", True),
        (">>> total = 0\n>>> total += square(3)\n>>> total\n9", True),
        (">>> base = base + 1\n>>> base\n8", True),
    ],
)  # fmt: skip
def test_examples_mean_what_doctest_means(example, passes):
    source = otter_notebook(code("base = 7"), tagged(SQUARE), q1=doctests(case(example)))

    found = check(write_notebook(source), Conditions(Limits()))

    assert (found.reference.tests[0].score == 1) is passes, found.reference.tests[0].message


@pytest.mark.sandbox
def test_weak_tests_and_labels_are_found_as_in_nbgraders_notebooks():
    source = homework(q1=CASES)

    found = check(write_notebook(source), Conditions(Limits()))

    assert (found.errors, found.warnings) == ([], [])
    assert found.as_json()["max_score"] == "2"


@pytest.mark.parametrize(
    ("points", "cases", "shares"),
    [
        (None, [None, None], ["0.5", "0.5"]),
        (4, [None, None], ["2", "2"]),
        (4, [1, None, None], ["1", "1.5", "1.5"]),
        (None, [1, 2], ["1", "2"]),
        (None, [1, None], ["1", "0"]),
        ([1, 2], [None, None], ["1", "2"]),
        (1, [2, None], ["2", "0"]),
        (0, [None], ["0"]),
    ],
)
def test_points_are_shared_as_otter_shares_them(points, cases, shares):
    test = doctests(*(case(">>> 1\n1", points=each) for each in cases), points=points)

    (question,) = otter._questions(otter_notebook(q1=test))

    assert question.shares() == [Decimal(share) for share in shares]


@given(whole=st.integers(0, 100), given_points=st.lists(st.none() | st.integers(0, 5), min_size=1, max_size=6))
def test_shares_add_up_to_the_points_of_the_question(whole, given_points):
    test = doctests(*(case(">>> 1\n1", points=each) for each in given_points), points=whole)
    (question,) = otter._questions(otter_notebook(q1=test))
    known = sum(each or 0 for each in given_points)

    expected = max(whole, known) if None in given_points else known
    assert abs(sum(question.shares(), Decimal()) - expected) < Decimal("1e-20")


@pytest.mark.sandbox
def test_all_or_nothing_gives_nothing_for_a_part():
    tests = doctests(case(">>> square(3)\n9"), case(">>> square(2)\n4"), all_or_nothing=True, points=2)

    assert graded(homework(q1=tests), "def square(x): return 9").tests[0].score == 0
    assert graded(homework(q1=tests), "def square(x): return x * x").tests[0].score == 2


@pytest.mark.sandbox
@pytest.mark.parametrize(
    "cell",
    [
        'grader.check("q1")', "grader.check_all()", "grader.export(pdf=False, run_tests=True)", "import otter",
        "from otter import Notebook", "grader.add_plugin_files('x')", "import nose.tools",
    ],
)  # fmt: skip
def test_what_students_ask_otter_is_answered_inside(cell):
    source = homework(q1=CASES)
    source["cells"].append(code(cell))

    report, executed = grade(read_source(write_notebook(source)), write_notebook(source), Conditions(Limits()))

    assert report.tests[0].score == 2
    assert not any(o["output_type"] == "error" for c in executed["cells"] for o in c.get("outputs", []))


@pytest.mark.sandbox
def test_a_student_file_without_any_metadata_is_graded_by_its_texts():
    bare = notebook(
        code("import otter\ngrader = otter.Notebook()"), code("def square(x): return x * x"), code('grader.check("q1")')
    )

    report, _ = grade(read_source(write_notebook(homework(q1=CASES))), write_notebook(bare), Conditions(Limits()))

    assert report.tests[0].score == 2


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (otter_notebook(code("x = 1"), q1=doctests(case(">>> 1\n1"))), "No cell is marked as an answer"),
        (otter_notebook(tagged("x"), q1={"suites": []}), "exactly one suite"),
        (otter_notebook(tagged("x"), q1=7), "exactly one suite"),
        (otter_notebook(tagged("x"), q1={"suites": [{"cases": [], "setup": "import os"}]}), "setup"),
        (otter_notebook(tagged("x"), q1={"suites": [{"cases": [1]}]}), "no cases with code"),
        (otter_notebook(tagged("x"), q1=doctests(case(">>> (\n1"))), "syntax error"),
        (otter_notebook(tagged("x"), q1=doctests(case(">>>1\n1"))), "no doctest"),
        (otter_notebook(tagged("x"), q1=doctests(case(">>> 1\n1"), points="many")), "points of “q1” are 'many'"),
        (otter_notebook(tagged("x"), q1=doctests(case(">>> 1\n1"), points=[1, 2])), "1 cases but 2 points"),
        (otter_notebook(tagged("x"), q1="def f(:"), "syntax error in line 1"),
        (otter_notebook(tagged("x"), **{"q 1": doctests(case(">>> 1\n1"))}), "no usable name"),
    ],
)
def test_broken_tests_are_refused_with_a_sentence(source, says):
    with pytest.raises(SourceUnusable, match=says):
        canonical_cells(source)


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_py", ".py").replace("_ipynb", ".ipynb"), content)
    return buffer.getvalue()


def test_test_files_beside_the_notebook_are_read_from_a_zip():
    bare = notebook(tagged(SQUARE), code('grader.check("q1")'), code('grader.check("q2")'))
    raw = zipped(lab_ipynb=write_notebook(bare), tests__q1_py=f"test = {CASES!r}", tests__q2_py=FUNCTIONS)

    assert [(c.grade_id, c.points) for c in read_source(raw).cells[1:]] == [("q1", 2), ("q2", 3)]


@pytest.mark.parametrize(
    "raw",
    [b"PK\x03\x04broken", zipped(a_ipynb="{}"), zipped(a_ipynb=b"{}", b_ipynb=b"{}"), zipped(notes="no notebook")],
)
def test_a_zip_that_holds_no_assignment_is_refused(raw):
    with pytest.raises(SourceUnusable):
        read_source(raw)


def test_a_zip_bomb_is_refused_unread():
    with pytest.raises(NotebookUnreadable, match="too large"):
        otter.from_zip(zipped(lab_ipynb=b" " * (11 * 2**20)))


def test_ignored_cells_are_left_out():
    source = homework(q1=CASES)
    source["cells"].append(code("1 / 0", metadata={"tags": ["otter_ignore"]}))

    assert not any("1 / 0" in cell["source"] for cell in read_source(write_notebook(source)).notebook["cells"])


def test_converting_twice_changes_nothing():
    once = otter.converted(homework(q1=CASES))

    assert otter.converted(once) == once
