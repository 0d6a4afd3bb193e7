"""Older nbgrader metadata: the figures of `nbgrader update`, cell by cell."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.nbgrader import SCHEMA, block_of
from autograder.release import canonical_cells, student_version
from autograder.report import SourceUnusable
from autograder.upgrade import upgraded
from tests.factories import HIDDEN, answer, assertion_cell, code, manual, notebook, source_notebook, text


def with_block(cell, **changes):
    """The cell with other metadata; None takes a key away."""
    made = copy.deepcopy(cell)
    for key, value in changes.items():
        made["metadata"]["nbgrader"].pop(key, None)
        if value is not None:
            made["metadata"]["nbgrader"][key] = value
    return made


def upgraded_block(cell):
    return block_of(upgraded(notebook(cell))["cells"][0])


@pytest.mark.parametrize(
    ("written", "points"),
    [("", 0.0), ("  ", 0.0), (-1, 0.0), ("-2.5", 0.0), ("3", 3.0), ("1.5", 1.5), (2, 2.0), (None, 0.0)],
)
def test_points_of_schema_0_become_numbers(written, points):
    old = with_block(assertion_cell("assert True"), schema_version=None, points=written)

    assert upgraded_block(old)["points"] == points


@pytest.mark.parametrize("written", ["many", "nan", "inf", [1], {"a": 1}])
def test_points_that_are_no_number_are_refused_by_name(written):
    old = with_block(assertion_cell("assert True"), schema_version=None, points=written)

    with pytest.raises(SourceUnusable, match="points are"):
        canonical_cells(notebook(old))


def test_points_of_a_cell_that_is_not_graded_are_dropped():
    old = with_block(answer("x = 1"), schema_version=None, points=4)

    assert "points" not in upgraded_block(old)


def test_schema_0_without_any_flag_is_an_ordinary_cell():
    old = with_block(answer("x = 1"), schema_version=None, grade=False, solution=False, locked=False)

    assert upgraded_block(old) == {}


def test_flags_that_schema_0_leaves_out_are_false():
    old = with_block(assertion_cell("assert True"), schema_version=None, locked=None, solution=None)

    block = upgraded_block(old)
    assert (block["grade"], block["solution"], block["locked"], block["task"]) == (True, False, False, False)


@pytest.mark.parametrize("version", [1, 2])
def test_schemas_1_and_2_change_only_their_number(version):
    cell = assertion_cell("assert True", "a", 2)
    old = with_block(cell, schema_version=version, task=None)

    assert upgraded_block(old) == {**block_of(cell), "task": False, "schema_version": SCHEMA}


def test_schema_3_is_left_as_it_is():
    assert upgraded(source_notebook()) == source_notebook()


@pytest.mark.parametrize("version", [None, 0, 1, 2])
def test_an_old_notebook_is_graded_like_a_new_one(version):
    new = source_notebook()
    old = copy.deepcopy(new)
    for cell in old["cells"]:
        if block_of(cell):
            cell.update(with_block(cell, schema_version=version, task=None))

    assert canonical_cells(old) == canonical_cells(new)
    assert student_version(old) == student_version(new)


def test_one_notebook_may_mix_schemas():
    cells = [
        with_block(answer("def f(x):\n    return x", "f"), schema_version=None),
        with_block(assertion_cell(HIDDEN, "t", 1), schema_version=1),
        with_block(manual("Because.", "why"), schema_version=2),
        text("no metadata at all"),
        code("1 + 1"),
    ]

    assert [cell.grade_id for cell in canonical_cells(notebook(*cells))] == ["f", "t", "why"]
    released = student_version(notebook(*cells))["cells"]
    assert [block_of(c).get("schema_version") for c in released] == [SCHEMA, SCHEMA, SCHEMA, None, None]


@given(st.dictionaries(
    st.sampled_from(["schema_version", "grade", "solution", "locked", "task", "points", "grade_id", "checksum", "x"]),
    st.none() | st.booleans() | st.integers(-2, 5) | st.text(max_size=4) | st.floats() | st.lists(st.integers(), max_size=2),
))  # fmt: skip
def test_no_metadata_whatever_breaks_the_upgrade(block):
    cell = {**code("1"), "metadata": {"nbgrader": block}}

    once = upgraded(notebook(cell))

    assert upgraded(once) == once
