"""Reads of projects."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from courses.access import students_in_reach
from courses.models import Course, Enrolment, Role
from projects.models import Contribution, Deliverable, Group, Membership, Project, Stage, Topic, TopicMessage

NOW = Membership.objects.filter(left_at=None, student__left_at=None).select_related("student__user").order_by("seat")


def project_of(course_pk: int) -> Project | None:
    """The course's project with its stages in order, or None."""
    return Project.objects.filter(course=course_pk).select_related("course").prefetch_related("stages").first()


def stages_of(course: Course) -> list[Stage]:
    """The stages of the course's project, in order; none where there is no project."""
    return list(Stage.objects.filter(project__course=course))


def group_of(project: Project, student: Enrolment) -> Group | None:
    """The group that this student is in now, with its members (`members`)."""
    mine = Membership.objects.filter(group=OuterRef("pk"), student=student.pk, left_at=None)
    return with_members(Group.objects.filter(Exists(mine), project=project)).first()


def groups_in_reach(staff: Enrolment, project: Project) -> list[Group]:
    """Groups that this person looks after, with their members."""
    return list(with_members(groups_in_reach_of(staff, project).filter(dissolved_at=None)))


def groups_of(project: Project) -> list[Group]:
    """Every group that stands, with its members."""
    return list(with_members(Group.objects.filter(project=project, dissolved_at=None)))


def groups_with_members(groups: Sequence[Group]) -> list[Group]:
    """The same groups with their `members`."""
    return list(with_members(Group.objects.filter(pk__in=[group.pk for group in groups])))


def groups_in_reach_of(staff: Enrolment, project: Project) -> QuerySet[Group]:
    """Of their sections, with a member in their reach, or that nobody's sections reach: none is outside every queue."""
    groups = Group.objects.filter(project=project)
    if staff.sees_all_sections:
        return groups
    assistants = Enrolment.objects.filter(
        course=project.course_id, role__in=(Role.STUDENT_ASSISTANT, Role.TA), left_at=None
    )
    mine = assistants.filter(pk=staff.pk)
    return groups.filter(_reached_by(mine) | ~_reached_by(assistants))


def _reached_by(staff: QuerySet[Enrolment]) -> Q:
    """Groups that sit in a section of one of these people, or that have, or handed in for, a student who does."""
    through = Enrolment.sections.through.objects.filter(section__enrolments__in=staff.values("pk"))
    here = Membership.objects.filter(group=OuterRef("pk"), left_at=None, student__in=through.values("enrolment"))
    handed_in = Deliverable.members.through.objects.filter(
        deliverable__group=OuterRef("pk"), enrolment__in=through.values("enrolment")
    )
    return (
        Q(section__in=Enrolment.sections.through.objects.filter(enrolment__in=staff.values("pk")).values("section"))
        | Exists(here)
        | Exists(handed_in)
    )


def topic_of(group: Group) -> Topic | None:
    """What a group works on."""
    return Topic.objects.filter(group=group).first()


def students_without_group(staff: Enrolment, project: Project) -> list[Enrolment]:
    """Those in reach who are in no group, by name."""
    placed = Membership.objects.filter(project=project, student=OuterRef("pk"), left_at=None)
    alone = students_in_reach(staff).filter(~Exists(placed), left_at=None)
    return list(alone.select_related("user").prefetch_related("sections").order_by("user__name", "pk"))


def topics_for(viewer: Enrolment, project: Project) -> list[Group]:
    """Groups with their topics (`topic`, where there is one): in reach of staff; for students all, or only their own."""
    if viewer.is_staff:
        groups = groups_in_reach_of(viewer, project)
    elif not project.topics_hidden:
        groups = Group.objects.filter(project=project)
    else:
        mine = Membership.objects.filter(group=OuterRef("pk"), student=viewer.pk, left_at=None)
        groups = Group.objects.filter(Exists(mine), project=project)
    return list(with_members(groups.filter(dissolved_at=None)).select_related("topic", "section"))


def topics_that_wait(staff: Enrolment, project: Project | None) -> int:
    """How many topics in reach nobody has decided on since they were proposed or answered."""
    if project is None or staff.role < Role.TA:
        return 0
    groups = groups_in_reach_of(staff, project).filter(dissolved_at=None).values("pk")
    return Topic.objects.filter(group__in=groups, state=Topic.State.PROPOSED).count()


def thread_of(topic: Topic | None) -> list[TopicMessage]:
    """What was said about a topic, oldest first."""
    return list(topic.messages.select_related("author__user")) if topic else []


def contribution_of(group: Group, student: Enrolment) -> Contribution | None:
    """What a member said of their group's work."""
    return Contribution.objects.filter(group=group, student=student).first()


def too_small(project: Project, groups: Sequence[Group]) -> list[Group]:
    """Those with fewer members than a group should have, and nobody has allowed it."""
    return [
        group
        for group in groups
        if len(group.members) < project.smallest_group and not group.small_because  # type: ignore[attr-defined]
    ]


def with_members(groups: QuerySet[Group]) -> QuerySet[Group]:
    """Each group with its section and its `members`, by seat."""
    people = Prefetch("memberships", queryset=NOW, to_attr="members")
    return groups.select_related("section").prefetch_related(people)
