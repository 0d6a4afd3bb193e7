"""Where a course came from."""

from courses.models import Course, Rollover


def rollover_of(course: Course) -> Rollover | None:
    """The course it was made from and the report; None for others."""
    return Rollover.objects.filter(course=course).select_related("source").first()
