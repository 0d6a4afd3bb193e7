"""What another late rule would do to the work that is there: the same route as the gradebook, asked twice."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from assignments.models import Assignment
from assignments.selectors import assignments_of
from courses.models import Course, Enrolment
from courses.policy.late_rule_json import rule_as_json
from courses.policy.lateness import LateRule
from courses.selectors import current_late_rule
from grading.entered.selectors import entered_grades
from grading.impact import Impact, impact_of, is_released, students_of
from grading.selectors.gradebook import gradebook
from grading.selectors.grades import grades_of
from projects.models import Stage

Work = Assignment | Stage


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
    """What moves, the largest losses first; `released`: students have been shown grades, so a reason is needed."""

    moved: Sequence[Moved]
    released: bool

    def digest(self, rule: LateRule) -> str:
        """Changes with the rule and with its effect: who saves has seen exactly this."""
        facts = [[m.student.pk, m.title, str(m.before), str(m.after)] for m in self.moved]
        return hashlib.sha256(json.dumps([rule_as_json(rule), facts]).encode()).hexdigest()[:32]


def effect_of(course: Course, rule: LateRule) -> Effect:
    """The effect of making this the course's rule now. Released grades stay as they were shown, until released again."""
    students = students_of(course)
    before = _counted(course, students, current_late_rule(course))
    after = _counted(course, students, rule)
    moved = [
        Moved(student, str(work), before[student, work], after[student, work])
        for student, work in before
        if before[student, work] != after[student, work]
    ]
    return Effect(sorted(moved, key=lambda m: (m.change, m.after.factor)), is_released(course))


def rule_impact(lecturer: Enrolment, rule: LateRule) -> Impact:
    """What the rule would do to the standings of everybody."""
    students = students_of(lecturer.course)
    return impact_of(gradebook(lecturer, students), gradebook(lecturer, students, rule=rule))


def _counted(course: Course, students: Sequence[Enrolment], rule: LateRule) -> dict[tuple[Enrolment, Work], Counted]:
    """What all that was handed in or marked by hand counts under this rule."""
    assignments = list(assignments_of(course))
    items = grades_of(assignments, students, rule=rule)
    found: dict[tuple[Enrolment, Work], Counted] = {}
    for assignment in assignments:
        for student in students:
            item = items[assignment.pk, student.pk]
            if item.history.counting is not None:
                total = item.grade.total if item.grade is not None and item.grade.is_complete else None
                found[student, assignment] = Counted(item.history.late_by, item.history.factor, total)
    people = {student.pk: student for student in students}
    for (_, _, student_pk), entered in entered_grades(course, students, rule=rule).items():
        if entered.mark is not None and entered.grade is not None and entered.mark.stage is not None:
            grade = entered.grade
            found[people[student_pk], entered.mark.stage] = Counted(grade.late_by, grade.factor, grade.total)
    return found
