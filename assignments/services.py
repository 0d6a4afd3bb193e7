"""Writes to assignments; each is one transaction. Parsing happens before it, in a process of its own."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from assignments import inspection
from assignments.kinds.kind import Look, WorkRefused
from assignments.kinds.registry import CODE, kind_of
from assignments.models import (
    Assignment,
    DataFile,
    GradedCell,
    InstructorNotebook,
    Kind,
    PendingReplacement,
    PutBackVersion,
    Submission,
)
from assignments.owners import Owner, columns, lock, name_of, people_of, tell
from assignments.selectors import History, free_slug, history_of, next_position
from assignments.signals import assignment_created, notebook_received, submission_arriving, submission_received
from courses import storage
from courses.downloads import safe_name
from courses.models import Course, Enrolment
from courses.policy import versions
from groups.models import Group


class SubmissionRefused(Exception):
    """The rules say no; the message is for the student and says what to do."""


class NothingChanged(Exception):
    """The same bytes again: no replacement, nothing to do."""


@dataclass(frozen=True)
class Sent:
    """A file as it came."""

    content: bytes
    name: str


@dataclass(frozen=True)
class Choice:
    """A replacement that lowers the factor: what counts now, and what would count instead."""

    pending: PendingReplacement
    history: History

    @property
    def new_factor(self) -> Decimal:
        return self.history.factor_at(self.pending.received_at)

    @property
    def new_slip_days(self) -> int:
        return self.history.slip_days_at(self.pending.received_at)


def receive_submission(  # noqa: PLR0913  so many facts has a hand-in
    *,
    assignment: Assignment,
    owner: Owner,
    by: Enrolment,
    content: bytes,
    name: str,
    received_at: datetime,
    completed_at: datetime | None = None,
    code: Sent | None = None,
) -> Submission | Choice:
    """Store the hand-in and announce it; or hold it as a Choice when it would lower the factor or looks damaged.

    A group's work is for everybody who is in the group now. `received_at` is when the request began, `completed_at` when
    its bytes were whole (default: now). The same bytes again are no new version; of a group they are for those who joined,
    too. `code`: what is handed in beside a paper. Raises SubmissionRefused or NothingChanged; then nothing is stored and the
    earlier version still counts.
    """
    completed_at = completed_at or max(timezone.now().replace(microsecond=0), received_at)
    submission_arriving.send(Submission, assignment=assignment, owner=owner)
    look = looked_at(assignment, owner, content, code)
    with transaction.atomic():
        lock_for(owner, by)
        history = history_of(assignment, owner)
        _refuse_closed(history, received_at)
        fields = kept(assignment, Sent(content, name), code)
        if history.latest_file and is_same(history.latest_file, fields):
            return _same_again(history.latest_file, owner)
        _refuse_used_up(history)
        fields |= {"notices": list(look.notices)}
        fields |= {"handed_in_by": by, "received_at": received_at, "completed_at": completed_at}
        if look.doubt or _costs_something(history, received_at):
            whose: dict[str, Any] = {"assignment": assignment, **columns(owner)}
            held = {**fields, "doubt": look.doubt}
            pending, _ = PendingReplacement.objects.update_or_create(**whose, defaults=held)
            return Choice(pending, history)
        return write_version(history, accepted_at=completed_at, **fields)


def looked_at(assignment: Assignment, owner: Owner, content: bytes, code: Sent | None = None) -> Look:
    """What the kind finds in the bytes before they are taken. Raises SubmissionRefused."""
    try:
        if code is not None:
            CODE.look(assignment, owner, code.content)
        return kind_of(assignment).look(assignment, owner, content)
    except WorkRefused as refused:
        raise SubmissionRefused(str(refused)) from refused


def kept(assignment: Assignment, sent: Sent, code: Sent | None) -> dict[str, Any]:
    """Store the bytes: the columns that say which they are, and how they were called."""
    name = safe_name(sent.name, kind_of(assignment).file_name)
    fields: dict[str, Any] = {
        "file": storage.store(sent.content),
        "original_name": name,
        "code_file": None,
        "code_name": "",
    }
    if code is not None:
        fields |= {"code_file": storage.store(code.content), "code_name": safe_name(code.name, CODE.file_name)}
    return fields


def is_same(version: Submission, fields: dict[str, Any]) -> bool:
    """Whether these bytes, as `kept` says them, are that version's, its code included."""
    return (version.file_id, version.code_file_id) == tuple(
        fields[name] and fields[name].pk for name in ("file", "code_file")
    )


def reason_to_wait(assignment: Assignment, owner: Owner) -> str:
    """Why nothing is taken of this owner yet, in a sentence; empty: it is."""
    try:
        submission_arriving.send(Submission, assignment=assignment, owner=owner)
    except SubmissionRefused as refused:
        return str(refused)
    return ""


@transaction.atomic
def confirm_replacement(
    *, pending: PendingReplacement, by: Enrolment, at: datetime, seen: str | None = None
) -> Submission:
    """The owner said yes: the held bytes count from when they arrived. Raises SubmissionRefused if that is long ago.

    `seen`: fingerprint of what the page showed; another one is refused.
    """
    lock_for(pending.owner, by)
    held = _held_as_seen(pending, seen)
    if held is None or not versions.still_confirmable(at=at, uploaded_at=held.received_at):
        raise SubmissionRefused(
            "The offer to take this file has expired. What you handed in before still counts. Upload the file again."
        )
    history = history_of(pending.assignment, pending.owner)
    _refuse_archived(history.assignment)
    _refuse_used_up(history)
    return write_version(
        history,
        file=held.file, original_name=held.original_name, code_file=held.code_file,
        code_name=held.code_name, notices=held.notices, handed_in_by=held.handed_in_by,
        received_at=held.received_at, completed_at=held.completed_at, accepted_at=at,
    )  # fmt: skip


@transaction.atomic
def decline_replacement(*, pending: PendingReplacement, by: Enrolment, seen: str | None = None) -> None:
    """The owner keeps what counts. Raises SubmissionRefused where another file waits now."""
    lock_for(pending.owner, by)
    held = _held_as_seen(pending, seen)
    if held is not None:
        held.delete()


def _held_as_seen(pending: PendingReplacement, seen: str | None) -> PendingReplacement | None:
    rows = PendingReplacement.objects.filter(pk=pending.pk)
    held = rows.select_related("assignment__course", "file", "handed_in_by__user").first()
    if held is not None and seen is not None and held.fingerprint != seen:
        raise SubmissionRefused(
            f"{held.handed_in_by.user} has uploaded another file meanwhile. Look at that one first."
        )
    return held


@transaction.atomic
def put_back_version(
    *, submission: Submission, by: Enrolment, at: datetime, review_began: bool, reason: str = ""
) -> PutBackVersion:
    """Make an earlier version count again. Its owner within their window; staff at any time, with a reason. All are told."""
    owner = submission.owner
    if by.is_staff:
        lock(owner)
    else:
        lock_for(owner, by)
    history = history_of(submission.assignment, owner)
    _refuse_archived(submission.assignment)
    if not submission.has_file or history.speaks:
        raise SubmissionRefused("This group talks: its talk counts, whatever is handed in.")
    if history.counting is None or history.counting.pk == submission.pk:
        raise SubmissionRefused("This version already counts.")
    in_time = versions.may_put_back(history.turns, number=submission.number, at=at, review_began=review_began)
    if not by.is_staff and not in_time:
        raise SubmissionRefused(
            "The previous version can be put back within 30 minutes, and before grading begins. Ask your TA."
        )
    if by.is_staff and not reason.strip():
        raise SubmissionRefused("Give a reason, so that it can be read why.")
    PendingReplacement.objects.filter(assignment=submission.assignment, **columns(owner)).delete()
    put_back = PutBackVersion.objects.create(
        submission=submission, put_back_by=by, put_back_at=at, reason=reason.strip()
    )
    if owner != by:  # who did it alone need not be told
        _write_put_back_mail(put_back)
    submission_received.send(Submission, submission=submission)
    return put_back


def lock_for(owner: Owner, by: Enrolment) -> None:
    """Serialise what an owner's people do, so that numbers never collide. Raises SubmissionRefused for strangers."""
    lock(owner)
    if by not in people_of(owner):
        raise SubmissionRefused(f"You are in {name_of(owner)} no longer, so you change nothing for it.")


def receive_notebook(*, assignment: Assignment, by: Enrolment, content: bytes, name: str) -> InstructorNotebook:
    """A new version of the instructor's notebook, with its student version and cells. Raises NotebookRefused."""
    cells, released = inspection.look_at_source(content)
    with transaction.atomic():
        Assignment.objects.select_for_update(no_key=True).get(pk=assignment.pk)
        latest = assignment.notebooks.order_by("-version").first()
        notebook = InstructorNotebook.objects.create(
            assignment=assignment,
            version=latest.version + 1 if latest else 1,
            source=storage.store(content),
            student_version=storage.store(released),
            original_name=safe_name(name, "notebook.ipynb"),
            max_points=sum((Decimal(cell["points"]) for cell in cells), Decimal()),
            uploaded_by=by,
            uploaded_at=timezone.now(),
        )
        GradedCell.objects.bulk_create(
            GradedCell(
                notebook=notebook, position=place, grade_id=cell["grade_id"], role=cell["role"],
                points=Decimal(cell["points"]), is_hidden=cell["hidden"],
            )
            for place, cell in enumerate(cells)
        )  # fmt: skip
        notebook_received.send(InstructorNotebook, notebook=notebook)
    return notebook


@transaction.atomic
def attach_data(*, assignment: Assignment, by: Enrolment, content: bytes, name: str) -> DataFile:
    """A data set that notebooks of this assignment find as `data/<name>`. The same name again replaces it."""
    made = {"file": storage.store(content), "attached_by": by, "attached_at": timezone.now()}
    attached, _ = DataFile.objects.update_or_create(assignment=assignment, name=name, defaults=made)
    return attached


def _same_again(counting: Submission, owner: Owner) -> Submission:
    """The same bytes: for a group whose members changed they are handed in for those who joined, too, at the old time.

    Raises NothingChanged where nobody joined.
    """
    known = set(counting.members.values_list("pk", flat=True))
    joined = [person for person in people_of(owner) if person.pk not in known] if isinstance(owner, Group) else []
    if not joined:
        raise NothingChanged
    counting.members.add(*joined)
    submission_received.send(Submission, submission=counting)
    return counting


def _costs_something(history: History, received_at: datetime) -> bool:
    """Whether replacing what counts would lower the factor or spend more slip days: then the owner is asked."""
    if history.counting is None or history.speaks:
        return False
    lower = history.factor_at(received_at) < history.factor
    return lower or history.slip_days_at(received_at) > history.slip_days


def _refuse_closed(history: History, received_at: datetime) -> None:
    _refuse_archived(history.assignment)
    where = versions.window(at=received_at, opens_at=history.assignment.opens_at, closes_at=history.closes_at)
    if where is versions.Window.NOT_YET:
        raise SubmissionRefused("This assignment is not open yet.")
    if where is versions.Window.CLOSED:
        raise SubmissionRefused(
            "This assignment is closed and takes no more work. What you handed in before still counts."
        )


def _refuse_archived(assignment: Assignment) -> None:
    """What is archived changes no more, a yes that comes late included."""
    if Assignment.objects.filter(pk=assignment.pk, archived_at__isnull=False).exists():
        raise SubmissionRefused("This assignment is archived and takes no more work. What you handed in stays.")


def _refuse_used_up(history: History) -> None:
    if history.attempts_left == 0:
        taken = history.assignment.attempts
        raise SubmissionRefused(
            f"{taken} version{'' if taken == 1 else 's'} may be handed in here, and no more is taken."
        )


def write_version(history: History, **fields: object) -> Submission:
    """The row, whom it is for, its receipt by mail, and the announcement: all or nothing."""
    owner, whose = history.owner, {"assignment": history.assignment, **columns(history.owner)}
    PendingReplacement.objects.filter(**whose).delete()
    submission = Submission.objects.create(**whose, number=_next_number(history.assignment, owner), **fields)
    if isinstance(owner, Group):
        submission.members.set(people_of(owner))
    _write_receipt_mail(submission, history)
    submission_received.send(Submission, submission=submission)
    return submission


def _next_number(assignment: Assignment, owner: Owner) -> int:
    of_owner = Submission.objects.filter(assignment=assignment, **columns(owner))
    return (of_owner.aggregate(last=Max("number"))["last"] or 0) + 1


@transaction.atomic
def record_talk(*, assignment: Assignment, group: Group, by: Enrolment, at: datetime) -> Submission:
    """What marks of a group's talk hang on: made once, for those who are in the group then. `by`: whoever marks first."""
    lock(group)
    known = Submission.objects.filter(assignment=assignment, group=group, file=None).order_by("-number").first()
    if known is not None:
        return known
    times = {"received_at": at, "completed_at": at, "accepted_at": at}
    number = _next_number(assignment, group)
    talk = Submission.objects.create(assignment=assignment, group=group, number=number, handed_in_by=by, **times)
    talk.members.set(people_of(group))
    submission_received.send(Submission, submission=talk)
    return talk


def _write_receipt_mail(submission: Submission, history: History) -> None:
    assignment, owner = submission.assignment, submission.owner
    page = {
        "submission": submission,
        "assignment": assignment,
        "course": assignment.course,
        "due_at": history.due_for(submission.received_at),
        "late_by": history.lateness_at(submission.received_at),
        "factor": history.factor_at(submission.received_at),
        "address": settings.BASE_URL + address_of(submission),
    }
    whose = f" of {owner}" if isinstance(owner, Group) else ""
    subject = f"Received: {assignment.title}{whose}, version {submission.number}"
    tell(owner, subject, render_to_string("assignments/receipt_mail.txt", page))


def address_of(submission: Submission) -> str:
    """The path of the page of a submission."""
    course, assignment = submission.assignment.course.slug, submission.assignment.slug
    return reverse("submission-detail", args=[course, assignment, submission.owner_slug, submission.number])


def _write_put_back_mail(put_back: PutBackVersion) -> None:
    """Somebody else decided, so the owner's people are told who and why."""
    submission = put_back.submission
    title = submission.assignment.title
    body = f"{put_back.put_back_by.user} made version {submission.number} of {title} count.\n\n{put_back.reason}\n"
    tell(submission.owner, f"Version {submission.number} counts: {title}", body)


@transaction.atomic
def create_entered(*, course: Course, title: str) -> Assignment:
    """Something whose marks people enter, such as an exam; the one with this title, if there is one."""
    Course.objects.select_for_update(no_key=True).get(pk=course.pk)
    found = Assignment.objects.filter(course=course, title=title).entered().first()
    if found is not None:
        return found
    fields = {"slug": free_slug(course, title), "position": next_position(course), "kind": Kind.ENTERED}
    return Assignment.objects.create(course=course, title=title, **fields)


@transaction.atomic
def create_assignment(draft: Assignment) -> Assignment:
    """Store a new assignment and announce it: what a paper is marked by is proposed then."""
    draft.save()
    assignment_created.send(Assignment, assignment=draft)
    return draft
