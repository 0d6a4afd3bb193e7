"""What a graded cell is worth, from what it printed. nbgrader's rules, except where `docs/autograder.md` argues otherwise."""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from autograder.nbgrader import GradedCell, Role
from autograder.report import Status, TestOutcome

Output = dict[str, Any]
NUMPY_SCALAR = re.compile(r"np\.(?:float|int|uint)\d+\((?P<number>[^()]*)\)")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
MESSAGE_LIMIT = 400
TELL_INSTRUCTOR = "Please tell your instructor."
THOUSANDTH = Decimal("0.001")


def score_tests(cell: GradedCell, outputs: Sequence[Output]) -> TestOutcome:
    """All points if it ran without error, none if it raised, part if its last expression is a number up to its points.

    A warning on stderr costs nothing (nbgrader gives 0).
    """
    points = cell.points or Decimal()
    for output in outputs:
        if output["output_type"] == "error":
            return TestOutcome(cell.grade_id, points, Decimal(), Status.FAILED, _why(output))
        if output["output_type"] == "execute_result":
            return _partial(cell, points, str(output["data"].get("text/plain", "")))
    return TestOutcome(cell.grade_id, points, points, Status.PASSED)


def score_by_hand(cell: GradedCell, answer: str | None) -> TestOutcome:
    """A person scores it, unless nothing was written: then it is 0 by itself."""
    points = cell.points or Decimal()
    if cell.role is Role.TASK:
        return TestOutcome(cell.grade_id, points, Decimal(), Status.NEEDS_REVIEW)
    if answer is None or not answer.strip() or answer.strip() == cell.source.strip():
        return TestOutcome(cell.grade_id, points, Decimal(), Status.FAILED, "No response.")
    return TestOutcome(cell.grade_id, points, Decimal(), Status.NEEDS_REVIEW)


def _partial(cell: GradedCell, points: Decimal, shown: str) -> TestOutcome:
    number = _number(shown)
    if number is None or number < 0:
        return TestOutcome(cell.grade_id, points, points, Status.PASSED)
    if number > points:
        message = f"The test gave {shown}, more than its {points} points; it counts in full. {TELL_INSTRUCTOR}"
        return TestOutcome(cell.grade_id, points, points, Status.PASSED, message)
    number = number.quantize(THOUSANDTH)
    status = Status.PASSED if number == points else Status.PARTIAL if number else Status.FAILED
    return TestOutcome(cell.grade_id, points, number, status)


def _number(shown: str) -> Decimal | None:
    found = NUMPY_SCALAR.fullmatch(shown.strip())
    try:
        number = Decimal(found["number"] if found else shown.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _why(error: Output) -> str:
    """The error in a line, for the student: its name and text, without the traceback and its colours."""
    name, text = str(error.get("ename", "")), ANSI.sub("", str(error.get("evalue", ""))).strip()
    message = f"{name}: {text}" if text else name
    return message if len(message) <= MESSAGE_LIMIT else message[: MESSAGE_LIMIT - 1] + "…"
