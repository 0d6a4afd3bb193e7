"""Final grades as they stand, and when they were made."""

from collections.abc import Iterable
from datetime import datetime

from courses.models import Course, Enrolment
from gradebook.models import FinalGrade, FinalScale, Freeze


def last_freeze(course: Course) -> Freeze | None:
    """When final grades were made last."""
    return Freeze.objects.filter(course=course).select_related("frozen_by__user").last()


def finals_of(students: Iterable[Enrolment]) -> dict[int, FinalGrade]:
    """Student pk → the final grade that holds."""
    rows = FinalGrade.objects.filter(student__in=students).select_related("set_by__user").order_by("pk")
    return {row.student_id: row for row in rows}


def shown_since(course: Course) -> datetime | None:
    """Since when students read their final grade; None: they do not."""
    scale = FinalScale.objects.filter(course=course).first()
    return scale.shown_at if scale is not None else None


def shown_final(student: Enrolment) -> FinalGrade | None:
    """A student's own final grade, once the lecturer shows it."""
    if shown_since(student.course) is None:
        return None
    return finals_of([student]).get(student.pk)
