"""Reads of projects."""

from projects.models import Project


def project_of(course_pk: int) -> Project | None:
    """The course's project with its stages in order, or None."""
    return Project.objects.filter(course=course_pk).select_related("course").prefetch_related("stages").first()
