"""Single people of a course: added, given another role or other sections, gone and back. Rosters do it for many."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from courses.history.services import PEOPLE, Change, record_changes
from courses.invitations import free_login, invite, new_account
from courses.models import Course, Enrolment, Role, Section, User

INVITED_AS = {
    Role.STUDENT: "a student",
    Role.STUDENT_ASSISTANT: "a student assistant",
    Role.TA: "a teaching assistant",
    Role.LAB_INSTRUCTOR: "a lab instructor",
    Role.LECTURER: "a lecturer",
}


class PersonRefused(Exception):
    """The change is not possible; the message says why."""


@transaction.atomic
def add_person(
    *, course: Course, name: str, mail: str, role: Role, by: Enrolment, sections: Iterable[Section] = ()
) -> Enrolment:
    """Put a person into the course: the account with this mail address, or a new one, which is invited.

    Who left comes back, with this role. Raises PersonRefused if the person is in the course already.
    """
    Course.objects.select_for_update(no_key=True).get(pk=course.pk)
    user = User.objects.filter(email__iexact=mail).first()
    if user is None:
        user = new_account(login=free_login(mail), name=name, mail=mail)
        user.save()
    enrolment = Enrolment.objects.filter(user=user, course=course).first()
    if enrolment is not None and enrolment.left_at is None:
        raise PersonRefused(f"{user} is in the course already, as {enrolment.get_role_display().lower()}.")
    if enrolment is not None and enrolment.is_staff != (role > Role.STUDENT):
        raise PersonRefused(f"{user} was {INVITED_AS[Role(enrolment.role)]} of this course and can only be that again.")
    enrolment = enrolment or Enrolment(user=user, course=course)
    enrolment.role, enrolment.left_at = role, None
    enrolment.save()
    enrolment.sections.set(sections)
    if not user.has_usable_password():
        invite(course, [user], role=INVITED_AS[role])
    _record(enrolment, by, ("", ""))
    return enrolment


@transaction.atomic
def change_person(*, enrolment: Enrolment, role: Role, sections: Iterable[Section], by: Enrolment) -> None:
    """Another role among the staff, other sections. Students stay students: their work hangs on it."""
    _lock(enrolment)
    if (role > Role.STUDENT) != enrolment.is_staff:
        raise PersonRefused("A student cannot become staff of the same course, nor the other way round.")
    if role < Role.LECTURER:
        _keep_a_lecturer(enrolment)
    before = _place(enrolment)
    enrolment.role = role
    enrolment.save(update_fields=["role"])
    enrolment.sections.set(sections)
    _record(enrolment, by, before)


@transaction.atomic
def leave_course(*, enrolment: Enrolment, by: Enrolment) -> None:
    """The person no longer sees the course; all that was handed in, marked and granted stays."""
    _lock(enrolment)
    _keep_a_lecturer(enrolment)
    enrolment.left_at = timezone.now()
    enrolment.save(update_fields=["left_at"])
    said = Change(str(enrolment.user), "In the course", "yes", "no")
    record_changes(by=by, topic=PEOPLE, changes=[said])


@transaction.atomic
def come_back(*, enrolment: Enrolment, by: Enrolment) -> None:
    """The person is in the course again, as before."""
    _lock(enrolment)
    enrolment.left_at = None
    enrolment.save(update_fields=["left_at"])
    said = Change(str(enrolment.user), "In the course", "no", "yes")
    record_changes(by=by, topic=PEOPLE, changes=[said])


def _place(enrolment: Enrolment) -> tuple[str, str]:
    """Role and sections in words."""
    return enrolment.get_role_display(), ", ".join(map(str, enrolment.sections.order_by("name")))


def _record(enrolment: Enrolment, by: Enrolment, before: tuple[str, str]) -> None:
    settings = zip(("Role", "Sections"), before, _place(enrolment), strict=True)
    changes = [Change(str(enrolment.user), name, was, is_now) for name, was, is_now in settings]
    record_changes(by=by, topic=PEOPLE, changes=changes)


def _lock(enrolment: Enrolment) -> None:
    Course.objects.select_for_update(no_key=True).get(pk=enrolment.course_id)


def _keep_a_lecturer(enrolment: Enrolment) -> None:
    others = Enrolment.objects.filter(course=enrolment.course_id, role=Role.LECTURER, left_at=None)
    if enrolment.is_lecturer and not others.exclude(pk=enrolment.pk).exists():
        raise PersonRefused("The course needs a lecturer: add another one first.")
