"""The doors to a project and its stages."""

from django.http import Http404

from assignments.models import Assignment
from courses.models import Enrolment
from projects.models import Project
from projects.selectors import project_of


def project_or_404(viewer: Enrolment) -> Project:
    """The project of the viewer's course."""
    project = project_of(viewer.course_id)
    if project is None:
        raise Http404("This course has no project")
    project.course = viewer.course
    return project


def stage_or_404(viewer: Enrolment, project: Project, stage: str) -> Assignment:
    """A stage of this project."""
    found = project.stages.filter(slug=stage).first()
    if found is None:
        raise Http404("No such stage")
    found.course, found.group_set = viewer.course, project.group_set
    return found
