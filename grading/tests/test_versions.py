"""What changed between two versions: by cell, by line, for whoever may read both."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses import storage
from grading.versions.difference import MOST_LINES, Cell, difference
from grading.versions.selectors import changes_between
from tests import factories as make
from tests.pages import address_of, as_person, words_of

TEXTS = st.sampled_from(["", "x = 1", "y = 2", "x = 1\ny = 2", "# A title"])
CELLS = st.lists(st.builds(Cell, TEXTS, st.sampled_from(["code", "markdown"]), st.just("")), max_size=6)


def code(source, grade_id=""):
    return Cell(source, "code", grade_id)


def said(old, new):
    return [(change.what, change.label) for change in difference(old, new)]


@given(CELLS)
def test_the_same_is_no_change(cells):
    assert difference(cells, list(cells)) == []


@given(CELLS, CELLS)
def test_going_by_the_changes_leads_from_the_old_lines_to_the_new(old, new):
    """Lines of the old version that are not said to be gone are as many as those of the new one that are not said to be new."""
    lines = [line for change in difference(old, new) for line in change.lines]
    gone, come = (sum(sign == wanted for sign, _ in lines) for wanted in "-+")
    before, after = (sum(cell.source.count("\n") + 1 for cell in cells) for cells in (old, new))
    assert before - gone == after - come


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([code("a")], [code("a"), code("b")], [("added", "a code cell")]),
        ([code("a"), code("b")], [code("b")], [("removed", "a code cell")]),
        ([code("a")], [code("b")], [("changed", "a code cell")]),
        (
            [code("a", "q1"), code("b", "q2")],
            [code("a2", "q1"), code("b2", "q2")],
            [("changed", "q1"), ("changed", "q2")],
        ),
        ([code("a", "q1")], [code("new"), code("a2", "q1")], [("added", "a code cell"), ("changed", "q1")]),
        ([Cell("a", "markdown")], [code("a")], [("added", "a code cell"), ("removed", "a text cell")]),
        ([], [Cell("x", "raw")], [("added", "a cell")]),
    ],
)
def test_cells_that_came_went_and_changed(old, new, expected):
    assert said(old, new) == expected


def test_a_cell_written_wholly_anew_is_compared_at_once():
    """Without looking for likeness within lines, which takes time with the cube of their number."""
    old, new = ("\n".join(f"{name} = f({n}) + {n * n}" for n in range(900)) for name in ("alpha", "beta"))
    [change] = difference([code(old)], [code(new)])
    assert len(change.lines) == 1800


def test_lines_are_signed():
    [change] = difference([code("a\nb\nc")], [code("a\nB\nc")])
    assert change.lines == [(" ", "a"), ("-", "b"), ("+", "B"), (" ", "c")]


def test_a_huge_cell_is_shown_as_gone_and_come():
    [change] = difference([code("a\n" * MOST_LINES)], [code("b\n" * MOST_LINES)])
    assert {sign for sign, _ in change.lines} == {"+", "-"}


@pytest.fixture
def two(world):
    first = make.make_submission(world.assignment, world.student, late=timedelta(hours=-3), analysis="Once.")
    return first, make.make_submission(world.assignment, world.student, late=timedelta(hours=-2), analysis="Twice.")


@pytest.mark.django_db
class TestPage:
    def test_a_marker_sees_what_changed(self, client, world, two):
        page = words_of(as_person(client, world.ta).get(address_of(two[1], "versions/")))

        assert "From version 1 to 2" in page
        assert "analysis Changed Once. Twice." in page
        assert "double" not in page.partition("From version 1 to 2")[2]

    def test_any_two_and_in_either_direction(self, client, world, two):
        make.make_submission(world.assignment, world.student, analysis="Thrice.")
        as_person(client, world.student)

        page = words_of(client.get(address_of(two[0], "versions/?against=3")))

        assert "From version 1 to 3" in page
        assert "Once. Thrice." in page

    @pytest.mark.parametrize("against", ["", "99", "x", "1"])
    def test_nothing_to_compare_with_lists_the_versions(self, client, world, two, against):
        page = words_of(as_person(client, world.ta).get(address_of(two[0], f"versions/?against={against}")))

        assert "Version 2" in page
        assert "From version" not in page

    def test_only_one_version_says_so(self, client, world):
        made = make.make_submission(world.assignment, world.student)
        assert "There is only one version." in words_of(as_person(client, world.ta).get(address_of(made, "versions/")))

    def test_equal_words_are_said_to_be_equal(self, client, world, two):
        again = make.make_submission(world.assignment, world.student, analysis="Twice.")
        page = words_of(as_person(client, world.ta).get(address_of(again, "versions/?against=2")))
        assert "Nothing that was written changed" in page

    def test_what_cannot_be_read_is_said(self, client, world, two):
        broken = make.make_submission(world.assignment, world.student)
        type(broken).objects.filter(pk=broken.pk).delete()
        broken.pk, broken.file = None, storage.store(b"no notebook")
        broken.save()
        assert changes_between(two[0], broken) is None
        page = words_of(as_person(client, world.ta).get(address_of(broken, "versions/?against=1")))
        assert "could not be read just now" in page

    def test_strange_text_stays_text(self, client, world, two):
        evil = make.make_submission(world.assignment, world.student, analysis="<script>alert(1)</script>")
        body = as_person(client, world.ta).get(address_of(evil, "versions/")).content.decode()
        assert "<script>alert" not in body
        assert "&lt;script&gt;alert" in body
