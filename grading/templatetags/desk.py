"""Template filters of the grading desk."""

from collections.abc import Sequence
from decimal import Decimal

from django import template

from assignments.anonymity import is_masked, shown_name
from assignments.models import Assignment, Submission
from courses.models import Enrolment
from grading.policy.codes import SAID, Code
from grading.rendering.anchors import anchor_of
from grading.selectors.grades import ItemGrade

register = template.Library()
register.filter("anchor", anchor_of)


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
