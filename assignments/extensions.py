"""Later due times: asked for, granted, declined, withdrawn; everybody concerned is told by mail."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from assignments.models import Assignment, Extension, ExtensionRequest
from assignments.owners import Owner, columns, lock, name_of, owner_in, tell
from assignments.selectors import histories
from courses.models import Enrolment, Role, Section
from groups.members.selectors import groups_of
from groups.models import Group


class ExtensionRefused(Exception):
    """It cannot be asked for or decided; the message says why."""


@transaction.atomic
def request_extension(
    *, assignment: Assignment, owner: Owner, by: Enrolment, wanted_until: datetime, reason: str
) -> ExtensionRequest:
    """A student asks, for a group one of its members. Raises ExtensionRefused while an earlier request waits."""
    lock(owner)
    if assignment.archived_at is not None:
        raise ExtensionRefused("This assignment takes no more work.")
    whose = {"assignment": assignment, **columns(owner)}
    if ExtensionRequest.objects.filter(**whose, decided_at=None).exists():
        who = "Your group has" if isinstance(owner, Group) else "You have"
        raise ExtensionRefused(f"{who} asked already: wait for the answer.")
    return ExtensionRequest.objects.create(**whose, asked_by=by, wanted_until=wanted_until, reason=reason)


@transaction.atomic
def grant_extension(
    *,
    assignment: Assignment,
    by: Enrolment,
    due_at: datetime,
    reason: str,
    student: Enrolment | None = None,
    group: Group | None = None,
    section: Section | None = None,
) -> Extension:
    """A later due time; holds at once for work already handed in, because factors are derived and never stored.

    What the student or group asked for is answered by it. The same extension again is the one that there is.
    """
    Assignment.objects.select_for_update(no_key=True, of=("self",)).get(pk=assignment.pk)
    whom = {"assignment": assignment, "student": student, "group": group, "section": section, "due_at": due_at}
    same = Extension.objects.filter(**whom, withdrawn_at=None).first()
    if same is not None:
        return same
    owners = owners_of(student=student, group=group, section=section)
    before = _due_times(assignment, owners)
    extension = Extension.objects.create(**whom, reason=reason, granted_by=by)
    if section is None:
        waiting = ExtensionRequest.objects.filter(assignment=assignment, student=student, group=group, decided_at=None)
        waiting.update(decided_at=timezone.now(), decided_by=by, granted=True)
    _tell_of_due_times(assignment, owners, before, "More time", reason)
    return extension


@transaction.atomic
def withdraw_extension(*, extension: Extension, by: Enrolment, reason: str) -> None:
    """It no longer holds; that it was granted stays on record. Raises ExtensionRefused without a reason, or twice."""
    extension = (
        Extension.objects.select_for_update(no_key=True, of=("self",))
        .select_related("assignment__course", "student__user", "group")
        .get(pk=extension.pk)
    )
    if extension.withdrawn_at is not None:
        raise ExtensionRefused("This extension was withdrawn before.")
    if not reason.strip():
        raise ExtensionRefused("Give a reason, so that it can be read why.")
    owners = owners_of(student=extension.student, group=extension.group, section=extension.section)
    before = _due_times(extension.assignment, owners)
    extension.withdrawn_at, extension.withdrawn_by = timezone.now(), by
    extension.withdrawn_because = reason.strip()[:500]
    extension.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_because"])
    _tell_of_due_times(extension.assignment, owners, before, "Extension withdrawn", extension.withdrawn_because)


@transaction.atomic
def decline_request(*, request: ExtensionRequest, by: Enrolment, answer: str) -> None:
    """Say no, with the reason. Raises ExtensionRefused without one, or when it was decided before."""
    request = (
        ExtensionRequest.objects.select_for_update(no_key=True, of=("self",))
        .select_related("assignment__course", "student__user", "group")
        .get(pk=request.pk)
    )
    if request.decided_at is not None:
        raise ExtensionRefused("This request was decided before.")
    if not answer.strip():
        raise ExtensionRefused("Say why not: it is read by who asked.")
    request.decided_at, request.decided_by, request.granted = timezone.now(), by, False
    request.answer = answer.strip()[:500]
    request.save(update_fields=["decided_at", "decided_by", "granted", "answer"])
    who = "Your group" if request.group_id is not None else "You"
    text = f"{who} asked for more time for {request.assignment.title}. The answer is no.\n\n{request.answer}"
    _tell(owner_in(request), request.assignment, "No extension", text)


def owners_of(*, student: Enrolment | None, group: Group | None, section: Section | None) -> list[Owner]:
    """The students, or the group, whom an extension for one of the three reaches."""
    one = student or group
    if one is not None:
        return [one]
    here = Enrolment.objects.filter(sections=section, role=Role.STUDENT, left_at=None)
    return list(here.select_related("user").order_by("pk"))


def due_times(assignment: Assignment) -> dict[Owner, datetime]:
    """When it is due for each student or group of the course now, slip days aside."""
    return _due_times(assignment, _everybody(assignment))


def tell_brought_forward(assignment: Assignment, before: Mapping[Owner, datetime]) -> str:
    """Mail everybody for whom it is due earlier than `before` and who has handed in nothing; what is done, as a sentence.

    Empty: it is due earlier for nobody.
    """
    found = histories([assignment], _everybody(assignment))
    earlier = [h for h in found.values() if not h.speaks and h.owner in before and h.own_due < before[h.owner]]
    if not earlier:
        return ""
    waiting = [history for history in earlier if not history.handed_in]
    for history in waiting:
        until = _local(history.own_due, assignment)
        text = f"{assignment.title} was brought forward: it is due {until} now, and nothing is handed in yet."
        _tell(history.owner, assignment, "Due earlier", text)
    who = "groups" if assignment.group_set_id else "students"
    when = f"{assignment.title} is due {_local(assignment.deadline, assignment)}, earlier than before."
    told = "; they are told by mail" if _may_be_told(assignment) else ""
    return f"{when} {len(waiting)} of {len(earlier)} {who} have handed in nothing{told}."


def _everybody(assignment: Assignment) -> list[Owner]:
    if assignment.group_set is not None:
        return list(groups_of(assignment.group_set))
    students = Enrolment.objects.filter(course=assignment.course_id, role=Role.STUDENT, left_at=None)
    return list(students.select_related("user").order_by("pk"))


def _local(instant: datetime, assignment: Assignment) -> str:
    local = instant.astimezone(assignment.course.zone)
    return f"on {local:%A}, {local.day} {local:%B %Y} at {local:%H:%M}"


def _due_times(assignment: Assignment, owners: Sequence[Owner]) -> dict[Owner, datetime]:
    """What the due time of each is, slip days aside."""
    found = histories([assignment], owners)
    return {owner: found[assignment.pk, owner.pk].own_due for owner in owners}


def _tell_of_due_times(
    assignment: Assignment, owners: Sequence[Owner], before: dict[Owner, datetime], subject: str, reason: str
) -> None:
    """Each whose due time moved reads their own; nobody hears of work that they may not know of yet."""
    after = _due_times(assignment, owners)
    for owner in owners:
        if after[owner] != before[owner]:
            until = _local(after[owner], assignment)
            whom = name_of(owner) if isinstance(owner, Group) else "you"
            _tell(owner, assignment, subject, f"{assignment.title} is due {until} for {whom} now.\n\n{reason}")


def _may_be_told(assignment: Assignment) -> bool:
    return assignment.course.is_published and assignment.has_opened(timezone.now())


def _tell(owner: Owner, assignment: Assignment, subject: str, text: str) -> None:
    if not _may_be_told(assignment):
        return
    address = settings.BASE_URL + reverse("assignment-detail", args=[assignment.course.slug, assignment.slug])
    tell(owner, f"{subject}: {assignment.title}", f"{text}\n\n{address}\n")
