"""Where each test of an assignment runs, and on what: decided once, on the reference solution, and kept as JSON."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field
from typing import Any

from autograder.report import SourceUnusable

VERSION = 1


@dataclass(frozen=True)
class TestPlace:
    """One test. Protected tests run in a sandbox of their own; the others beside the student's code, between controls.

    `wanted`: names fetched from the student; `imports`: name → (module, attribute) taken from libraries; `allowed`:
    operations on the student's objects that the reference needed; `given`: numbers of the instructor's cells to run
    before it; `own`: given names whose values are compared while learning; `controls`: changed copies that must fail.
    """

    __test__ = False  # the name is the field's own word, not a pytest class

    protected: bool
    wanted: Sequence[str] = ()
    imports: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    allowed: Sequence[str] = ()
    given: Sequence[int] = ()
    own: Sequence[str] = ()
    controls: Sequence[str] = ()

    def setting(self) -> dict[str, Any]:
        """What the tests' room is told."""
        return {
            "wanted": list(self.wanted),
            "imports": {name: list(found) for name, found in self.imports.items()},
            "allowed": list(self.allowed),
            "given": list(self.own),
        }


@dataclass(frozen=True)
class Placement:
    """All tests of one instructor's notebook. `also_beside`: tests whose visible text later cells need to have run.

    `guarded`: whether controls surround the tests that run beside the student's code.
    """

    tests: Mapping[str, TestPlace]
    also_beside: Sequence[str] = ()
    guarded: bool = True

    def as_json(self) -> dict[str, Any]:
        return {"version": VERSION, **asdict(self)}

    def fits(self, tests: AbstractSet[str], cells: int) -> bool:
        """Whether it may be a placement of a notebook with these tests and so many code cells."""
        return set(self.tests) == tests and all(n < cells for place in self.tests.values() for n in place.given)

    @property
    def splits(self) -> bool:
        return any(place.protected for place in self.tests.values())


def read_placement(data: Mapping[str, Any]) -> Placement:
    """From as_json(); raises SourceUnusable if another version wrote it (then check the notebook again)."""
    if data.get("version") != VERSION:
        raise SourceUnusable("The notebook was checked by another version of the autograder; check it again.")
    try:
        tests = {grade_id: TestPlace(**place) for grade_id, place in data["tests"].items()}
        return Placement(tests, data["also_beside"], data["guarded"])
    except (KeyError, TypeError, AttributeError) as error:
        raise SourceUnusable("This is not what a check of the notebook said; check it again.") from error
