"""The student version: nbgrader's steps, markers and checksums."""

import hashlib

import pytest

from autograder.nbgrader import Role, block_of, role_of
from autograder.release import CODE_STUB, TEXT_STUB, canonical_cells, student_version
from autograder.report import SourceUnusable
from tests.factories import HIDDEN, answer, assertion_cell, cell, code, manual, notebook, source_notebook, text


def released(*cells):
    return student_version(notebook(*cells))["cells"]


def test_solution_becomes_the_stub_at_its_indentation():
    (made,) = released(answer("def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION\n# after"))

    assert made["source"] == "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()\n# after"


def test_solution_cell_without_markers_is_blanked_whole():
    made = released(answer("x = 42"), manual("Because."))

    assert [c["source"] for c in made] == [CODE_STUB, TEXT_STUB]


def test_hidden_tests_and_mark_schemes_are_removed():
    scheme = "Do it.\n=== BEGIN MARK SCHEME ===\n2 for trying\n=== END MARK SCHEME ==="

    made = released(assertion_cell(HIDDEN), cell("markdown", scheme, grade_id="t", task=True, locked=True, points=4))

    assert made[0]["source"] == "assert double(1) == 2"
    assert made[1]["source"] == "Do it."


def test_student_version_clears_outputs_and_locks_cells():
    output = {"output_type": "stream", "name": "stdout", "text": "42"}
    made = released({**assertion_cell("assert True"), "outputs": [output], "execution_count": 3})[0]

    assert (made["outputs"], made["execution_count"]) == ([], None)
    assert made["metadata"]["deletable"] is False
    assert made["metadata"]["editable"] is False


def test_checksum_is_nbgraders_md5_over_text_and_flags():
    made = released(assertion_cell("assert True", "t1", 2))[0]

    expected = hashlib.md5(b"assert True" + b"code" + b"True" + b"False" + b"True" + b"t1" + b"2.0").hexdigest()
    assert block_of(made)["checksum"] == expected
    assert block_of(made)["cell_type"] == "code"


def test_canonical_cells_keep_hidden_tests_and_lose_solutions():
    cells = {c.grade_id: c for c in canonical_cells(source_notebook())}

    assert "return 2 * x" not in cells["double"].source
    assert "assert double(21) == 42" in cells["hidden_test"].source


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ([assertion_cell("1", "a"), assertion_cell("2", "a")], "stands on two cells"),
        ([assertion_cell("1", "ä b")], "no usable id"),
        ([assertion_cell("1", "a", -1)], "points are -1"),
        ([assertion_cell("1", "a", "many")], "points are 'many'"),
        ([assertion_cell("1", "a", float("nan"))], "points are nan"),
        ([cell("markdown", "x", grade_id="a", solution=True)], "must be “manually graded”"),
        ([cell("code", "x", grade_id="a", task=True, points=1)], "not a text cell"),
        ([answer("### BEGIN SOLUTION\nx")], "no “END SOLUTION”"),
        ([answer("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION")], "two “BEGIN SOLUTION”"),
        ([answer("x"), code("### BEGIN SOLUTION\n### END SOLUTION")], "not a cell that may have it"),
        (
            [answer("x\n### BEGIN SOLUTION\n### END SOLUTION\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS")],
            "may have it",
        ),
    ],
)
def test_student_version_refuses_an_unusable_source(cells, says):
    with pytest.raises(SourceUnusable, match=says):
        student_version(notebook(*cells))


@pytest.mark.parametrize("version", [4, 99, -1, True, "3", None, 2.5])
def test_newer_and_broken_schemas_are_refused_with_a_sentence(version):
    made = assertion_cell("1", "a")
    made["metadata"]["nbgrader"]["schema_version"] = version

    with pytest.raises(SourceUnusable, match="schema"):
        student_version(notebook(made))


@pytest.mark.parametrize(
    ("flags", "role"),
    [
        ({"solution": True}, Role.ANSWER),
        ({"grade": True, "locked": True}, Role.TESTS),
        ({"grade": True, "solution": True}, Role.MANUAL),
        ({"task": True, "locked": True}, Role.TASK),
        ({"locked": True}, Role.READ_ONLY),
        ({}, None),
    ],
)
def test_role_of_reads_the_flags(flags, role):
    assert role_of(cell("markdown", "x", grade_id="a", **flags)) == role


def test_role_of_an_ordinary_cell_is_none():
    assert role_of(text("hello")) is None
