"""Template filters of the grading desk."""

from decimal import Decimal

from django import template

from grading.rendering.anchors import anchor_of

register = template.Library()
register.filter("anchor", anchor_of)


@register.filter("signed")
def number_with_sign(points: Decimal) -> str:
    """`2` or `-1.5`, as a number field takes it."""
    return f"{points.normalize():f}"
