"""Template filters of the grading desk."""

from django import template

from grading.rendering.anchors import anchor_of

register = template.Library()
register.filter("anchor", anchor_of)
