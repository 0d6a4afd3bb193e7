"""Reads of projects."""

from courses.models import Course
from projects.models import Project, Stage


def project_of(course_pk: int) -> Project | None:
    """The course's project with its stages in order, or None."""
    return Project.objects.filter(course=course_pk).select_related("course").prefetch_related("stages").first()


def stages_of(course: Course) -> list[Stage]:
    """The stages of the course's project, in order; none where there is no project."""
    return list(Stage.objects.filter(project__course=course))
