"""The doors to a course: fetch and permit in one step. Strangers get 404, members without the right 403."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from courses.models import Enrolment, Role, User


def enrolment_or_404(user: User, course: str, *, at_least: Role = Role.STUDENT) -> Enrolment:
    """This person's place in the course. An unpublished course exists for its staff only."""
    enrolment = (
        Enrolment.objects.filter(user=user.pk, course__slug=course, left_at=None)
        .select_related("course", "user")
        .first()
    )
    if enrolment is None or not (enrolment.course.is_published or enrolment.is_staff):
        raise Http404("No such course")
    if enrolment.role < at_least:
        raise PermissionDenied
    return enrolment


def students_in_reach(staff: Enrolment) -> QuerySet[Enrolment]:
    """The students a member of staff may see: their sections', or all for lab instructors and lecturers."""
    students = Enrolment.objects.filter(course=staff.course, role=Role.STUDENT)
    if staff.sees_all_sections:
        return students
    return students.filter(sections__in=staff.sections.all()).distinct()
