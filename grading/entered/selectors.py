"""Marks that people entered, for many students and components in a constant number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from assignments.models import Assignment
from courses.models import Course, Enrolment
from grading.models import EnteredMark, MarkRelease
from grading.policy.grade import ONE, Grade, Part, grade_of

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


def entered_grades(course: Course, students: Iterable[Enrolment]) -> dict[Key, EnteredGrade]:
    """Every mark that was entered in this course for these students."""
    here = EnteredMark.objects.filter(assignment__course=course, student__in=students)
    shown_last = MarkRelease.objects.filter(assignment__course=course).order_by("pk")
    releases = {row.assignment_id: row.up_to for row in shown_last}
    newest: dict[Key, EnteredMark] = {}
    shown: dict[Key, EnteredMark] = {}
    for mark in here.select_related("assignment").order_by("pk"):
        key = (mark.assignment_id, mark.student_id)
        newest[key] = mark
        if mark.pk <= releases.get(mark.assignment_id, 0):
            shown[key] = mark
    return {
        key: EnteredGrade(
            mark,
            grade_of_mark(mark),
            grade_of_mark(shown[key]) if key in shown else None,
            shown[key].code if key in shown else "",
        )
        for key, mark in newest.items()
    }


def grade_of_mark(mark: EnteredMark) -> Grade | None:
    """A mark out of 100, which no late rule touches; None where it was taken back."""
    if mark.percent is None:
        return None
    return grade_of([Part("mark", FULL, by_hand=mark.percent)], factor=ONE, late_by=timedelta())


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
