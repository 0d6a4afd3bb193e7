"""Reads of appeals, and their door."""

from django.db.models import Q, QuerySet
from django.http import Http404

from assignments.models import Assignment
from courses.access import students_in_reach
from courses.models import Enrolment
from grading.models import RegradeRequest, ReleasedGrade
from grading.selectors.grades import shown_grades
from groups.members.selectors import all_groups_in_reach

RELATED = (
    "released__submission__student__user",
    "released__submission__group",
    "released__release__assignment__course",
    "released__submission__assignment",
    "decided_by__user",
)


def requests_visible_to(viewer: Enrolment) -> QuerySet[RegradeRequest]:
    """Students: their own and their groups'. Staff: their students'; what was handed on is the lecturer's."""
    found = RegradeRequest.objects.filter(released__submission__assignment__course=viewer.course).select_related(
        *RELATED
    )
    if not viewer.is_staff:
        return found.filter(released__submission__in=shown_grades().filter(student=viewer.pk).values("submission"))
    groups = all_groups_in_reach(viewer).values("pk")
    theirs = Q(released__submission__student__in=students_in_reach(viewer)) | Q(released__submission__group__in=groups)
    return found.filter(theirs)


def waiting_for(staff: Enrolment) -> QuerySet[RegradeRequest]:
    """Those that this person can decide, oldest first."""
    states = [RegradeRequest.State.OPEN] + ([RegradeRequest.State.ESCALATED] if staff.is_lecturer else [])
    return requests_visible_to(staff).filter(state__in=states)


def request_or_404(viewer: Enrolment, pk: int) -> RegradeRequest:
    """One that the viewer may read."""
    found = requests_visible_to(viewer).filter(pk=pk).prefetch_related("messages__author__user").first()
    if found is None:
        raise Http404("No such request")
    return found


def released_or_404(student: Enrolment, assignment: Assignment) -> ReleasedGrade:
    """What this student was shown last of this assignment."""
    rows = shown_grades().filter(release__assignment=assignment, student=student.pk)
    found = rows.select_related("release__assignment__course", "submission").order_by("-pk").first()
    if found is None:
        raise Http404("Nothing was released")
    return found


def asked_for(released: ReleasedGrade) -> dict[str, RegradeRequest]:
    """Grade id → the request about this grade, also about earlier ones of the same version."""
    same = Q(released__submission=released.submission_id)
    return {request.grade_id: request for request in RegradeRequest.objects.filter(same).order_by("pk")}
