"""Reads of what a student's group handed in for the stages of its project."""

from assignments.models import Assignment
from assignments.selectors import History, histories
from courses.models import Enrolment
from groups.members.selectors import group_of
from projects.models import Project


def stages_of_group(student: Enrolment, project: Project | None) -> list[tuple[Assignment, History | None]]:
    """Each stage with what the student's group handed in; None while they are in no group."""
    if project is None:
        return []
    stages = list(project.stages.all())
    for stage in stages:
        stage.course, stage.group_set = project.course, project.group_set
    group = group_of(project.group_set, student)
    found = histories(stages, [group]) if group is not None else {}
    return [(stage, found.get((stage.pk, group.pk)) if group is not None else None) for stage in stages]
