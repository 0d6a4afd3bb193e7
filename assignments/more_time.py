"""Reads of more time: who was granted it, who asks for it, and whom staff look after."""

from django.db.models import Count, Q, QuerySet

from assignments.models import Assignment, Extension, ExtensionRequest
from assignments.owners import Owner, columns
from courses.access import students_in_reach
from courses.models import Enrolment
from groups.members.selectors import all_groups_in_reach, groups_in_reach_of


def owners_in_reach(staff: Enrolment, assignment: Assignment) -> Q:
    """Rows of the students or groups that this person looks after."""
    if assignment.group_set is not None:
        return Q(group__in=groups_in_reach_of(staff, assignment.group_set).values("pk"))
    return Q(student__in=students_in_reach(staff))


def extensions_in_reach(staff: Enrolment, assignment: Assignment) -> QuerySet[Extension]:
    """The extensions of this person's students, groups and sections, with their people, newest first."""
    granted = Extension.objects.filter(assignment=assignment)
    if not staff.sees_all_sections:
        granted = granted.filter(owners_in_reach(staff, assignment) | Q(section__in=staff.sections.all()))
    return granted.select_related("student__user", "group", "section", "granted_by__user", "withdrawn_by__user")


def requests_in_reach(staff: Enrolment, assignment: Assignment) -> QuerySet[ExtensionRequest]:
    """What this person's students or groups asked for and nobody has decided, oldest first."""
    waiting = ExtensionRequest.objects.filter(
        owners_in_reach(staff, assignment), assignment=assignment, decided_at=None
    )
    return waiting.select_related("student__user", "group", "asked_by__user")


def waiting_requests(staff: Enrolment) -> dict[int, int]:
    """Assignment pk → how many requests for more time wait for this person."""
    theirs = Q(student__in=students_in_reach(staff)) | Q(group__in=all_groups_in_reach(staff).values("pk"))
    waiting = ExtensionRequest.objects.filter(theirs, assignment__course=staff.course, decided_at=None)
    return dict(waiting.order_by().values_list("assignment").annotate(count=Count("pk")))


def requests_of(owner: Owner, assignment: Assignment) -> QuerySet[ExtensionRequest]:
    """What an owner asked for, newest first."""
    asked = ExtensionRequest.objects.filter(assignment=assignment, **columns(owner))
    return asked.select_related("decided_by__user", "asked_by__user").order_by("-pk")


def extensions_of(owner: Owner, assignment: Assignment) -> QuerySet[Extension]:
    """What an owner was granted, newest first."""
    return Extension.objects.filter(assignment=assignment, **columns(owner)).select_related("granted_by__user")
