"""What a grading run says: closed sets of outcomes and the report that other programs read as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

type_of_json = dict[str, Any]


class Verdict(StrEnum):
    """How the run of a student's notebook ended. Always about the notebook, never about us."""

    GRADED = "graded"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    TOO_MUCH_OUTPUT = "too_much_output"
    CRASHED = "crashed"
    UNREADABLE = "unreadable"
    REFUSED = "refused"


class Status(StrEnum):
    """What became of one graded cell."""

    PASSED = "passed"
    FAILED = "failed"
    PARTIAL = "partial"
    NEEDS_REVIEW = "needs_review"
    NOT_RUN = "not_run"


class RunnerError(Exception):
    """We broke, not the notebook. Retried by the caller; never costs a point."""


class SourceUnusable(Exception):
    """The instructor's notebook cannot be graded against; the message says which cell and why."""


class NotebookUnreadable(Exception):
    """These bytes are not a notebook we can read; the message is for the person who sent them."""


@dataclass(frozen=True)
class TestOutcome:
    """The score of one graded cell. `points` is its maximum; `message` is for the student."""

    __test__ = False  # the name is the field's own word, not a pytest class

    grade_id: str
    points: Decimal
    score: Decimal
    status: Status
    message: str = ""
    protected: bool = False

    def as_json(self) -> type_of_json:
        return {
            "grade_id": self.grade_id,
            "points": plain(self.points),
            "score": plain(self.score),
            "status": str(self.status),
            "protected": self.protected,
            "message": clean(self.message),
        }


@dataclass(frozen=True)
class Flag:
    """Something staff should know about how the notebook was repaired or behaved."""

    kind: str
    grade_id: str
    detail: str

    def as_json(self) -> type_of_json:
        return {"kind": self.kind, "grade_id": self.grade_id, "detail": clean(self.detail)}


@dataclass(frozen=True)
class Checks:
    """The deep-learning checks: feedback for the student, evidence for the grader, never marks."""

    has_code: bool = False
    has_results: bool = False
    has_analysis: bool = False
    in_order: bool = False
    reproducible: str = "0/0"

    def as_json(self) -> type_of_json:
        return {
            "has_code": self.has_code,
            "has_results": self.has_results,
            "has_analysis": self.has_analysis,
            "in_order": self.in_order,
            "reproducible": self.reproducible,
        }


@dataclass(frozen=True)
class Report:
    """One run, whole. Scores are points, exact decimals; `seconds` is wall time; `answers` is what people will read."""

    verdict: Verdict
    tests: Sequence[TestOutcome] = ()
    flags: Sequence[Flag] = ()
    checks: Checks = field(default_factory=Checks)
    message: str = ""
    stopped_at: str = ""
    seconds: float = 0.0
    answers: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> type_of_json:
        return {
            "verdict": str(self.verdict),
            "score": plain(sum((t.score for t in self.tests), Decimal())),
            "max_score": plain(sum((t.points for t in self.tests), Decimal())),
            "needs_review": any(t.status is Status.NEEDS_REVIEW for t in self.tests),
            "tests": [t.as_json() for t in self.tests],
            "flags": [f.as_json() for f in self.flags],
            "checks": self.checks.as_json(),
            "message": clean(self.message),
            "stopped_at": self.stopped_at,
            "seconds": round(self.seconds, 3),
            "answers": {grade_id: clean(text) for grade_id, text in self.answers.items()},
        }


def clean(text: str) -> str:
    """Text that every database and terminal takes: no lone surrogates, no NUL."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")


def plain(number: Decimal) -> str:
    """`7`, `0.5`: no exponent, no trailing zeros."""
    text = format(number.normalize(), "f")
    return "0" if text == "-0" else text
