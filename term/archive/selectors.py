"""Reads of archives that were asked for."""

from django.db.models import QuerySet

from courses.models import Course
from term.models import CourseExport


def exports_of(course: Course) -> QuerySet[CourseExport]:
    """The newest first."""
    return CourseExport.objects.filter(course=course).select_related("student__user", "asked_by__user", "file")


def export_or_none(course: Course, key: int) -> CourseExport | None:
    """One of this course."""
    return exports_of(course).filter(pk=key).first()
