"""From two notebooks to a report: read, restore, run behind walls, score."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from autograder.autotest import has_autotests, instantiated
from autograder.checks import reproduced, stored_checks
from autograder.lockstep import Trail, run_plan
from autograder.matching import by_text
from autograder.nbgrader import GradedCell, Role, grade_id_of
from autograder.notebook import Cell, Notebook, kernel_language, read_notebook
from autograder.otter import from_zip
from autograder.placement import Placement
from autograder.rehearsal import Rehearsal, SourceCell, rehearse, unsplit
from autograder.release import canonical_cells, marked
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
from autograder.sandbox.launcher import libraries_in, nursery
from autograder.sandbox.limits import Limits
from autograder.sandbox.supervisor import CellResult, Setting
from autograder.scoring import Output, score_by_hand, score_tests

ANSWER_LENGTH = 50_000
ZIP = b"PK\x03\x04"
OTHER_LANGUAGE = (
    "The notebook's kernel is {language}; this assignment is graded with Python. "
    "Change the kernel to Python 3 and run it again."
)
UNTRUSTED = "The result of this test could not be trusted; a person looks at it."
OTHER_ASSIGNMENT = (
    "None of this assignment's cells are in this notebook. It looks like another assignment's notebook, or one that "
    "was started from an empty file: download the assignment, copy your answers into it and hand that in."
)


@dataclass(frozen=True)
class Source:
    """The instructor's notebook as grading uses it: marked cells, all code cells, and the texts that are not a student's.

    `raw`: as it was uploaded; `notebook`: in nbgrader's form, solutions inside.
    """

    raw: bytes
    notebook: Notebook
    cells: Sequence[GradedCell]
    code: Sequence[SourceCell]
    given: frozenset[str]


def read_source(raw: bytes) -> Source:
    """The instructor's notebook, or SourceUnusable with a sentence for the instructor."""
    try:
        notebook = from_zip(raw) if raw.startswith(ZIP) else read_notebook(raw)
    except NotebookUnreadable as error:
        raise SourceUnusable(str(error)) from error
    return source_of(raw, marked(notebook))


def source_of(raw: bytes, notebook: Notebook) -> Source:
    """The same for a notebook that was read."""
    if (language := kernel_language(notebook)) != "python":
        raise SourceUnusable(f"The notebook's kernel is {language}; only Python notebooks can be graded.")
    given = frozenset(c["source"].strip() for c in notebook["cells"] if c["cell_type"] == "markdown")
    cells = canonical_cells(notebook)
    known = {cell.grade_id: cell for cell in cells}
    code = [SourceCell(c["source"], known.get(grade_id_of(c))) for c in notebook["cells"] if c["cell_type"] == "code"]
    return Source(raw, notebook, cells, code, given)


@dataclass(frozen=True)
class Conditions:
    """Under what a notebook is graded. Without a placement the reference is rehearsed first; `split=False` is nbgrader's way."""

    limits: Limits
    assets: Path | None = None
    placement: Placement | None = None
    split: bool = True
    devices: Sequence[str] = ()

    def setting(self, source: Source, raw: bytes) -> Setting:
        """Rooms with the libraries both notebooks import; random numbers that are the same at each run of the same bytes."""
        seed = int.from_bytes(hashlib.sha256(source.raw + raw).digest()[:6], "big")
        zygote = nursery.zygote(libraries_in(source.raw, raw))
        return Setting(self.limits, self.assets, zygote, seed, self.devices)

    def placed(self, source: Source) -> Placement:
        """The placement that was given, or found now."""
        if not self.split:
            return unsplit(source.code)
        placement = self.placement or rehearse_source(source, self).placement
        if not placement.fits({c.graded.grade_id for c in source.code if c.graded and c.is_test}, len(source.code)):
            raise SourceUnusable("The check was of another notebook; check this one.")
        return placement


def with_generated_tests(source: Source, conditions: Conditions) -> Source:
    """The source with the tests that its AUTOTEST lines ask for; itself if it has none. SourceUnusable, RunnerError."""
    if not has_autotests(source.notebook):
        return source
    return source_of(source.raw, instantiated(source.notebook, conditions.setting(source, source.raw)))


def rehearse_source(source: Source, conditions: Conditions) -> Rehearsal:
    """Run the reference solution as often as it takes to place every test."""
    plan = restored_plan(source.cells, source.notebook, source.notebook)
    return rehearse(plan, source.code, conditions.setting(source, source.raw))


def refusal(source: Source, submitted: Notebook) -> str:
    """Why this notebook cannot be graded at all, or an empty string."""
    if (language := kernel_language(submitted)) != "python":
        return OTHER_LANGUAGE.format(language=language)
    own = {cell.grade_id for cell in source.cells if cell.role in (Role.ANSWER, Role.TESTS)}
    known = own or {cell.grade_id for cell in source.cells}  # names like "analysis" stand in many assignments
    found = {grade_id_of(cell) for cell in submitted["cells"]}
    if known and not found & known and not known & set(by_text(submitted["cells"], source.cells, {}).values()):
        return OTHER_ASSIGNMENT
    return ""


def grade(source: Source, raw: bytes, conditions: Conditions) -> tuple[Report, Notebook | None]:
    """The report, and the executed notebook if there is one. Raises RunnerError when we break; never for a student's bytes."""
    started = time.monotonic()
    try:
        submitted = read_notebook(raw)
    except NotebookUnreadable as error:
        return _nothing_ran(source, Verdict.UNREADABLE, str(error)), None
    if reason := refusal(source, submitted):
        return _nothing_ran(source, Verdict.REFUSED, reason), None
    placement = conditions.placed(source)
    plan = restored_plan(source.cells, submitted, source.notebook)
    code = [cell.source for cell in source.code]
    setting = conditions.setting(source, raw)
    trail = run_plan(plan, code, placement, setting)
    if trail.stopped and trail.stopped.killed:  # by itself, or by somebody on this machine: once more tells
        trail = run_plan(plan, code, placement, setting)
    return report_of(source, submitted, plan, placement, trail, time.monotonic() - started), _executed(
        submitted, plan, trail
    )


def report_of(
    source: Source, submitted: Notebook, plan: Plan, placement: Placement, trail: Trail, seconds: float
) -> Report:
    """What a run amounts to."""
    return Report(
        verdict=_verdict(trail),
        tests=[_outcome(cell, plan, placement, trail) for cell in source.cells if cell.points is not None],
        flags=[*plan.flags, *trail.flags, *_late_passes(trail)],
        checks=_checks(source, submitted, trail),
        message=trail.stopped.message if trail.stopped else "",
        stopped_at=trail.stopped_at,
        seconds=seconds,
        answers={
            c.grade_id: plan.answers.get(c.grade_id, "")[:ANSWER_LENGTH] for c in source.cells if c.role is Role.MANUAL
        },
    )


def _verdict(trail: Trail) -> Verdict:
    """A MemoryError that the kernel survived is named, and costs only the cells that raised it."""
    if trail.stopped:
        return trail.stopped.verdict
    short = any("MemoryError" in result.raised for _, result in trail.ran)
    return Verdict.OUT_OF_MEMORY if short else Verdict.GRADED


def _outcome(cell: GradedCell, plan: Plan, placement: Placement, trail: Trail) -> TestOutcome:
    if cell.role is not Role.TESTS or not cell.runs:
        return score_by_hand(cell, plan.answers.get(cell.grade_id))
    protected = cell.grade_id in placement.tests and placement.tests[cell.grade_id].protected
    points = cell.points or Decimal()
    if cell.grade_id in trail.tampered:
        return TestOutcome(cell.grade_id, points, Decimal(), Status.NEEDS_REVIEW, UNTRUSTED)
    for step, result in trail.ran:
        if step.graded is cell:
            return replace(score_tests(cell, result.outputs), protected=protected)
    message = trail.stopped.message if trail.stopped else "This test did not run."
    return TestOutcome(cell.grade_id, points, Decimal(), Status.NOT_RUN, message, protected=protected)


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
    return replace(stored, reproducible=reproduced(pairs, trail.pictures))


def _nothing_ran(source: Source, verdict: Verdict, message: str) -> Report:
    tests = [
        TestOutcome(c.grade_id, c.points, c.points * 0, Status.NOT_RUN) for c in source.cells if c.points is not None
    ]
    return Report(verdict, tests, message=message)


def _executed(submitted: Notebook, plan: Plan, trail: Trail) -> Notebook:
    """The notebook as it ran: in the order of the plan, restored sources, fresh outputs, put-back cells included."""
    results = {id(step): result for step, result in trail.ran}
    return {**submitted, "cells": [_as_run(step, results.get(id(step))) for step in plan.steps]}


def _as_run(step: Step, result: CellResult | None) -> Cell:
    origin = step.origin or {"cell_type": "code", "metadata": {}, "execution_count": None}
    cell = {**origin, "source": step.source or origin.get("source", "")}
    if result is None:
        return {**cell, "outputs": []} if cell["cell_type"] == "code" else cell
    outputs = [{key: value for key, value in output.items() if key != "transient"} for output in result.outputs]
    return {**cell, "cell_type": "code", "outputs": outputs}
