"""The instructor's check before release: structure, points, and whether the tests test anything.

Every test must pass on the reference solution and should fail on the untouched student version.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from autograder import controls
from autograder.grade import Conditions, Source, grade, read_source, rehearse_source, report_of, with_generated_tests
from autograder.names import names_of
from autograder.nbgrader import GradedCell, Role
from autograder.notebook import Notebook, write_notebook
from autograder.placement import Placement
from autograder.rehearsal import Rehearsal, hidden_beside
from autograder.release import hides_tests, student_version
from autograder.report import Report, Status, Verdict, plain, type_of_json
from autograder.restore import restored_plan
from autograder.scoring import TELL_INSTRUCTOR

PLAIN = (
    "No cell is marked for nbgrader or Otter: notebooks are run and checked for feedback, and earn no points here. "
    "If that is not meant, mark answer and test cells (View → Create Assignment) and upload again."
)


@dataclass
class CheckReport:
    """`errors` are to be mended before students start; `warnings` are for the instructor's judgement.

    `seconds`: grade id → how long the reference's test took. `generated`: the notebook with its AUTOTEST lines written
    out; upload that one.
    """

    cells: list[GradedCell]
    reference: Report
    untouched: Report
    placement: Placement
    seconds: dict[str, float]
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    generated: Notebook | None = None

    def as_json(self) -> type_of_json:
        reference = {t.grade_id: t for t in self.reference.tests}
        untouched = {t.grade_id: t for t in self.untouched.tests}
        graded = [c for c in self.cells if c.points is not None]
        return {
            "ok": not self.errors,
            "max_score": plain(sum((c.points or Decimal() for c in graded), Decimal())),
            "errors": self.errors,
            "warnings": self.warnings,
            "seconds": round(self.reference.seconds, 3),
            "placement": self.placement.as_json(),
            "generated": write_notebook(self.generated).decode() if self.generated else "",
            "cells": [
                {
                    **described(cell),
                    "reference": str(reference[cell.grade_id].status),
                    "untouched": str(untouched[cell.grade_id].status),
                    "protected": reference[cell.grade_id].protected,
                    "seconds": round(self.seconds.get(cell.grade_id, 0.0), 3),
                    "message": reference[cell.grade_id].message,
                }
                for cell in graded
            ],
        }


def described(cell: GradedCell) -> type_of_json:
    """A graded cell as other programs read it."""
    return {
        "grade_id": cell.grade_id,
        "role": str(cell.role),
        "cell_type": cell.cell_type,
        "points": plain(cell.points) if cell.points is not None else None,
        "hidden": hides_tests(cell),
    }


def check(raw: bytes, conditions: Conditions) -> CheckReport:
    """Run the instructor's notebook and its student version. Raises SourceUnusable, RunnerError."""
    written = read_source(raw)
    source = with_generated_tests(written, conditions)
    rehearsal = rehearse_source(source, conditions)
    placed = replace(conditions, placement=rehearsal.placement)
    plan = restored_plan(source.cells, source.notebook, source.notebook)
    took = sum(result.seconds for _, result in rehearsal.trail.ran)
    reference = report_of(source, source.notebook, plan, rehearsal.placement, rehearsal.trail, took)
    untouched, _ = grade(source, write_notebook(student_version(source.notebook)), placed)
    seconds = {step.graded.grade_id: result.seconds for step, result in rehearsal.trail.ran if step.graded}
    generated = None if source is written else source.notebook
    report = CheckReport(list(source.cells), reference, untouched, rehearsal.placement, seconds, generated=generated)
    if reference.verdict is not Verdict.GRADED:
        report.errors.append(
            f"The reference solution did not run to its end at {reference.stopped_at}: {reference.message}"
            if reference.stopped_at
            else "The reference solution ran out of memory. Raise the limit, or let it use less."
        )
    for step, result in rehearsal.trail.ran:
        if result.raised and not (step.graded and step.graded.role is Role.TESTS):
            where = step.graded.grade_id if step.graded else f"The cell “{step.source.strip().splitlines()[0][:60]}”"
            report.warnings.append(f"{where} raises {result.raised} in the reference solution.")
    _compare(report)
    _weigh(report, source, rehearsal)
    return report


def _compare(report: CheckReport) -> None:
    after = {t.grade_id: t for t in report.untouched.tests}
    tests = {c.grade_id for c in report.cells if c.role is Role.TESTS}
    for outcome in report.reference.tests:
        if outcome.grade_id not in tests:
            continue
        if outcome.status is not Status.PASSED:
            report.errors.append(
                f"{outcome.grade_id}: the reference solution does not pass this test. {outcome.message}".strip()
            )
        elif outcome.message:  # it passes and yet there is something to say: it gave more than its points
            report.errors.append(f"{outcome.grade_id}: {outcome.message.removesuffix(TELL_INSTRUCTOR).strip()}")
        blank = after[outcome.grade_id]
        if blank.score:
            report.warnings.append(
                f"{outcome.grade_id}: an untouched notebook earns {plain(blank.score)} of {plain(blank.points)} here."
            )
    if not report.cells:
        report.warnings.append(PLAIN)
    elif not any(t.points for t in report.reference.tests):
        report.warnings.append("No cell has points.")


def _weigh(report: CheckReport, source: Source, rehearsal: Rehearsal) -> None:
    """What the tests are worth as tests: whether they expect anything, and whether students can reach into them."""
    passed = {t.grade_id for t in report.reference.tests if t.status is Status.PASSED}
    for cell in source.cells:
        found = rehearsal.trail.learnt.get(cell.grade_id) or controls.gives_part(cell.source)
        if cell.role is Role.TESTS and cell.grade_id in passed and not found:
            report.warnings.append(
                f"{cell.grade_id}: this test has no expectation of its own that we could find: "
                "it passes whatever is expected. Compare a result with a value."
            )
    for grade_id in hidden_beside(rehearsal.placement, source.code):
        report.warnings.append(
            f"{grade_id}: this hidden test has to run beside the student's code, which could read it. "
            "Test values that functions return, not classes, figures or source text."
        )
    for number, users in _unlocked(source, rehearsal.placement):
        builds = "builds" if len(users) == 1 else "build"
        report.warnings.append(
            f"Code cell {number} is not locked, but {', '.join(users)} {builds} on it: the tests use your version of it. "
            "Lock it, so that students see that changing it has no effect on the tests."
        )


def _unlocked(source: Source, placement: Placement) -> list[tuple[int, list[str]]]:
    """Code cells that bind more than imports, that students can change, and on which tests build."""
    found: list[tuple[int, list[str]]] = []
    for number, cell in enumerate(source.code):
        names = names_of(cell.source)
        users = [g for g, place in placement.tests.items() if place.protected and number in place.given]
        if cell.graded is None and names.binds - set(names.imports) and users:
            found.append((number + 1, users))
    return found
