"""Reads of people and courses."""

from django.db.models import Count, Prefetch, Q, QuerySet

from courses.access import students_in_reach
from courses.models import Course, Enrolment, LatePolicy, Role, Section, User
from courses.policy.lateness import LateRule


def enrolments_of(user: User) -> QuerySet[Enrolment]:
    """The courses a person is in and may see, newest first."""
    visible = Q(course__is_published=True) | Q(role__gt=Role.STUDENT)
    return (
        Enrolment.objects.filter(visible, user=user, left_at=None)
        .select_related("course")
        .order_by("-course__week_one", "course__title")
    )


def current_late_policy(course: Course) -> LatePolicy | None:
    """The version that holds now; None means late work is labelled and nothing is deducted."""
    return LatePolicy.objects.filter(course=course).order_by("-version").first()


def current_late_rule(course: Course) -> LateRule:
    """The rule that holds now."""
    policy = current_late_policy(course)
    return policy.parsed if policy else LateRule()


def people_in_reach(viewer: Enrolment) -> QuerySet[Enrolment]:
    """The staff and the viewer's students with their sections, staff first, then by name."""
    mine = Q(role__gt=Role.STUDENT) | Q(pk__in=students_in_reach(viewer).values("pk"))
    return (
        Enrolment.objects.filter(mine, course=viewer.course, left_at=None)
        .select_related("user")
        .prefetch_related(Prefetch("sections", queryset=Section.objects.order_by("name")))
        .order_by("-role", "user__name", "pk")
    )


def sections_with_sizes(course: Course) -> QuerySet[Section]:
    """Each section with `students`, how many sit in it."""
    students = Count("enrolments", filter=Q(enrolments__role=Role.STUDENT, enrolments__left_at=None))
    return Section.objects.filter(course=course).annotate(students=students)
