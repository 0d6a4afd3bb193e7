"""The doors to a project, its stages, groups and what was handed in."""

from django.db.models import Q
from django.http import Http404

from assignments.models import Assignment, Submission
from courses.models import Enrolment
from groups.members.selectors import group_of, groups_in_reach_of
from projects.models import Project
from projects.selectors import project_of


def project_or_404(viewer: Enrolment) -> Project:
    """The project of the viewer's course."""
    project = project_of(viewer.course_id)
    if project is None:
        raise Http404("This course has no project")
    project.course = viewer.course
    return project


def stage_or_404(viewer: Enrolment, stage: str) -> Assignment:
    """A stage of the course's project."""
    project = project_or_404(viewer)
    found = next((each for each in project.stages.all() if each.slug == stage), None)
    if found is None:
        raise Http404("No such stage")
    found.course, found.group_set = project.course, project.group_set
    return found


def deliverable_or_404(viewer: Enrolment, stage: Assignment, group: int, number: int) -> Submission:
    """What one's own group handed in, or one in reach; who was among its members may always read it."""
    found = Submission.objects.filter(assignment=stage, group=group, number=number)
    if viewer.is_staff:
        found = found.filter(group__in=groups_in_reach_of(viewer, stage.groups).values("pk"))
    else:
        mine = group_of(stage.groups, viewer)
        found = found.filter(Q(group=mine) | Q(members=viewer.pk) if mine else Q(members=viewer.pk)).distinct()
    submission = found.select_related("file", "group__section", "handed_in_by__user").first()
    if submission is None or submission.group is None:
        raise Http404("No such submission")
    submission.assignment, submission.group.group_set = stage, stage.groups
    return submission
