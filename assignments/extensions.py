"""Later due times: asked for, granted, declined, withdrawn; everybody concerned is told by mail."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from assignments.models import Assignment, Extension, ExtensionRequest
from assignments.selectors import histories
from courses.mails import write_mails
from courses.models import Enrolment, Role, Section


class ExtensionRefused(Exception):
    """It cannot be asked for or decided; the message says why."""


@transaction.atomic
def request_extension(
    *, assignment: Assignment, student: Enrolment, wanted_until: datetime, reason: str
) -> ExtensionRequest:
    """A student asks. Raises ExtensionRefused while an earlier request of theirs waits."""
    Enrolment.objects.select_for_update(no_key=True).get(pk=student.pk)
    if ExtensionRequest.objects.filter(assignment=assignment, student=student, decided_at=None).exists():
        raise ExtensionRefused("You have asked already: wait for the answer.")
    return ExtensionRequest.objects.create(
        assignment=assignment, student=student, wanted_until=wanted_until, reason=reason
    )


@transaction.atomic
def grant_extension(
    *,
    assignment: Assignment,
    by: Enrolment,
    due_at: datetime,
    reason: str,
    student: Enrolment | None = None,
    section: Section | None = None,
) -> Extension:
    """A later due time; holds at once for work already handed in, because factors are derived and never stored.

    What the student asked for is answered by it. The same extension again is the one that there is.
    """
    Assignment.objects.select_for_update(no_key=True, of=("self",)).get(pk=assignment.pk)
    whom = {"assignment": assignment, "student": student, "section": section, "due_at": due_at}
    same = Extension.objects.filter(**whom, withdrawn_at=None).first()
    if same is not None:
        return same
    people = concerned(student, section)
    before = _due_times(assignment, people)
    extension = Extension.objects.create(**whom, reason=reason, granted_by=by)
    if student is not None:
        waiting = ExtensionRequest.objects.filter(assignment=assignment, student=student, decided_at=None)
        waiting.update(decided_at=timezone.now(), decided_by=by, granted=True)
    _tell_of_due_times(assignment, people, before, "More time", reason)
    return extension


@transaction.atomic
def withdraw_extension(*, extension: Extension, by: Enrolment, reason: str) -> None:
    """It no longer holds; that it was granted stays on record. Raises ExtensionRefused without a reason, or twice."""
    extension = (
        Extension.objects.select_for_update(no_key=True, of=("self",))
        .select_related("assignment__course", "student__user")
        .get(pk=extension.pk)
    )
    if extension.withdrawn_at is not None:
        raise ExtensionRefused("This extension was withdrawn before.")
    if not reason.strip():
        raise ExtensionRefused("Give a reason, so that the student can read why.")
    people = concerned(extension.student, extension.section)
    before = _due_times(extension.assignment, people)
    extension.withdrawn_at, extension.withdrawn_by = timezone.now(), by
    extension.withdrawn_because = reason.strip()[:500]
    extension.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_because"])
    _tell_of_due_times(extension.assignment, people, before, "Extension withdrawn", extension.withdrawn_because)


@transaction.atomic
def decline_request(*, request: ExtensionRequest, by: Enrolment, answer: str) -> None:
    """Say no, with the reason. Raises ExtensionRefused without one, or when it was decided before."""
    request = (
        ExtensionRequest.objects.select_for_update(no_key=True, of=("self",))
        .select_related("assignment__course", "student__user")
        .get(pk=request.pk)
    )
    if request.decided_at is not None:
        raise ExtensionRefused("This request was decided before.")
    if not answer.strip():
        raise ExtensionRefused("Say why not: the student reads it.")
    request.decided_at, request.decided_by, request.granted = timezone.now(), by, False
    request.answer = answer.strip()[:500]
    request.save(update_fields=["decided_at", "decided_by", "granted", "answer"])
    text = f"You asked for more time for {request.assignment.title}. The answer is no.\n\n{request.answer}"
    _tell([request.student], request.assignment, "No extension", text)


def concerned(student: Enrolment | None, section: Section | None) -> list[Enrolment]:
    """The students whom an extension for one of the two reaches."""
    if student is not None:
        return [student]
    here = Enrolment.objects.filter(sections=section, role=Role.STUDENT, left_at=None)
    return list(here.select_related("user").order_by("pk"))


def _local(instant: datetime, assignment: Assignment) -> str:
    local = instant.astimezone(assignment.course.zone)
    return f"on {local:%A}, {local.day} {local:%B %Y} at {local:%H:%M}"


def _due_times(assignment: Assignment, students: Sequence[Enrolment]) -> dict[int, datetime]:
    """Student pk → what their due time is, slip days aside."""
    found = histories([assignment], students)
    return {student.pk: found[assignment.pk, student.pk].own_due for student in students}


def _tell_of_due_times(
    assignment: Assignment, students: Sequence[Enrolment], before: dict[int, datetime], subject: str, reason: str
) -> None:
    """Each whose due time moved reads their own; nobody hears of work that they may not know of yet."""
    after = _due_times(assignment, students)
    for student in students:
        if after[student.pk] != before[student.pk]:
            until = _local(after[student.pk], assignment)
            _tell([student], assignment, subject, f"{assignment.title} is due {until} for you now.\n\n{reason}")


def _tell(students: Iterable[Enrolment], assignment: Assignment, subject: str, text: str) -> None:
    if not assignment.course.is_published or not assignment.has_opened(timezone.now()):
        return
    address = settings.BASE_URL + reverse("assignment-detail", args=[assignment.course.slug, assignment.slug])
    people = (student.user for student in students)
    write_mails(people, f"{subject}: {assignment.title}", f"{text}\n\n{address}\n")
