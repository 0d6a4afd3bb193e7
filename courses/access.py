"""The doors to a course: fetch and permit in one step. Strangers get 404, members without the right 403."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from courses import storage
from courses.models import Course, Enrolment, Material, Role, RosterImport, User

NOBODY = 0
"""The key of no enrolment."""
PARTS = ("assignments", "project", "schemes", "announcements", "meetings")
"""What hangs on a course from above: names of relations, so that nothing above is imported."""


def enrolment_or_404(user: User, course: str, *, at_least: Role = Role.STUDENT) -> Enrolment:
    """This person's place in the course. An unpublished course exists for its staff only.

    `has_assignments` and the like say what the course has, so that its pages offer nothing that it does not.
    """
    enrolment = (
        Enrolment.objects.filter(user=user.pk, course__slug=course, left_at=None)
        .select_related("course", "user")
        .annotate(**{f"has_{part}": Exists(_rows_of(part)) for part in PARTS})
        .first()
    )
    if enrolment is None or not (enrolment.course.is_published or enrolment.is_staff):
        raise Http404("No such course")
    if enrolment.is_staff and user.as_student_in == course:
        _as_student(enrolment)
    if enrolment.role < at_least:
        raise PermissionDenied
    return enrolment


def _rows_of(part: str) -> QuerySet[Course]:
    """The course of an enrolment, if anything hangs on it by this relation."""
    return Course.objects.filter(**{"pk": OuterRef("course"), f"{part}__isnull": False})


def _as_student(staff: Enrolment) -> None:
    """A student who has done nothing yet and sits in no section: what is fetched for them is empty."""
    staff.pk, staff.role = NOBODY, Role.STUDENT


def roster_or_404(lecturer: Enrolment, roster: int) -> RosterImport:
    """A roster that was read for this lecturer's course."""
    found = (
        RosterImport.objects.filter(course=lecturer.course, pk=roster).select_related("course", "read_by__user").first()
    )
    if found is None:
        raise Http404("No such roster")
    return found


def person_or_404(lecturer: Enrolment, person: int) -> Enrolment:
    """Anybody of the lecturer's course, also who left it."""
    found = (
        Enrolment.objects.filter(course=lecturer.course, pk=person)
        .select_related("user", "course")
        .prefetch_related("sections")
        .first()
    )
    if found is None:
        raise Http404("No such person")
    return found


def material_or_404(viewer: Enrolment, material: int) -> tuple[bytes, str]:
    """The bytes and the name of a file among the materials of the viewer's course."""
    found = Material.objects.filter(course=viewer.course, pk=material).select_related("file").first()
    if found is None or found.file is None:
        raise Http404("No such file")
    return storage.read(found.file), found.file_name


def students_in_reach(staff: Enrolment) -> QuerySet[Enrolment]:
    """The students a member of staff may see: their sections', or all for lab instructors and lecturers."""
    students = Enrolment.objects.filter(course=staff.course, role=Role.STUDENT)
    if staff.sees_all_sections:
        return students
    shared = Enrolment.sections.through.objects.filter(enrolment=OuterRef("pk"), section__enrolments=staff.pk)
    return students.filter(Exists(shared))


def student_or_404(staff: Enrolment, student: int) -> Enrolment:
    """A student in reach, also one who left."""
    found = students_in_reach(staff).select_related("user", "course").filter(pk=student).first()
    if found is None:
        raise Http404("No such student")
    return found


def may_make_courses(user: User, enrolments: Iterable[Enrolment]) -> bool:
    """Operators, and whoever is the lecturer of a course."""
    return user.is_superuser or any(enrolment.is_lecturer for enrolment in enrolments)
