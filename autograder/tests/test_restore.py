"""Restoring a submission: what a student does to locked cells changes nothing in the score and is flagged."""

import copy
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.nbgrader import grade_id_of
from autograder.release import canonical_cells, student_version
from autograder.restore import restored_plan
from tests.factories import assertion_cell, code, notebook, source_notebook

CANONICAL = canonical_cells(source_notebook())
TESTS = {c.grade_id: c.source for c in CANONICAL if c.role.value == "tests"}


def student_notebook():
    made = copy.deepcopy(student_version(source_notebook()))
    cell_of(made, "double")["source"] = "def double(x): return 2 * x"
    return made


def cell_of(made, grade_id):
    return next(c for c in made["cells"] if grade_id_of(c) == grade_id)


def plan_of(made):
    return restored_plan(CANONICAL, made)


def flags_of(made):
    return [(flag.kind, flag.grade_id) for flag in plan_of(made).flags]


def test_honest_work_is_flagged_for_nothing_and_runs_in_its_order():
    made = student_notebook()

    plan = plan_of(made)

    assert plan.flags == []
    assert [s.graded.grade_id if s.graded else "" for s in plan.steps] == [
        "",
        "double",
        "double_test",
        "hidden_test",
        "analysis",
    ]


def test_hidden_tests_are_put_back_into_the_cell():
    sources = [s.source for s in plan_of(student_notebook()).steps]

    assert TESTS["hidden_test"] in sources


def test_changed_tests_are_restored_and_flagged():
    made = student_notebook()
    cell_of(made, "double_test")["source"] = "assert True"

    plan = plan_of(made)

    assert ("test_cell_changed", "double_test") in flags_of(made)
    assert [s.source for s in plan.steps if s.graded and s.graded.grade_id == "double_test"] == [TESTS["double_test"]]


def test_trailing_white_space_an_editor_left_is_not_a_change():
    made = student_notebook()
    cell_of(made, "double_test")["source"] += "\n\n"

    assert flags_of(made) == []


def test_deleted_tests_are_put_back_after_what_they_follow():
    made = student_notebook()
    made["cells"].remove(cell_of(made, "double_test"))

    order = [s.graded.grade_id for s in plan_of(made).steps if s.graded]

    assert order == ["double", "double_test", "hidden_test", "analysis"]
    assert flags_of(made) == [("cell_missing", "double_test")]


def test_tests_moved_before_the_answer_run_after_it():
    made = student_notebook()
    moved = cell_of(made, "double_test")
    made["cells"].remove(moved)
    made["cells"].insert(0, moved)

    order = [s.graded.grade_id for s in plan_of(made).steps if s.graded]

    assert order.index("double") < order.index("double_test")
    assert ("cell_moved", "double_test") in flags_of(made)


def test_of_a_duplicated_cell_the_last_counts():
    made = student_notebook()
    made["cells"].append({**cell_of(made, "double"), "source": "def double(x): return x + x"})

    plan = plan_of(made)

    assert plan.answers["double"] == "def double(x): return x + x"
    assert ("duplicate_cell", "double") in flags_of(made)


def test_added_test_cells_are_never_scored():
    made = student_notebook()
    made["cells"].append(assertion_cell("assert True", "bonus", 100))

    scored = {s.graded.grade_id for s in plan_of(made).steps if s.graded}

    assert "bonus" not in scored


def test_points_and_flags_in_the_students_file_are_never_read():
    made = student_notebook()
    cell_of(made, "double_test")["metadata"]["nbgrader"].update(points=1000, locked=False, grade=False, solution=True)

    cells = {s.graded.grade_id: s.graded for s in plan_of(made).steps if s.graded}

    assert cells["double_test"].points == 2
    assert cells["double_test"].locked


def test_extra_cells_between_stay_where_they_are():
    made = student_notebook()
    made["cells"].insert(2, code("helper = 1"))

    assert plan_of(made).steps[2].source == "helper = 1"


@given(st.lists(st.integers(0, 20), max_size=12), st.randoms(use_true_random=False))
def test_every_test_cell_runs_exactly_once_with_the_instructors_text(picks, rng: random.Random):
    """Whatever is cut, doubled and shuffled."""
    made = student_notebook()
    cells = [copy.deepcopy(made["cells"][pick % len(made["cells"])]) for pick in picks]
    rng.shuffle(cells)

    steps = restored_plan(CANONICAL, notebook(*cells)).steps

    ran = [(s.graded.grade_id, s.source) for s in steps if s.graded and s.graded.grade_id in TESTS]
    assert sorted(ran) == sorted(TESTS.items())


@pytest.mark.parametrize(
    "metadata", [{"nbgrader": None}, {"nbgrader": []}, {"nbgrader": {"grade_id": 7}}, {"nbgrader": {"grade_id": None}}]
)
def test_broken_metadata_is_an_ordinary_cell(metadata):
    made = notebook({**code("x = 1"), "metadata": metadata})

    assert plan_of(made).steps[-1].source in {"x = 1", *TESTS.values()}
