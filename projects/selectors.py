"""Reads of projects."""

from django.db.models import Exists, OuterRef

from assignments.models import Assignment
from courses.models import Enrolment, Role
from groups.members.selectors import groups_in_reach_of, with_members
from groups.models import Group, Membership
from projects.models import Project, Topic, TopicMessage


def project_of(course_pk: int) -> Project | None:
    """The course's project with its stages in order, or None."""
    return Project.objects.filter(course=course_pk).select_related("course", "group_set").first()


def last_stage(project: Project) -> Assignment | None:
    """The stage of talks and posters."""
    found = project.stages.last()
    if found is not None:
        found.course, found.group_set = project.course, project.group_set
    return found


def topic_of(group: Group) -> Topic | None:
    """What a group works on."""
    return Topic.objects.filter(group=group).first()


def topics_for(viewer: Enrolment, project: Project) -> list[Group]:
    """Groups with their topics (`topic`, where there is one): in reach of staff; for students all, or only their own."""
    if viewer.is_staff:
        groups = groups_in_reach_of(viewer, project.group_set)
    elif not project.topics_hidden:
        groups = Group.objects.filter(group_set=project.group_set)
    else:
        mine = Membership.objects.filter(group=OuterRef("pk"), student=viewer.pk, left_at=None)
        groups = Group.objects.filter(Exists(mine), group_set=project.group_set)
    return list(with_members(groups.filter(dissolved_at=None)).select_related("topic", "section"))


def topics_that_wait(staff: Enrolment, project: Project | None) -> int:
    """How many topics in reach nobody has decided on since they were proposed or answered."""
    if project is None or staff.role < Role.TA:
        return 0
    groups = groups_in_reach_of(staff, project.group_set).filter(dissolved_at=None).values("pk")
    return Topic.objects.filter(group__in=groups, state=Topic.State.PROPOSED).count()


def thread_of(topic: Topic | None) -> list[TopicMessage]:
    """What was said about a topic, oldest first."""
    return list(topic.messages.select_related("author__user")) if topic else []
