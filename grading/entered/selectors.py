"""Marks that people entered, for many students and components in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from assignments.models import Assignment, Extension
from assignments.selectors import entered_of, stages_of
from courses.models import Course, Enrolment, LatePolicy
from courses.policy.lateness import LateRule, effective_due, late_factor, lateness
from courses.selectors import current_late_rule
from grading.models import EnteredMark, MarkRelease
from grading.policy.grade import Grade, Part, grade_of

FULL = Decimal(100)
Key = tuple[int, int]
"""Assignment pk, student pk."""


@dataclass(frozen=True)
class EnteredGrade:
    """The latest mark and what it counts; what the last release showed of it. None: there is none."""

    mark: EnteredMark | None = None
    grade: Grade | None = None
    shown: Grade | None = None
    shown_code: str = ""

    @property
    def code(self) -> str:
        """The word that stands instead of a mark, or nothing."""
        return self.mark.code if self.mark else ""

    @property
    def is_shown_as_is(self) -> bool:
        """Whether students see exactly what stands: the number and the word."""
        return (self.grade, self.code) == (self.shown, self.shown_code)

    @property
    def is_marked(self) -> bool:
        """By a number or a word."""
        return self.grade is not None or bool(self.mark and self.mark.code)


def entered_grades(
    course: Course, students: Iterable[Enrolment], rule: LateRule | None = None
) -> dict[Key, EnteredGrade]:
    """Every mark that was entered in this course for these students. `rule`: as if this were its late rule."""
    here = EnteredMark.objects.filter(assignment__course=course, student__in=students)
    marks = here.select_related("assignment").order_by("pk")
    shown_last = MarkRelease.objects.filter(assignment__course=course).select_related("late_policy").order_by("pk")
    releases = {row.assignment_id: row for row in shown_last}
    rule = rule or current_late_rule(course)
    dues = group_dues(course)
    newest: dict[Key, EnteredMark] = {}
    shown: dict[Key, EnteredMark] = {}
    for mark in marks:
        key = (mark.assignment_id, mark.student_id)
        newest[key] = mark
        release = releases.get(mark.assignment_id)
        if release is not None and mark.pk <= release.up_to:
            shown[key] = mark
    return {
        key: EnteredGrade(
            mark,
            grade_of_mark(mark, rule, course, _due_of(mark, dues)),
            _shown_grade(shown[key], releases[key[0]], course) if key in shown else None,
            shown[key].code if key in shown else "",
        )
        for key, mark in newest.items()
    }


def group_dues(course: Course) -> dict[tuple[int, int], datetime]:
    """(stage pk, group pk) → when it is due for a group that has more time."""
    granted = Extension.objects.filter(assignment__course=course, group__isnull=False, withdrawn_at=None)
    longer: dict[tuple[int, int], list[datetime]] = defaultdict(list)
    listed: dict[int, datetime] = {}
    for extension in granted.select_related("assignment"):
        longer[extension.assignment_id, extension.group_id or 0].append(extension.due_at)
        listed[extension.assignment_id] = extension.assignment.deadline
    return {key: effective_due(listed[key[0]], later) for key, later in longer.items()}


def grade_of_mark(mark: EnteredMark, rule: LateRule, course: Course, due_at: datetime | None) -> Grade | None:
    """A mark out of 100, with the late rule where the work came late; None where the mark was taken back."""
    if mark.percent is None:
        return None
    factor, late_by = Decimal(1), timedelta()
    if due_at is not None and mark.received_at is not None:
        times = {"received_at": mark.received_at, "due_at": due_at}
        factor = late_factor(**times, rule=rule, zone=course.zone)
        late_by = max(lateness(**times, rule=rule), timedelta())
    return grade_of([Part("mark", FULL, by_hand=mark.percent)], factor=factor, late_by=late_by, basis=rule.basis)


def _due_of(mark: EnteredMark, dues: Mapping[tuple[int, int], datetime]) -> datetime | None:
    """When the work behind this mark is due now; None where nothing is handed in."""
    return dues.get((mark.assignment_id, mark.group_id or 0), mark.assignment.due_at)


def _shown_grade(mark: EnteredMark, release: MarkRelease, course: Course) -> Grade | None:
    """As it was released: with the late rule and the due times of then."""
    due_at = release.due_at or mark.assignment.due_at
    frozen = release.group_dues.get(str(mark.group_id))
    if frozen is not None:
        due_at = datetime.fromisoformat(frozen)
    return grade_of_mark(mark, _rule_of(release.late_policy), course, due_at)


def targets_of(course: Course) -> list[Assignment]:
    """What marks can be entered for, in the order of the course: papers, then what nothing is handed in for."""
    return [*stages_of(course), *entered_of(course)]


def progress_of(
    targets: Sequence[Assignment], students: int, grades: dict[Key, EnteredGrade]
) -> list[tuple[Assignment, int, int, int, int]]:
    """Each target with how many are marked, how many of these are shown as they are, how many differ from what is
    shown (one that was taken back too), and how many students there are.
    """
    found = []
    for target in targets:
        mine = [grade for key, grade in grades.items() if key[0] == target.pk]
        marked = [grade for grade in mine if grade.is_marked]
        shown, differ = (sum(g.is_shown_as_is for g in marked), sum(not g.is_shown_as_is for g in mine))
        found.append((target, len(marked), shown, differ, students))
    return found


def _rule_of(policy: LatePolicy | None) -> LateRule:
    return policy.parsed if policy else LateRule()
