"""What another late rule would do to the work that is there: the same route as the gradebook, asked twice."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assignments.selectors import assignments_of
from courses.models import Course, Enrolment, Role
from courses.policy.late_rule_json import rule_as_json
from courses.policy.lateness import LateRule
from courses.selectors import current_late_rule
from grading.models import Release
from grading.selectors.grades import ItemGrade, grades_of


@dataclass(frozen=True)
class Moved:
    """One piece of work whose factor or due time would change; totals are None while it is not graded whole."""

    student: Enrolment
    title: str
    before: ItemGrade
    after: ItemGrade

    @property
    def change(self) -> Decimal:
        """Points gained; 0 while nothing is graded."""
        was, is_now = total_of(self.before), total_of(self.after)
        return Decimal() if was is None or is_now is None else is_now - was

    @property
    def totals(self) -> tuple[Decimal | None, Decimal | None]:
        return total_of(self.before), total_of(self.after)


@dataclass(frozen=True)
class Effect:
    """What moves, the largest losses first; `released`: students have been shown grades, so a reason is needed."""

    moved: Sequence[Moved]
    released: bool

    def digest(self, rule: LateRule) -> str:
        """Changes with the rule and with its effect: who saves has seen exactly this."""
        facts = [[m.student.pk, m.title, str(m.after.history.factor), str(m.totals)] for m in self.moved]
        return hashlib.sha256(json.dumps([rule_as_json(rule), facts]).encode()).hexdigest()[:32]


def total_of(item: ItemGrade) -> Decimal | None:
    """What the item counts, once all of it is graded."""
    return item.grade.total if item.grade is not None and item.grade.is_complete else None


def effect_of(course: Course, rule: LateRule) -> Effect:
    """The effect of making this the course's rule now. Released grades stay as they were shown, until released again."""
    students = list(
        Enrolment.objects.filter(course=course, role=Role.STUDENT, left_at=None)
        .select_related("user")
        .order_by("user__name")
    )
    assignments = list(assignments_of(course))
    before = grades_of(assignments, students, rule=current_late_rule(course))
    after = grades_of(assignments, students, rule=rule)
    moved = [
        Moved(s, a.title, before[a.pk, s.pk], after[a.pk, s.pk])
        for a in assignments
        for s in students
        if _differ(before[a.pk, s.pk], after[a.pk, s.pk])
    ]
    released = Release.objects.filter(assignment__course=course).exists()
    return Effect(sorted(moved, key=lambda m: (m.change, m.after.history.factor)), released)


def _differ(one: ItemGrade, other: ItemGrade) -> bool:
    if one.history.counting is None:
        return False
    return one.history.factor != other.history.factor or total_of(one) != total_of(other)
