"""The instructor's check before release: structure, points, and whether the tests test anything.

Every test must pass on the reference solution and should fail on the untouched student version.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from autograder.grade import grade, read_source
from autograder.nbgrader import GradedCell, Role
from autograder.notebook import read_notebook, write_notebook
from autograder.release import hides_tests, student_version
from autograder.report import Report, Status, Verdict, plain, type_of_json
from autograder.sandbox.limits import Limits


@dataclass
class CheckReport:
    """`errors` are to be mended before students start; `warnings` are for the instructor's judgement."""

    cells: list[GradedCell]
    reference: Report
    untouched: Report
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

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
            "cells": [
                {
                    **described(cell),
                    "reference": str(reference[cell.grade_id].status),
                    "untouched": str(untouched[cell.grade_id].status),
                    "protected": False,
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


def check(raw: bytes, *, limits: Limits) -> CheckReport:
    """Run the instructor's notebook and its student version. Raises SourceUnusable, RunnerError."""
    source = read_source(raw)
    reference, _ = grade(source, raw, limits=limits)
    untouched, _ = grade(source, write_notebook(student_version(read_notebook(raw))), limits=limits)
    report = CheckReport(list(source.cells), reference, untouched)
    if reference.verdict is not Verdict.GRADED:
        report.errors.append(
            f"The reference solution did not run to its end at {reference.stopped_at}: {reference.message}"
        )
    _compare(report)
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
        blank = after[outcome.grade_id]
        if blank.score:
            report.warnings.append(
                f"{outcome.grade_id}: an untouched notebook earns {plain(blank.score)} of {plain(blank.points)} here."
            )
    if not any(t.points for t in report.reference.tests):
        report.warnings.append("No cell has points.")
