"""Cells that an editor robbed of their ids: which are found again, and that no two ever stand for one."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.matching import by_id, by_text, restored
from autograder.nbgrader import Role, grade_id_of
from autograder.release import CODE_STUB, canonical_cells, student_version
from tests.factories import HIDDEN, SOLUTION, answer, assertion_cell, code, manual, notebook, text

READ_ONLY = "import math\nRATE = 2"
EXAM = notebook(
    text("# Numbers"),
    code(READ_ONLY, grade_id="setup", locked=True),
    answer(SOLUTION),
    assertion_cell("assert double(2) == 4"),
    assertion_cell(HIDDEN, "hidden_test", 1),
    text(
        "Say why.\n=== BEGIN MARK SCHEME ===\nBecause.\n=== END MARK SCHEME ===", grade_id="task", task=True, points=1
    ),
    answer("", "first"),
    answer("", "second"),
    manual("", "why"),
)
CANONICAL = canonical_cells(EXAM)
KNOWN = {cell.grade_id: cell for cell in CANONICAL}
RELEASED = student_version(EXAM)["cells"]
WHERE = {index: grade_id_of(cell) for index, cell in enumerate(RELEASED) if grade_id_of(cell)}


def bare(cell):
    """The cell as Colab saves it."""
    return {**cell, "metadata": {"id": "aX3f"}}


def released(*, without=(), **written):
    """The student's copy; the cells `without` lost their metadata, those in `written` have another text."""
    cells = [{**c, "source": written.get(grade_id_of(c), c["source"])} for c in copy.deepcopy(RELEASED)]
    return [bare(c) if index in without else c for index, c in enumerate(cells)]


def all_found(cells):
    """As a submission is restored: by id first, then what was lost."""
    mine, _ = by_id(cells, KNOWN)
    return dict(sorted((mine | restored(cells, CANONICAL, mine)).items()))


def at(grade_id):
    return next(index for index, found in WHERE.items() if found == grade_id)


@pytest.mark.parametrize(
    ("ids", "matches", "duplicates"),
    [
        ([], {}, []),
        (["double", "setup"], {0: "double", 1: "setup"}, []),
        (["double", "other", "double"], {2: "double"}, ["double"]),
        (["why", "double", "why", "double", "why"], {3: "double", 4: "why"}, ["why", "double"]),
        (["stranger", "stranger"], {}, []),
        (["Double", "double "], {}, []),
    ],
)
def test_of_each_known_id_the_last_cell_counts_and_doubles_are_named_once(ids, matches, duplicates):
    assert by_id([answer("x = 1", grade_id) for grade_id in ids], KNOWN) == (matches, duplicates)


def test_an_id_is_believed_whatever_kind_of_cell_carries_it():
    assert by_id([text("words", grade_id="double", solution=True)], KNOWN) == ({0: "double"}, [])


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (code(READ_ONLY), {0: "setup"}),
        (code(f"\n{READ_ONLY}  \n\n"), {0: "setup"}),
        (text(READ_ONLY), {}),
        (code("assert double(1) == 2"), {0: "hidden_test"}),
        (code(HIDDEN), {}),
        (text("Say why."), {0: "task"}),
        (code("Say why."), {}),
        (code("assert double(2) == 5"), {}),
        (code(READ_ONLY.replace("\n", "\n\n")), {}),
        (code(""), {}),
    ],
)
def test_by_text_takes_only_what_students_were_given(cell, found):
    assert by_text([cell], CANONICAL, {}) == found


def test_a_blank_cell_stands_for_nothing_even_where_students_were_given_none():
    all_hidden = assertion_cell("### BEGIN HIDDEN TESTS\nassert double(2) == 4\n### END HIDDEN TESTS")

    assert by_text([code("")], canonical_cells(notebook(all_hidden)), {}) == {}


def test_equal_texts_are_taken_in_the_order_of_the_notebook():
    cells = [code(CODE_STUB), text("between"), code(CODE_STUB), code(CODE_STUB)]

    assert by_text(cells, CANONICAL, {}) == {0: "first", 2: "second"}


def test_equal_texts_leave_out_what_is_known_already():
    cells = [code(CODE_STUB), code(CODE_STUB), code(CODE_STUB)]

    assert by_text(cells, CANONICAL, {0: "first"}) == {1: "second"}
    assert by_text(cells, CANONICAL, {1: "second"}) == {0: "first"}
    assert by_text(cells, CANONICAL, {0: "first", 2: "second"}) == {}


def test_a_copied_cell_without_its_id_is_nothing_twice():
    cells = released()
    cells.append(bare(cells[at("double_test")]))

    assert restored(cells, CANONICAL, WHERE) == {}


def test_cells_an_editor_renamed_are_found_by_their_text():
    cells = released()
    cells[at("double_test")]["metadata"]["nbgrader"]["grade_id"] = "cell-7f3a"

    assert all_found(cells) == WHERE


def test_cells_that_were_reordered_and_robbed_are_found_where_they_are_now():
    cells = [bare(cell) for cell in reversed(released())]

    found = {grade_id: cells[index]["source"] for index, grade_id in all_found(cells).items()}

    assert found == {grade_id: RELEASED[index]["source"] for index, grade_id in WHERE.items()}


@pytest.mark.parametrize("lost", [("double",), ("double", "why"), ("double", "first", "why")])
def test_written_answers_are_found_between_their_neighbours(lost):
    written = dict.fromkeys(lost, "My own words")

    assert all_found(released(without=[at(grade_id) for grade_id in lost], **written)) == WHERE


def test_written_answers_are_found_when_every_id_is_lost():
    everything = range(len(RELEASED))

    found = all_found(released(without=everything, double="double = lambda x: x + x"))

    assert found == WHERE


def test_of_several_cells_between_the_one_that_begins_like_the_answer_is_taken():
    cells = released(without=[at("double")], double="\n def double(x): \n    return x + x")
    cells.insert(at("double"), code("helper = 1"))
    cells.insert(at("double") + 2, code("print(double(2))"))

    assert all_found(cells)[at("double") + 1] == "double"


def test_of_several_cells_that_begin_otherwise_none_is_guessed():
    cells = released(without=[at("double")], double="double = lambda x: x + x")
    cells.insert(at("double"), code("helper = 1"))

    assert "double" not in all_found(cells).values()


def test_an_answer_in_a_cell_of_another_type_is_not_taken():
    cells = released(without=[at("why")])
    cells[at("why")] = code("because = 1")

    assert "why" not in all_found(cells).values()


@pytest.mark.parametrize("grade_id", [g for g, cell in KNOWN.items() if cell.locked])
def test_a_locked_cell_is_never_found_by_its_place_alone(grade_id):
    changed = released(without=[at(grade_id)], **{grade_id: "pass  # changed"})

    assert grade_id not in all_found(changed).values()


@given(st.sets(st.integers(0, len(RELEASED) - 1)))
def test_an_untouched_notebook_loses_nothing_with_its_metadata(lost):
    assert all_found(released(without=lost)) == WHERE


@given(st.sets(st.integers(0, len(RELEASED) - 1)), st.sampled_from(["double", "why"]))
def test_one_written_answer_is_found_whatever_else_is_lost(lost, grade_id):
    cells = released(without=lost, **{grade_id: "My own words"})

    assert all_found(cells) == WHERE


SOURCES = ["", " \n", "x = 1", *sorted({cell["source"] for cell in RELEASED}), *(cell.source for cell in CANONICAL)]
CELLS = st.builds(
    lambda kind, source, grade_id: {**code(source, grade_id=grade_id, solution=True), "cell_type": kind},
    st.sampled_from(["code", "markdown", "raw"]),
    st.sampled_from(SOURCES),
    st.sampled_from(["", "", "", "stranger", *KNOWN]),
)


@given(st.lists(CELLS, max_size=14))
def test_whatever_is_handed_in_no_id_is_given_twice_and_no_cell_has_two(cells):
    mine, duplicates = by_id(cells, KNOWN)

    lost = restored(cells, CANONICAL, mine)

    assert not set(lost) & set(mine)
    together = [*mine.values(), *lost.values()]
    assert len(together) == len(set(together))
    assert set(together) <= set(KNOWN)
    assert set(duplicates) <= set(mine.values())
    assert all(0 <= index < len(cells) for index in lost)


@given(st.lists(CELLS, max_size=14))
def test_what_is_found_has_the_type_of_its_cell_and_is_an_answer_or_reads_like_it(cells):
    found = restored(cells, CANONICAL, {})

    same = by_text(cells, CANONICAL, {})
    assert same.items() <= found.items()
    for index, grade_id in found.items():
        assert cells[index]["cell_type"] == KNOWN[grade_id].cell_type
        assert index in same or KNOWN[grade_id].role in (Role.ANSWER, Role.MANUAL)
