"""Template filters of the grading desk."""

from collections.abc import Sequence
from decimal import Decimal

from django import template

from grading.policy.codes import SAID, Code
from grading.rendering.anchors import anchor_of

register = template.Library()
register.filter("anchor", anchor_of)


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
