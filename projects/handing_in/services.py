"""Receiving what groups hand in: exactly as for notebooks, for the group. Each is one transaction; reading comes before it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from assignments.models import Assignment
from courses import storage
from courses.downloads import safe_name
from courses.models import Enrolment
from courses.policy import versions
from groups.members.services import tell_group
from groups.models import Group, Membership
from projects import format_checks
from projects.handing_in.selectors import GroupHistory, history_of
from projects.models import Deliverable, HeldDeliverable, PutBackDeliverable, Topic
from projects.signals import deliverable_received


class DeliverableRefused(Exception):
    """The rules say no; the message is for the group and says what to do."""


class NothingChanged(Exception):
    """The same bytes again: no replacement, nothing to do."""


@dataclass(frozen=True)
class Choice:
    """A replacement that lowers the factor: what counts now, and what would count instead."""

    held: HeldDeliverable
    history: GroupHistory

    @property
    def new_factor(self) -> Decimal:
        return self.history.factor_at(self.held.received_at)


def receive_deliverable(
    *,
    stage: Assignment,
    group: Group,
    by: Enrolment,
    content: bytes,
    name: str,
    received_at: datetime,
    completed_at: datetime | None = None,
) -> Deliverable | Choice:
    """Store the hand-in for everybody who is in the group now; or hold it as a Choice when it would lower the factor.

    `received_at` is when the request began, `completed_at` when its bytes were whole (default: now).
    Raises DeliverableRefused or NothingChanged; then nothing is stored and the earlier version still counts.
    """
    completed_at = completed_at or max(timezone.now().replace(microsecond=0), received_at)
    refuse_without_topic(stage, group)
    rules = format_checks.rules_of(stage, group)
    try:
        report = format_checks.look(content, rules)
    except format_checks.PaperRefused as refused:
        raise DeliverableRefused(str(refused)) from refused
    with transaction.atomic():
        members = _locked_members(group, by)
        history = history_of(stage, group)
        stored = storage.store(content)
        format_checks.keep(stored, rules, report)
        if history.counting and history.counting.file_id == stored.sha256:
            raise NothingChanged
        fields = {"file": stored, "original_name": safe_name(name, "paper.pdf"), "handed_in_by": by}
        times = {"received_at": received_at, "completed_at": completed_at}
        _refuse_closed(history, received_at)
        if history.counting is not None and history.factor_at(received_at) < history.factor:
            held, _ = HeldDeliverable.objects.update_or_create(stage=stage, group=group, defaults={**fields, **times})
            return Choice(held, history)
        return _write(history, members, accepted_at=completed_at, **fields, **times)


@transaction.atomic
def confirm_held(*, held: HeldDeliverable, by: Enrolment, at: datetime, seen: str | None = None) -> Deliverable:
    """A member said yes: the held bytes count from when they arrived. Raises DeliverableRefused if that is long ago.

    `seen`: SHA-256 of the file that the page showed; another one is refused.
    """
    members = _locked_members(held.group, by)
    found = _held_as_seen(held, seen)
    if found is None or not versions.still_confirmable(at=at, uploaded_at=found.received_at):
        raise DeliverableRefused(
            "The offer to replace has expired, so your earlier version still counts. Upload the file again."
        )
    history = history_of(held.stage, held.group)
    return _write(
        history, members,
        file=found.file, original_name=found.original_name, handed_in_by=found.handed_in_by,
        received_at=found.received_at, completed_at=found.completed_at, accepted_at=at,
    )  # fmt: skip


@transaction.atomic
def decline_held(*, held: HeldDeliverable, by: Enrolment, seen: str | None = None) -> None:
    """A member keeps what counts. Raises DeliverableRefused where another file waits now."""
    _locked_members(held.group, by)
    found = _held_as_seen(held, seen)
    if found is not None:
        found.delete()


def _held_as_seen(held: HeldDeliverable, seen: str | None) -> HeldDeliverable | None:
    found = HeldDeliverable.objects.filter(pk=held.pk).select_related("file", "handed_in_by__user").first()
    if found is not None and seen is not None and found.file_id != seen:
        raise DeliverableRefused(
            f"{found.handed_in_by.user} has uploaded another file meanwhile. Look at that one first."
        )
    return found


@transaction.atomic
def put_back(
    *, deliverable: Deliverable, by: Enrolment, at: datetime, review_began: bool, reason: str = ""
) -> PutBackDeliverable:
    """Make an earlier version count again. Members within their window; staff at any time, with a reason. All are told."""
    group = deliverable.group
    if by.is_staff:
        Group.objects.select_for_update(no_key=True, of=("self",)).get(pk=group.pk)
    else:
        _locked_members(group, by)
    history = history_of(deliverable.stage, group)
    if history.counting is None or history.counting.pk == deliverable.pk:
        raise DeliverableRefused("This version already counts.")
    if not by.is_staff and not versions.may_put_back(
        history.turns, number=deliverable.number, at=at, review_began=review_began
    ):
        raise DeliverableRefused(
            "The previous version can be put back within 30 minutes, and before grading begins. Ask your TA."
        )
    if by.is_staff and not reason.strip():
        raise DeliverableRefused("Give a reason, so that the group can read why.")
    HeldDeliverable.objects.filter(stage=deliverable.stage, group=group).delete()
    made = PutBackDeliverable.objects.create(
        deliverable=deliverable, put_back_by=by, put_back_at=at, reason=reason.strip()
    )
    title = deliverable.stage.title
    body = f"{by.user} made version {deliverable.number} of {title} count.\n\n{reason.strip()}\n"
    tell_group(group, f"Version {deliverable.number} counts: {title}", body)
    deliverable_received.send(Deliverable, deliverable=deliverable)
    return made


def refuse_without_topic(stage: Assignment, group: Group) -> None:
    """Where the project says so, the first stage waits for an approved topic. Raises DeliverableRefused."""
    project = stage.groups.project
    first = min(project.stages.all(), key=lambda each: (each.due_at, each.pk), default=None)
    if not project.topic_blocks or first is None or first.pk != stage.pk:
        return
    if not Topic.objects.filter(group=group, state=Topic.State.APPROVED).exists():
        raise DeliverableRefused(
            f"{stage.title} waits for your topic: it must be approved first. Ask your TA on the topic's page."
        )


def _locked_members(group: Group, by: Enrolment) -> list[Enrolment]:
    """Who is in the group, which nobody can change until the hand-in is stored. Raises DeliverableRefused for strangers."""
    Group.objects.select_for_update(no_key=True, of=("self",)).get(pk=group.pk)
    here = Membership.objects.filter(group=group, left_at=None, student__left_at=None)
    rows = here.select_related("student__user").order_by("seat")
    members = [row.student for row in rows]
    if by.pk not in {member.pk for member in members}:
        raise DeliverableRefused("You are in this group no longer, so you change nothing for it.")
    return members


def _refuse_closed(history: GroupHistory, received_at: datetime) -> None:
    if history.closes_at is not None and received_at > history.closes_at:
        raise DeliverableRefused("This stage is closed and takes no more work. What you handed in before still counts.")


def _write(history: GroupHistory, members: list[Enrolment], **fields: object) -> Deliverable:
    """The row, whom it is for, the mails to all of them, and the announcement: all or nothing."""
    stage, group = history.stage, history.group
    number = max((each.number for each in history.submissions), default=0) + 1
    HeldDeliverable.objects.filter(stage=stage, group=group).delete()
    deliverable = Deliverable.objects.create(stage=stage, group=group, number=number, **fields)
    deliverable.members.set(members)
    _write_receipt_mails(deliverable, history)
    deliverable_received.send(Deliverable, deliverable=deliverable)
    return deliverable


def _write_receipt_mails(deliverable: Deliverable, history: GroupHistory) -> None:
    course = deliverable.stage.course
    where = [course.slug, deliverable.stage.slug, deliverable.group_id, deliverable.number]
    page = {
        "deliverable": deliverable,
        "course": course,
        "due_at": history.due_at,
        "late_by": history.lateness_at(deliverable.received_at),
        "factor": history.factor_at(deliverable.received_at),
        "address": settings.BASE_URL + reverse("deliverable-detail", args=where),
    }
    subject = f"Received: {deliverable.stage.title} of {deliverable.group.name}, version {deliverable.number}"
    tell_group(deliverable.group, subject, render_to_string("projects/receipt_mail.txt", page))
