"""Reads of projects."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from courses.access import students_in_reach
from courses.models import Course, Enrolment
from projects.models import Group, Membership, Project, Stage

NOW = Membership.objects.filter(left_at=None).select_related("student__user").order_by("seat")


def project_of(course_pk: int) -> Project | None:
    """The course's project with its stages in order, or None."""
    return Project.objects.filter(course=course_pk).select_related("course").prefetch_related("stages").first()


def stages_of(course: Course) -> list[Stage]:
    """The stages of the course's project, in order; none where there is no project."""
    return list(Stage.objects.filter(project__course=course))


def group_of(project: Project, student: Enrolment) -> Group | None:
    """The group that this student is in now, with its members (`members`)."""
    mine = Membership.objects.filter(group=OuterRef("pk"), student=student.pk, left_at=None)
    return _with_members(Group.objects.filter(Exists(mine), project=project)).first()


def groups_in_reach(staff: Enrolment, project: Project) -> list[Group]:
    """Groups that this person looks after: of their sections, and those with a member in their reach."""
    groups = Group.objects.filter(project=project, dissolved_at=None)
    if not staff.sees_all_sections:
        theirs = Membership.objects.filter(
            group=OuterRef("pk"), left_at=None, student__in=students_in_reach(staff).values("pk")
        )
        groups = groups.filter(Q(section__in=staff.sections.values("pk")) | Exists(theirs))
    return list(_with_members(groups))


def students_without_group(staff: Enrolment, project: Project) -> list[Enrolment]:
    """Those in reach who are in no group, by name."""
    placed = Membership.objects.filter(project=project, student=OuterRef("pk"), left_at=None)
    alone = students_in_reach(staff).filter(~Exists(placed), left_at=None)
    return list(alone.select_related("user").prefetch_related("sections").order_by("user__name", "pk"))


def too_small(project: Project, groups: Sequence[Group]) -> list[Group]:
    """Those with fewer members than a group should have."""
    return [group for group in groups if len(group.members) < project.smallest_group]  # type: ignore[attr-defined]


def _with_members(groups: QuerySet[Group]) -> QuerySet[Group]:
    people = Prefetch("memberships", queryset=NOW, to_attr="members")
    return groups.select_related("section").prefetch_related(people)
