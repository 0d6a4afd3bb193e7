"""What a change of policy would do to the work that is there: the same route as the gradebook, asked twice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import transaction

from assignments.models import Assignment
from assignments.selectors import assignments_of
from courses.digests import digest_of
from courses.models import Course, Enrolment
from courses.policy.late_rule_json import rule_as_json
from courses.policy.lateness import LateRule
from gradebook.effects.impact import Impact, impact_of, is_released, students_of
from gradebook.standings.selectors import gradebook
from grading.selectors.grades import grades_for


@dataclass(frozen=True)
class Counted:
    """What one piece of work counts under one rule; `total` is None while it is not graded whole."""

    late_by: timedelta
    factor: Decimal
    total: Decimal | None


@dataclass(frozen=True)
class Moved:
    """One piece of work that would count differently."""

    student: Enrolment
    title: str
    before: Counted
    after: Counted

    @property
    def change(self) -> Decimal:
        """Points gained; 0 while nothing is graded."""
        was, is_now = self.before.total, self.after.total
        return Decimal() if was is None or is_now is None else is_now - was


@dataclass(frozen=True)
class Effect:
    """What moves, the largest losses first; `released`: students have been shown grades, so a reason is needed.

    `dates`: due times that move, as sentences.
    """

    moved: Sequence[Moved]
    released: bool
    dates: Sequence[str] = ()

    def digest(self, *also: object) -> str:
        """Changes with the effect and with what goes with it: who saves has seen exactly this."""
        facts = [[m.student.pk, m.title, str(m.before), str(m.after)] for m in self.moved]
        return digest_of(*also, facts, list(self.dates))


Counts = Mapping[tuple[Enrolment, Assignment], Counted]
Change = Callable[[], Sequence[str]]
"""Makes a change and says which dates it moved."""


def rule_effect(course: Course, rule: LateRule) -> Effect:
    """The effect of making this the course's rule now. Released grades stay as they were shown, until released again."""
    students = students_of(course)
    return _compared(course, counted(course, students), counted(course, students, rule))


def rule_impact(lecturer: Enrolment, rule: LateRule) -> Impact:
    """What the rule would do to the standings of everybody."""
    students = students_of(lecturer.course)
    return impact_of(gradebook(lecturer, students), gradebook(lecturer, students, rule=rule))


def rule_digest(effect: Effect, rule: LateRule, version: int) -> str:
    """Changes with the rule, with the version it would replace, and with its effect."""
    return effect.digest(rule_as_json(rule), version)


@dataclass(frozen=True)
class Trial:
    """A change that was tried: what it does, the word for having seen that, and whether it was kept."""

    effect: Effect
    seen: str
    kept: bool


def tried(course: Course, change: Change, *, seen: str, students: Sequence[Enrolment] | None = None) -> Trial:
    """Make the change and keep it if nothing moves, or if `seen` says that exactly this was shown; else undo it.

    `students`: whom it can concern; default: everybody.
    """
    concerned = students_of(course) if students is None else list(students)
    before = counted(course, concerned)
    with transaction.atomic():
        dates = change()
        effect = _compared(course, before, counted(course, concerned), dates)
        word = effect.digest()
        kept = not (effect.moved or effect.dates) or word == seen
        transaction.set_rollback(not kept)
    return Trial(effect, word, kept)


def _compared(course: Course, before: Counts, after: Counts, dates: Sequence[str] = ()) -> Effect:
    """Work of which there is something in both, and which counts differently."""
    moved = [
        Moved(student, str(work), before[student, work], after[student, work])
        for student, work in before
        if (student, work) in after and before[student, work] != after[student, work]
    ]
    return Effect(sorted(moved, key=lambda m: (m.change, m.after.factor)), is_released(course), dates)


def counted(course: Course, students: Sequence[Enrolment], rule: LateRule | None = None) -> Counts:
    """What all that was handed in counts. `rule`: as if it were the course's."""
    assignments = list(assignments_of(course))
    items = grades_for(assignments, students, rule=rule)
    found: dict[tuple[Enrolment, Assignment], Counted] = {}
    for assignment in assignments:
        for student in students:
            item = items[assignment.pk, student.pk]
            if item.history.counting is not None:
                total = item.grade.total if item.grade is not None and item.grade.is_complete else None
                found[student, assignment] = Counted(item.history.late_by, item.history.factor, total)
    return found
