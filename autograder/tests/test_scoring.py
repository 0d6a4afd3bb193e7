"""What a cell is worth from what it printed."""

from decimal import Decimal

import pytest

from autograder.checks import printed_text, reproduced, stored_checks
from autograder.nbgrader import GradedCell, Role
from autograder.notebook import read_notebook
from autograder.release import TEXT_STUB
from autograder.report import Report, Status, Verdict, plain
from autograder.scoring import MESSAGE_LIMIT, score_by_hand, score_tests
from tests.factories import code, notebook, submitted, text

TEST = GradedCell("t", Role.TESTS, "code", "assert f()", Decimal(2))
MANUAL = GradedCell("m", Role.MANUAL, "markdown", TEXT_STUB, Decimal(3))


def result(shown):
    return [{"output_type": "execute_result", "data": {"text/plain": shown}}]


@pytest.mark.parametrize(
    ("outputs", "score", "status"),
    [
        ([], "2", Status.PASSED),
        (result("1.5"), "1.5", Status.PARTIAL),
        (result("0"), "0", Status.FAILED),
        (result("2"), "2", Status.PASSED),
        (result("np.float64(0.5)"), "0.5", Status.PARTIAL),
        (result("np.int64(1)"), "1", Status.PARTIAL),
        (result("1E-20000"), "0", Status.FAILED),
        (result("0.12345"), "0.123", Status.PARTIAL),
        (result("2.5"), "2", Status.PASSED),
        (result("-1"), "2", Status.PASSED),
        (result("True"), "2", Status.PASSED),
        (result("nan"), "2", Status.PASSED),
        (result("'1.5'"), "2", Status.PASSED),
        (result("[0.5]"), "2", Status.PASSED),
        ([{"output_type": "stream", "name": "stdout", "text": "0.5"}], "2", Status.PASSED),
        ([{"output_type": "stream", "name": "stderr", "text": "UserWarning"}], "2", Status.PASSED),
        ([{"output_type": "error", "ename": "AssertionError", "evalue": ""}], "0", Status.FAILED),
        ([*result("2"), {"output_type": "error", "ename": "E", "evalue": ""}], "2", Status.PASSED),
    ],
)
def test_score_tests(outputs, score, status):
    outcome = score_tests(TEST, outputs)

    assert (outcome.score, outcome.status) == (Decimal(score), status)


def test_score_above_the_points_tells_the_student_whose_error_it_is():
    assert "tell your instructor" in score_tests(TEST, result("9")).message


def test_message_is_one_short_line_without_colours():
    outcome = score_tests(TEST, [{"output_type": "error", "ename": "E", "evalue": "\x1b[31mred\x1b[0m " + "x" * 999}])

    assert outcome.message.startswith("E: red x")
    assert len(outcome.message) == MESSAGE_LIMIT


@pytest.mark.parametrize(
    ("written", "status"),
    [
        (None, Status.FAILED),
        ("", Status.FAILED),
        (f"  {TEXT_STUB}\n", Status.FAILED),
        ("My words.", Status.NEEDS_REVIEW),
    ],
)
def test_score_by_hand_is_zero_by_itself_only_when_nothing_was_written(written, status):
    assert score_by_hand(MANUAL, written).status == status


@pytest.mark.parametrize(("number", "shown"), [("7", "7"), ("7.50", "7.5"), ("0", "0"), ("100", "100"), ("-0", "0")])
def test_plain_numbers_have_no_exponent_and_no_trailing_zeros(number, shown):
    assert plain(Decimal(number)) == shown


def printed(value):
    return [{"output_type": "stream", "name": "stdout", "text": value}]


@pytest.mark.parametrize(
    ("stored", "again", "same"),
    [
        ("loss 0.123456", "loss 0.1234560001", "1/1"),
        ("loss 0.12", "loss 0.13", "0/1"),
        ("a  b\n", "a b", "1/1"),
        ("<f at 0x7f0012345678>", "<f at 0x7fffffff0000>", "1/1"),
        ("cat", "dog", "0/1"),
        ("# 1", "1 1", "0/1"),
        ("", "anything", "0/0"),
    ],
)
def test_reproduced_compares_text_and_numbers_within_a_tolerance(stored, again, same):
    cell = {**code("x"), "outputs": printed(stored)}

    assert reproduced([(cell, printed(again))]) == same


def test_printed_text_joins_lists_of_lines():
    assert printed_text([{"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]}]) == "a b"


def test_stored_checks_look_at_the_students_own_cells_only():
    source = [MANUAL]
    given = frozenset({"# Title"})
    empty = notebook(text("# Title"), {**text(TEXT_STUB), "metadata": {"nbgrader": {"grade_id": "m"}}})
    written = read_notebook(submitted())

    assert not stored_checks(empty, source, given).has_analysis
    assert not stored_checks(empty, source, given).has_code
    assert stored_checks(written, source, given).has_analysis
    assert stored_checks(written, source, given).has_results
    assert stored_checks(written, source, given).in_order


@pytest.mark.parametrize(("odd", "kept"), [("a\ud800b", "a?b"), ("a\x00b", "a\ufffdb"), ("作业", "作业")])
def test_reports_hold_only_text_that_every_database_takes(odd, kept):
    outcome = score_tests(TEST, [{"output_type": "error", "ename": "E", "evalue": odd}])

    assert outcome.as_json()["message"] == f"E: {kept}"
    assert Report(Verdict.GRADED, answers={"m": odd}, message=odd).as_json()["answers"] == {"m": kept}
