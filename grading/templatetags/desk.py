"""Template filters of the grading desk."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import template

from assignments.anonymity import is_masked, shown_name
from assignments.kinds.notebook.anchors import anchor_of
from assignments.kinds.registry import kind_of
from assignments.models import Assignment, Submission
from courses.models import Enrolment
from grading.policy.codes import SAID, Code
from grading.rows import VisibleNote
from grading.selectors.grades import ItemGrade

register = template.Library()
register.filter("anchor", anchor_of)
register.filter("kind_of", kind_of)


@register.filter("named_for")
def name_for_viewer(work: Submission | ItemGrade, viewer: Enrolment) -> str:
    """Whose work it is, for somebody who may have to mark it without names."""
    assignment = work.history.assignment if isinstance(work, ItemGrade) else work.assignment
    return shown_name(viewer, assignment, work.owner)


@register.filter
def is_masked_for(assignment: Assignment, viewer: Enrolment) -> bool:
    """Whether this person marks it without names."""
    return is_masked(viewer, assignment)


@register.filter
def line_anchor(note: VisibleNote, report: Mapping[str, Any]) -> str:
    """Where the line of a note stands in the page of its files; the page's beginning where there is no such file."""
    names = [each["name"] for each in report.get("files", ())]
    return f"file-{names.index(note.file) + 1}-line-{note.line}" if note.file in names else ""


@register.filter
def is_handed_in(assignment: Assignment) -> bool:
    """Whether anything is; else its marks are entered."""
    return kind_of(assignment).is_handed_in


@register.filter
def has_cells(assignment: Assignment) -> bool:
    """Whether its questions are the cells of a notebook."""
    return kind_of(assignment).has_cells


@register.filter
def shown_as(assignment: Assignment) -> str:
    """`cells`, `pages`, `lines`, or nothing."""
    return kind_of(assignment).shown_as


@register.filter
def code_said(code: str) -> str:
    """`exempt` as a sentence."""
    return SAID[Code(code)]


@register.filter
def beside(cells: Sequence[object], columns: Sequence[object]) -> list[tuple[object, object]]:
    """Each column with its cell."""
    return list(zip(columns, cells, strict=True))


@register.filter("signed")
def number_with_sign(points: Decimal) -> str:
    """`2` or `-1.5`, as a number field takes it."""
    return f"{points.normalize():f}"
