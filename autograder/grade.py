"""From two notebooks to a report: read, restore, run behind walls, score."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from autograder.checks import reproduced, stored_checks
from autograder.nbgrader import GradedCell, Role, grade_id_of
from autograder.notebook import Cell, Notebook, kernel_language, read_notebook
from autograder.release import canonical_cells
from autograder.report import (
    Checks,
    Flag,
    NotebookUnreadable,
    Report,
    SourceUnusable,
    Status,
    TestOutcome,
    Verdict,
)
from autograder.restore import Plan, Step, restored_plan
from autograder.sandbox.limits import Limits
from autograder.sandbox.supervisor import CellResult, Stopped, open_sandbox
from autograder.scoring import Output, score_by_hand, score_tests

ANSWER_LENGTH = 50_000
OTHER_LANGUAGE = (
    "The notebook's kernel is {language}; this assignment is graded with Python. "
    "Change the kernel to Python 3 and run it again."
)
OTHER_ASSIGNMENT = (
    "None of this assignment's cells are in this notebook. It looks like another assignment's notebook, or one that "
    "was started from an empty file: download the assignment, copy your answers into it and hand that in."
)


@dataclass(frozen=True)
class Source:
    """The instructor's notebook as grading uses it: marked cells, and the plain texts that are not a student's."""

    cells: Sequence[GradedCell]
    given: frozenset[str]


@dataclass
class Trail:
    """What ran so far: steps with their outputs, and where and why it stopped, if it did."""

    ran: list[tuple[Step, CellResult]]
    stopped: Stopped | None = None
    stopped_at: str = ""


def read_source(raw: bytes) -> Source:
    """The instructor's notebook, or SourceUnusable with a sentence for the instructor."""
    try:
        notebook = read_notebook(raw)
    except NotebookUnreadable as error:
        raise SourceUnusable(str(error)) from error
    if (language := kernel_language(notebook)) != "python":
        raise SourceUnusable(f"The notebook's kernel is {language}; only Python notebooks can be graded.")
    given = frozenset(c["source"].strip() for c in notebook["cells"] if c["cell_type"] == "markdown")
    return Source(canonical_cells(notebook), given)


def refusal(source: Source, submitted: Notebook) -> str:
    """Why this notebook cannot be graded at all, or an empty string."""
    if (language := kernel_language(submitted)) != "python":
        return OTHER_LANGUAGE.format(language=language)
    own = {cell.grade_id for cell in source.cells if cell.role in (Role.ANSWER, Role.TESTS)}
    known = own or {cell.grade_id for cell in source.cells}  # names like "analysis" stand in many assignments
    if not any(grade_id_of(cell) in known for cell in submitted["cells"]):
        return OTHER_ASSIGNMENT
    return ""


def grade(source: Source, raw: bytes, *, limits: Limits, assets: Path | None = None) -> tuple[Report, Notebook | None]:
    """The report, and the executed notebook if there is one. Raises RunnerError when we break; never for a student's bytes."""
    started = time.monotonic()
    try:
        submitted = read_notebook(raw)
    except NotebookUnreadable as error:
        return _nothing_ran(source, Verdict.UNREADABLE, str(error)), None
    if reason := refusal(source, submitted):
        return _nothing_ran(source, Verdict.REFUSED, reason), None
    plan = restored_plan(source.cells, submitted)
    trail = run_plan(plan, limits=limits, assets=assets)
    report = Report(
        verdict=_verdict(trail),
        tests=[_outcome(cell, plan, trail) for cell in source.cells if cell.points is not None],
        flags=[*plan.flags, *_late_passes(trail)],
        checks=_checks(source, submitted, trail),
        message=trail.stopped.message if trail.stopped else "",
        stopped_at=trail.stopped_at,
        seconds=time.monotonic() - started,
        answers={
            c.grade_id: plan.answers.get(c.grade_id, "")[:ANSWER_LENGTH] for c in source.cells if c.role is Role.MANUAL
        },
    )
    return report, _executed(submitted, trail)


def run_plan(plan: Plan, *, limits: Limits, assets: Path | None) -> Trail:
    """Every code cell of the plan in one sandbox, in order, until the end or the first limit."""
    trail = Trail([])
    with open_sandbox(limits=limits, assets=assets) as sandbox:
        for number, step in enumerate(plan.steps, start=1):
            if _is_code(step) and step.source.strip():
                try:
                    trail.ran.append((step, sandbox.run_cell(step.source)))
                except Stopped as stop:
                    trail.stopped = stop
                    trail.stopped_at = step.graded.grade_id if step.graded else f"cell {number}"
                    break
    return trail


def _is_code(step: Step) -> bool:
    return step.graded.runs if step.graded else step.origin is not None and step.origin["cell_type"] == "code"


def _verdict(trail: Trail) -> Verdict:
    """A MemoryError that the kernel survived is named, and costs only the cells that raised it."""
    if trail.stopped:
        return trail.stopped.verdict
    short = any("MemoryError" in result.raised for _, result in trail.ran)
    return Verdict.OUT_OF_MEMORY if short else Verdict.GRADED


def _outcome(cell: GradedCell, plan: Plan, trail: Trail) -> TestOutcome:
    if cell.role is not Role.TESTS or not cell.runs:
        return score_by_hand(cell, plan.answers.get(cell.grade_id))
    for step, result in trail.ran:
        if step.graded is cell:
            return score_tests(cell, result.outputs)
    message = trail.stopped.message if trail.stopped else "This test did not run."
    return TestOutcome(cell.grade_id, cell.points or Decimal(), Decimal(), Status.NOT_RUN, message)


def _late_passes(trail: Trail) -> list[Flag]:
    """Tests that passed although an ordinary cell before them raised: staff should look."""
    flags: list[Flag] = []
    broken = ""
    for step, result in trail.ran:
        is_test = step.graded is not None and step.graded.role is Role.TESTS
        if not is_test and result.raised:
            broken = result.raised
        elif is_test and broken and not result.raised and step.graded:
            flags.append(
                Flag("passed_after_error", step.graded.grade_id, f"Passed although a cell before it raised {broken}.")
            )
    return flags


def _checks(source: Source, submitted: Notebook, trail: Trail) -> Checks:
    pairs: list[tuple[Cell, Sequence[Output]]] = [
        (step.origin, result.outputs)
        for step, result in trail.ran
        if step.origin and not (step.graded and step.graded.locked)
    ]
    stored = stored_checks(submitted, source.cells, source.given)
    return replace(stored, reproducible=reproduced(pairs))


def _nothing_ran(source: Source, verdict: Verdict, message: str) -> Report:
    tests = [
        TestOutcome(c.grade_id, c.points, c.points * 0, Status.NOT_RUN) for c in source.cells if c.points is not None
    ]
    return Report(verdict, tests, message=message)


def _executed(submitted: Notebook, trail: Trail) -> Notebook:
    """The notebook as it ran: restored sources, fresh outputs, put-back cells included."""
    results = {id(step.origin): (step, result) for step, result in trail.ran if step.origin is not None}
    cells = []
    for cell in submitted["cells"]:
        step, result = results.get(id(cell), (None, None))
        if step is None or result is None:
            cells.append({**cell, "outputs": []} if cell["cell_type"] == "code" else cell)
        else:
            cells.append({**cell, "cell_type": "code", "source": step.source, "outputs": result.outputs})
    return {**submitted, "cells": cells}
