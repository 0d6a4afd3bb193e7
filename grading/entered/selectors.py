"""Marks that people entered, and how far that is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assignments.models import Assignment
from courses.models import Enrolment
from grading.models import Mark
from grading.selectors.grades import ItemGrade, grades_for


@dataclass(frozen=True)
class Progress:
    """Of one target: how many are marked, how many of these are shown as they are, how many differ from what is shown."""

    target: Assignment
    marked: int
    shown: int
    differ: int
    students: int


def progress_of(targets: Sequence[Assignment], students: Sequence[Enrolment]) -> list[Progress]:
    """One row for each target. A mark that was taken back, and is shown, differs too."""
    items = grades_for(targets, students)
    return [_progress(target, [items[target.pk, student.pk] for student in students]) for target in targets]


def _progress(target: Assignment, items: Sequence[ItemGrade]) -> Progress:
    marked, shown = sum(item.is_complete for item in items), sum(item.shown_as_is for item in items)
    return Progress(target, marked, shown, sum(item.is_ready or item.is_taken_back for item in items), len(items))


def entered_marks(target: Assignment, students: Iterable[Enrolment]) -> Mapping[int, list[Mark]]:
    """Student pk → every mark that was entered, oldest first."""
    found: dict[int, list[Mark]] = {}
    marks = Mark.objects.filter(submission__assignment=target, submission__student__in=students)
    for mark in marks.select_related("submission", "marker__user").order_by("pk"):
        found.setdefault(mark.submission.student_id or 0, []).append(mark)
    return found
