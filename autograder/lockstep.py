"""Runs a plan in two rooms: the student's cells in one, the protected tests in the other, in the order of the notebook."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder import controls
from autograder.checks import pictures_of
from autograder.nbgrader import Role
from autograder.pictures import look_alike
from autograder.placement import Placement, TestPlace
from autograder.release import visible_source
from autograder.report import Flag
from autograder.restore import Plan, Step
from autograder.sandbox.supervisor import CellResult, Sandbox, Setting, Stopped, open_rooms

TAMPERED = "A control that must fail did not: something in this notebook makes tests pass. No points; please look."


@dataclass
class Trail:
    """What ran so far: steps with their outputs, and where and why it stopped, if it did.

    `tampered`: tests whose controls did not fail; `learnt`: for each test, which changed copies failed; `pictures`: for
    each picture the student's file holds, whether the one drawn now looks the same.
    """

    ran: list[tuple[Step, CellResult]] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    tampered: set[str] = field(default_factory=set)
    learnt: dict[str, list[str]] = field(default_factory=dict)
    stopped: Stopped | None = None
    stopped_at: str = ""
    pictures: list[bool] = field(default_factory=list)


def run_plan(
    plan: Plan, code: Sequence[str], placement: Placement, setting: Setting, *, try_copies: bool = False
) -> Trail:
    """Every code cell of the plan, in order, until the end or the first limit.

    `code`: the instructor's cells by number. With `try_copies`, changed copies of each test run after it.
    """
    trail = Trail()
    with open_rooms(setting, split=placement.splits) as (student, tests):
        walk = _Walk(student, tests, code, placement, trail, try_copies)
        for number, step in enumerate(plan.steps, start=1):
            if is_code(step) and step.source.strip():
                try:
                    trail.ran.append((step, walk.take(step)))
                except Stopped as stop:
                    trail.stopped = stop
                    trail.stopped_at = step.graded.grade_id if step.graded else f"cell {number}"
                    break
        trail.pictures = _compare_pictures(tests, trail)
    return trail


def _compare_pictures(room: Sandbox, trail: Trail) -> list[bool]:
    """Pictures that were not drawn again count as changed. None if the rooms are gone or the comparison broke."""
    if trail.stopped:
        return []
    pairs: list[tuple[str, str]] = []
    missing = 0
    for step, result in trail.ran:
        if step.origin is not None and not (step.graded and step.graded.locked):
            stored, drawn = pictures_of(step.origin["outputs"]), pictures_of(result.outputs)
            pairs += zip(stored, drawn, strict=False)
            missing += max(len(stored) - len(drawn), 0)
    found = look_alike(room, pairs) if pairs else []
    return [] if found is None else [*found, *[False] * missing]


def is_code(step: Step) -> bool:
    """Whether this step runs."""
    return step.graded.runs if step.graded else step.origin is not None and step.origin["cell_type"] == "code"


@dataclass
class _Walk:
    student: Sandbox
    tests: Sandbox
    code: Sequence[str]
    placement: Placement
    trail: Trail
    try_copies: bool
    given: set[int] = field(default_factory=set)

    def take(self, step: Step) -> CellResult:
        if step.graded is None or step.graded.role is not Role.TESTS:
            return self.student.run_cell(step.source)
        place = self.placement.tests.get(step.graded.grade_id, TestPlace(protected=False))
        if not place.protected:
            return self._beside(step, step.graded.grade_id, place)
        result = self._apart(step.source, place)
        if self.try_copies and not result.raised:
            self.trail.learnt[step.graded.grade_id] = [
                copy for copy in controls.changed_copies(step.source) if self._apart(copy, place).raised
            ]
        if step.graded.grade_id in self.placement.also_beside:
            self.student.run_cell(visible_source(step.graded))
        return result

    def _apart(self, source: str, place: TestPlace) -> CellResult:
        """In the tests' room, after the instructor's own cells that it builds on."""
        for number in place.given:
            if number not in self.given:
                self.given.add(number)
                self.tests.run_cell(self.code[number])
        result = self.tests.run_test(source, place.setting())
        if result.done.get("broken"):
            self.student.raise_if_ended()
        return result

    def _beside(self, step: Step, grade_id: str, place: TestPlace) -> CellResult:
        """In the student's room, between controls."""
        if not self.placement.guarded:
            return self.student.run_cell(step.source)
        held = self._canary_fails()
        if self.try_copies:
            result = self.student.run_cell(step.source)
            failed = [copy for copy in controls.changed_copies(step.source) if self.student.run_cell(copy).raised]
            steady = not self.student.run_cell(step.source).raised
            self.trail.learnt[grade_id] = failed if steady else []
        else:
            result, copies_fail = self._among_copies(step.source, place.controls)
            held = held and copies_fail
        held = self._canary_fails() and held
        if not held and not result.raised:
            self.trail.tampered.add(grade_id)
            self.trail.flags.append(Flag("tampered", grade_id, TAMPERED))
        return result

    def _among_copies(self, source: str, copies: Sequence[str]) -> tuple[CellResult, bool]:
        """The test and its changed copies in an order nobody knows; whether every copy failed."""
        cells = [source, *copies]
        random.SystemRandom().shuffle(cells)
        results = {cell: self.student.run_cell(cell) for cell in cells}
        return results[source], all(results[copy].raised for copy in copies)

    def _canary_fails(self) -> bool:
        source, text = controls.canary()
        result = self.student.run_cell(source)
        return result.raised == "AssertionError" and any(_says(output, text) for output in result.outputs)


def _says(output: dict[str, Any], text: str) -> bool:
    return output["output_type"] == "error" and str(output.get("evalue")) == text
