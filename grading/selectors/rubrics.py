"""Reads of rubrics."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from assignments.kinds.registry import kind_of
from assignments.models import Assignment, GradedCell, Submission
from assignments.selectors import current_notebook
from courses.access import students_in_reach
from courses.digests import digest_of
from courses.models import Course, Enrolment
from grading.models import Criterion, Mark, Rubric, RubricItem
from grading.policy.rubric import Applied
from grading.rows import ENTERED_ROW, row_of
from groups.members.selectors import all_groups_in_reach


def rubrics_of(assignments: Iterable[Assignment]) -> dict[tuple[int, str], Rubric]:
    """(assignment pk, grade id) → its rubric with all items, also those that are retired."""
    found = Rubric.objects.filter(assignment__in=assignments).prefetch_related("items__group", "groups")
    return {(rubric.assignment_id, rubric.grade_id): rubric for rubric in found}


def current_items(rubric: Rubric | None) -> list[RubricItem]:
    """Those that can be ticked: by group, those without one first, in the order in which they were made."""
    items = [item for item in rubric.items.all() if item.retired_at is None] if rubric else []
    return sorted(items, key=lambda item: (item.group_id or 0, item.pk))


def applied(item: RubricItem) -> Applied:
    """What the rule of points knows of an item."""
    return Applied(item.points, item.group_id)


def caps_of(rubric: Rubric) -> dict[int, Decimal]:
    """Group → how much its items together add or take at most; groups without a limit are left out."""
    return {group.pk: group.cap for group in rubric.groups.all() if group.cap is not None}


def fingerprint(rubric: Rubric | None) -> str:
    """Changes with what can be ticked and what it is worth; empty where nothing can be."""
    items = current_items(rubric)
    if rubric is None or not items:
        return ""
    caps = sorted((group, str(cap)) for group, cap in caps_of(rubric).items())
    return digest_of([rubric.starts_full, [[item.pk, str(item.points), item.group_id] for item in items], caps])


def latest_of_rubric(rubric: Rubric) -> list[Mark]:
    """The mark that holds for each submission, of a talk each marker's, where it was made with this rubric."""
    rows = Mark.objects.filter(submission__assignment=rubric.assignment_id, grade_id=rubric.grade_id)
    related = ("submission__student__user", "submission__assignment")
    found = rows.select_related(*related).order_by("pk")
    latest = {(m.submission_id, m.marker_id if m.submission.is_talk else 0): m for m in found}
    return [mark for mark in latest.values() if mark.rubric is not None]


def others_of(course: Course, rubric_of: tuple[int, str]) -> list[Rubric]:
    """Rubrics of this course's other cells that have items, newest assignment last: to copy from."""
    found = Rubric.objects.filter(assignment__course=course, items__retired_at=None, items__isnull=False).distinct()
    ordered = found.select_related("assignment").order_by("assignment__position", "assignment_id", "grade_id")
    return [rubric for rubric in ordered if (rubric.assignment_id, rubric.grade_id) != rubric_of]


def work_in_reach(staff: Enrolment, submissions: Sequence[int]) -> set[int]:
    """Those among these submissions whose owners this person looks after."""
    theirs = Q(student__in=students_in_reach(staff)) | Q(group__in=all_groups_in_reach(staff).values("pk"))
    return set(Submission.objects.filter(theirs, pk__in=submissions).values_list("pk", flat=True))


@dataclass(frozen=True)
class Question:
    """What a person marks: a cell of the notebook, or a criterion of a paper. `title`: where the id does not say it."""

    grade_id: str
    points: Decimal
    title: str = ""


def titles_of(assignment: Assignment) -> dict[str, str]:
    """Of each criterion that a paper is or was marked by: its id → what it asks. Cells are called by their ids."""
    kind = kind_of(assignment)
    if kind.has_cells:
        return {}
    if not kind.is_handed_in:
        return {ENTERED_ROW.grade_id: ENTERED_ROW.title}
    rows = [row_of(each) for each in Criterion.objects.filter(assignment=assignment)]
    return {row.grade_id: row.title for row in rows}


def questions_of(assignment: Assignment) -> list[Question]:
    """What people mark in an assignment, in order."""
    if not kind_of(assignment).is_handed_in:
        return [Question(ENTERED_ROW.grade_id, ENTERED_ROW.points, ENTERED_ROW.title)]
    if not kind_of(assignment).has_cells:
        rows = [row_of(each) for each in Criterion.objects.filter(assignment=assignment, retired_at=None)]
        return [Question(row.grade_id, row.points, row.title) for row in rows]
    notebook = current_notebook(assignment)
    cells = notebook.cells.all() if notebook else []
    return [Question(cell.grade_id, cell.points) for cell in cells if cell.role != GradedCell.CellRole.TESTS]
