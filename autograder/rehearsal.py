"""Where each test runs, found by running the reference solution: in a room of its own if the test passes there.

First every test is tried apart from the reference's code. Those that do not pass there, or that let an object of the
student's say whether it equals a value, run beside it. Names come from the instructor's own cells wherever these do
not depend on what students write; a name whose value the reference changes is the student's from then on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from autograder.kernel.proxies import ANYTHING, LEANING
from autograder.lockstep import Trail, run_plan
from autograder.names import Names, names_of
from autograder.nbgrader import GradedCell, Role
from autograder.placement import Placement, TestPlace
from autograder.release import hides_tests
from autograder.report import Status
from autograder.restore import Plan
from autograder.sandbox.supervisor import Setting
from autograder.scoring import score_tests

MOST_ROUNDS = 4


@dataclass(frozen=True)
class SourceCell:
    """One code cell of the instructor's notebook, solutions inside. `graded` for marked cells."""

    source: str
    graded: GradedCell | None

    @property
    def is_test(self) -> bool:
        return self.graded is not None and self.graded.role is Role.TESTS

    @property
    def is_the_students(self) -> bool:
        return self.graded is not None and self.graded.role in (Role.ANSWER, Role.MANUAL)


@dataclass(frozen=True)
class Rehearsal:
    """The placement, the reference's run, and for each test the changed copies of it that fail."""

    placement: Placement
    trail: Trail


def rehearse(plan: Plan, cells: Sequence[SourceCell], setting: Setting) -> Rehearsal:
    """Run the reference until the placement is settled. `plan`: of the reference; `cells`: all code cells in order."""
    code = [cell.source for cell in cells]
    reader = Provenance([names_of(cell.source) for cell in cells], cells)
    placement = reader.with_company(reader.first())
    trail = Trail()
    for _ in range(MOST_ROUNDS):
        trail = run_plan(plan, code, placement, setting)
        settled = reader.with_company(_settled(placement, trail))
        if settled == placement:
            break
        placement = settled
    trail.learnt = run_plan(plan, code, placement, setting, try_copies=True).learnt
    used = {step.graded.grade_id: result.done.get("used", []) for step, result in trail.ran if step.graded}
    tests = {
        grade_id: replace(place, allowed=used.get(grade_id, []), own=())
        if place.protected
        else replace(place, controls=trail.learnt.get(grade_id, []))
        for grade_id, place in placement.tests.items()
    }
    return Rehearsal(replace(placement, tests=tests), trail)


def unsplit(cells: Sequence[SourceCell]) -> Placement:
    """Every test beside the student's code, as nbgrader does it, without controls."""
    tests = {c.graded.grade_id: TestPlace(protected=False) for c in cells if c.graded and c.is_test}
    return Placement(tests, guarded=False)


@dataclass
class Provenance:
    """Who bound each name last, cell by cell."""

    names: Sequence[Names]
    cells: Sequence[SourceCell]

    def places(self) -> Iterator[tuple[str, TestPlace]]:
        tainted: set[str] = set()
        imports: dict[str, tuple[str, str]] = {}
        ours: set[str] = set()
        clean: list[int] = []
        for number, (cell, names) in enumerate(zip(self.cells, self.names, strict=True)):
            if cell.is_test and cell.graded:
                given = self._needed(clean, names)
                free = (names.uses - names.binds | self._used_through(number, given)) - ours
                wanted = sorted(free - set(imports))
                taken = {name: imports[name] for name in sorted(free & set(imports))}
                own = sorted(names.uses & self._bound_by(clean))
                yield cell.graded.grade_id, TestPlace(True, wanted, taken, (ANYTHING,), given, own)
                ours |= names.binds
            elif not cell.is_the_students and names.is_python and not names.uses & tainted:
                clean.append(number)
                ours |= names.binds
                tainted -= names.binds
            else:
                imports.update(names.imports)
                plain = names.binds - set(names.imports)
                tainted |= plain
                ours -= plain
                imports = {name: found for name, found in imports.items() if name not in plain}

    def first(self) -> Placement:
        return Placement(dict(self.places()))

    def with_company(self, placement: Placement) -> Placement:
        """The placement with the protected tests that must run beside too: what they bind is used there later."""
        return replace(placement, also_beside=list(self._needed_beside(placement)))

    def _needed_beside(self, placement: Placement) -> Iterator[str]:
        bound: set[str] = set()
        for number, (cell, names) in enumerate(zip(self.cells, self.names, strict=True)):
            if not cell.is_test or not cell.graded:
                bound |= names.binds
            elif placement.tests[cell.graded.grade_id].protected:
                later = zip(self.cells[number + 1 :], self.names[number + 1 :], strict=True)
                if any(names.binds & found.uses - bound for other, found in later if _runs_beside(other, placement)):
                    yield cell.graded.grade_id

    def _bound_by(self, numbers: Sequence[int]) -> set[str]:
        return set().union(*(self.names[number].binds for number in numbers))

    def _used_through(self, number: int, given: Sequence[int]) -> set[str]:
        """Names that a test uses through the instructor's helpers: of the cells given to it and of the tests before it."""
        helpers = [*given, *(n for n in range(number) if self.cells[n].is_test)]
        reached = set(self.names[number].uses)
        bound = set(self.names[number].binds)
        for helper in reversed(helpers):
            if self.names[helper].binds & reached:
                reached |= self.names[helper].uses
                bound |= self.names[helper].binds
        return reached - bound

    def _needed(self, clean: Sequence[int], names: Names) -> list[int]:
        """The instructor's cells that this test builds on, directly or through another; the test cells before count too."""
        wanted = set(names.uses)
        for cell, found in zip(self.cells, self.names, strict=True):
            if cell.is_test:
                wanted |= found.uses
        kept: list[int] = []
        for number in reversed(clean):
            if self.names[number].binds & wanted:
                kept.append(number)
                wanted |= self.names[number].uses
        return kept[::-1]


def _runs_beside(cell: SourceCell, placement: Placement) -> bool:
    return not cell.is_test or not cell.graded or not placement.tests[cell.graded.grade_id].protected


def _settled(placement: Placement, trail: Trail) -> Placement:
    """The placement after one run: what failed apart goes beside, what changed is the student's, what was used is allowed."""
    theirs: set[str] = set()
    tests = dict(placement.tests)
    for step, result in trail.ran:
        if step.graded is None or step.graded.grade_id not in tests or not tests[step.graded.grade_id].protected:
            continue
        place = tests[step.graded.grade_id]
        used = set(result.done.get("used", ()))
        theirs |= set(result.done.get("differing", ()))
        changed = theirs & set(place.own)
        passed = score_tests(step.graded, result.outputs).status is Status.PASSED
        if used & LEANING or not (changed or (passed and not result.raised)):
            tests[step.graded.grade_id] = TestPlace(protected=False)
            continue
        tests[step.graded.grade_id] = replace(
            place,
            wanted=sorted({*place.wanted, *changed}),
            own=[name for name in place.own if name not in changed],
        )
    return replace(placement, tests=tests)


def hidden_beside(placement: Placement, cells: Sequence[SourceCell]) -> list[str]:
    """Tests with a hidden part that run beside the student's code, where it can be read."""
    return [
        cell.graded.grade_id
        for cell in cells
        if cell.graded
        and cell.is_test
        and not placement.tests[cell.graded.grade_id].protected
        and hides_tests(cell.graded)
    ]
