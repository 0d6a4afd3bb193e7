"""Final grades: a total → what the registrar gets, by a scale of the course. Pure; exact fractions, one rounding."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Any

from courses.policy.rounding import rounded

TWO_PLACES, WHOLE = Decimal("0.01"), Decimal(1)
LONGEST_GRADE = 20
FEWEST_STEPS, MOST_STEPS = 2, 30
BAND, HIGHEST_BAND = 10, 9
NO_START = 10
"""Percent: no scale has its best grade from so little on."""
LINE = re.compile(r"(?P<grade>\S(?:.*?\S)??)[\s:=≥>]+(?P<start>\d{1,3}(?:[.,]\d{1,4})?)\s*%?")
TURNED = re.compile(r"(?P<start>\d{1,3}(?:[.,]\d{1,4})?)\s*%?[\s:=]+(?P<grade>\S(?:.*\S)?)")


class ScaleError(ValueError):
    """A scale that cannot be meant; the message says what was expected."""


class Kind(StrEnum):
    """`percent` and `points` are the total itself; the others name its steps."""

    PERCENT = "percent"
    POINTS = "points"
    FIVE = "five"
    LETTERS = "letters"
    PASS = "pass"  # noqa: S105  a grade
    OWN = "own"


class Rounding(StrEnum):
    """Of the total, before it is held against the steps: not at all, to the nearest whole percent half up, or always up."""

    EXACT = "exact"
    NEAREST = "nearest"
    UP = "up"


@dataclass(frozen=True)
class Step:
    """From `start` percent on the grade is this."""

    start: Decimal
    grade: str


STEPS: Mapping[Kind, tuple[Step, ...]] = {
    Kind.FIVE: tuple(Step(Decimal(s), g) for s, g in ((90, "优"), (80, "良"), (70, "中"), (60, "及格"), (0, "不及格"))),
    Kind.LETTERS: tuple(
        Step(Decimal(start), grade)
        for start, grade in (
            (97, "A+"), (93, "A"), (90, "A-"), (87, "B+"), (83, "B"), (80, "B-"), (77, "C+"), (73, "C"), (70, "C-"),
            (67, "D+"), (63, "D"), (60, "D-"), (0, "F"),
        )
    ),
    Kind.PASS: (Step(Decimal(60), "Pass"), Step(Decimal(), "Fail")),
}  # fmt: skip
"""What is proposed for each kind; the lecturer's own table may say otherwise."""


@dataclass(frozen=True)
class Scale:
    """`steps` from the best down to one from 0 on; none: the total itself.

    `failed`: what missing a minimum gives; empty: the lowest step, or the total itself.
    """

    kind: Kind = Kind.PERCENT
    steps: tuple[Step, ...] = ()
    rounding: Rounding = Rounding.EXACT
    failed: str = ""

    def __post_init__(self) -> None:
        if self.kind in (Kind.PERCENT, Kind.POINTS):
            if self.steps:
                raise ScaleError("Percent and points have no steps.")
            return
        if not FEWEST_STEPS <= len(self.steps) <= MOST_STEPS:
            raise ScaleError(f"A scale has from {FEWEST_STEPS} to {MOST_STEPS} steps, one on each line.")
        if any(lower.start >= upper.start for upper, lower in pairwise(self.steps)):
            raise ScaleError("Each step begins below the one before it.")
        if self.steps[-1].start != 0 or self.steps[0].start > 1000:  # noqa: PLR2004  no total is more
            raise ScaleError("The last step begins at 0, so that everybody gets a grade.")
        if len({step.grade for step in self.steps}) < len(self.steps):
            raise ScaleError("Each grade stands once.")

    def of(self, total: Fraction, *, fails: bool = False) -> str:
        """The grade for this total in percent. `fails`: a minimum was missed."""
        if fails and (self.failed or self.steps):
            return self.failed or self.steps[-1].grade
        at = self.rounded(total)
        if self.kind is Kind.PERCENT:
            return f"{rounded(at, TWO_PLACES)}"
        if self.kind is Kind.POINTS:
            return f"{rounded(at, WHOLE)}"
        return next((step.grade for step in self.steps if at >= step.start), self.steps[-1].grade)

    def rounded(self, total: Fraction) -> Fraction:
        """As it is held against the steps."""
        if self.rounding is Rounding.NEAREST:
            return Fraction(rounded(total, WHOLE))
        if self.rounding is Rounding.UP:
            whole = Decimal(total.numerator) / Decimal(total.denominator)
            return Fraction(whole.to_integral_value(ROUND_CEILING)) if total.denominator != 1 else total
        return total

    def short_of(self, total: Fraction) -> Fraction | None:
        """How many percent points are missing to the next better grade; None at the top, or without steps."""
        better = [step.start for step in self.steps if self.rounded(total) < step.start]
        return self._first_total(better[-1]) - total if better else None

    def _first_total(self, start: Decimal) -> Fraction:
        """From which total on a step is reached, rounding counted in."""
        if self.rounding is Rounding.NEAREST:
            return Fraction(start) - Fraction(1, 2)
        return Fraction(start) - 1 if self.rounding is Rounding.UP else Fraction(start)


def counted(scale: Scale, grades: Sequence[str]) -> list[tuple[str, int]]:
    """How many got which grade, best first: each step of the scale, or bands of ten percent; then every other word."""
    numbers = [] if scale.steps else [at for grade in grades if (at := _band(grade)) is not None]
    words = Counter(grade for grade in grades if grade and (scale.steps or _band(grade) is None))
    bands = Counter(numbers)
    order = [step.grade for step in scale.steps]
    found = [(_band_name(at), bands[at]) for at in range(max(bands), min(bands) - 1, -1)] if bands else []
    found += [(grade, words[grade]) for grade in order]
    return found + [(word, words[word]) for word in sorted(set(words) - set(order))]


def _band(grade: str) -> int | None:
    """Which band of ten percent a number lies in; all from 90 on are one. None: a word."""
    try:
        value = Decimal(grade)
    except InvalidOperation:
        return None
    return min(int(value // BAND), HIGHEST_BAND) if value.is_finite() else None


def _band_name(band: int) -> str:
    start = band * BAND
    return f"{start} and more" if band == HIGHEST_BAND else f"{start} to below {start + BAND}"


def steps_in(text: str) -> tuple[Step, ...]:
    """`A 90`, `A: 90`, `90 A`, one on each line, the best first. Raises ScaleError.

    Where grades are figures, too (`4.0 90`), all lines are read the same way: as `steps_text` writes them, unless only the
    other way round the best step begins where a step can.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    pairs = [(LINE.fullmatch(line), TURNED.fullmatch(line)) for line in lines]
    both = [(_step(one), _step(other)) for one, other in pairs if one and other]
    turned = bool(both) and max(one.start for one, _ in both) <= NO_START < max(other.start for _, other in both)
    return tuple(
        _step((other or one) if turned else (one or other), line)
        for line, (one, other) in zip(lines, pairs, strict=True)
    )


def _step(found: re.Match[str] | None, line: str = "") -> Step:
    if found is None or len(found["grade"]) > LONGEST_GRADE:
        raise ScaleError(f"“{line[:40]}” is no step. Write a grade and where it begins, such as: A 90")
    return Step(Decimal(found["start"].replace(",", ".")), found["grade"].strip(":=≥> "))


def steps_text(steps: Sequence[Step]) -> str:
    """As it can be typed again."""
    return "\n".join(f"{step.grade} {step.start.normalize():f}" for step in steps)


def scale_as_json(scale: Scale) -> dict[str, Any]:
    """Only what is not usual; numbers as text."""
    steps = [{"grade": step.grade, "from": f"{step.start.normalize():f}"} for step in scale.steps]
    said = {"kind": str(scale.kind), "steps": steps, "failed": scale.failed}
    said |= {"rounding": str(scale.rounding) if scale.rounding is not Rounding.EXACT else ""}
    return {name: value for name, value in said.items() if value}


def scale_from_json(stored: Mapping[str, Any]) -> Scale:
    """Read what `scale_as_json` wrote, or a course file says. Raises ScaleError."""
    try:
        kind = Kind(stored["kind"])
        steps = tuple(Step(Decimal(str(step["from"])), str(step["grade"])) for step in stored.get("steps", ()))
        usual = STEPS.get(kind, ())
        return Scale(kind, steps or usual, Rounding(stored.get("rounding", "exact")), str(stored.get("failed", "")))
    except ScaleError:
        raise
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise ScaleError(f"Not a scale: {error!r}") from error
