"""More time for a group's stage: asked for, granted, declined, withdrawn; all members are told by mail."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from assignments.models import Assignment
from courses.models import Enrolment
from groups.members.services import tell_group
from groups.models import Group
from projects.handing_in.selectors import history_of
from projects.models import MoreTime


class MoreTimeRefused(Exception):
    """It cannot be asked for or decided; the message says why."""


@transaction.atomic
def ask_for_time(*, stage: Assignment, group: Group, by: Enrolment, until: datetime, reason: str) -> MoreTime:
    """A member asks for the group. Raises MoreTimeRefused while an earlier request waits."""
    Group.objects.select_for_update(no_key=True, of=("self",)).get(pk=group.pk)
    if MoreTime.objects.filter(stage=stage, group=group, decided_at=None).exists():
        raise MoreTimeRefused("Your group has asked already: wait for the answer.")
    return MoreTime.objects.create(stage=stage, group=group, until=until, reason=reason, asked_by=by)


@transaction.atomic
def grant_time(*, stage: Assignment, group: Group, by: Enrolment, until: datetime, reason: str) -> MoreTime:
    """A later due time; holds at once for work already handed in. What the group asked for is answered by it."""
    Group.objects.select_for_update(no_key=True, of=("self",)).get(pk=group.pk)
    same = MoreTime.objects.filter(stage=stage, group=group, until=until, granted=True, withdrawn_at=None).first()
    if same is not None:
        return same
    decided = {"until": until, "granted": True, "decided_by": by, "decided_at": timezone.now()}
    asked = MoreTime.objects.filter(stage=stage, group=group, decided_at=None).first()
    if asked is None:
        granted = MoreTime.objects.create(stage=stage, group=group, reason=reason, **decided)
    else:
        MoreTime.objects.filter(pk=asked.pk).update(answer=reason, **decided)
        granted = MoreTime.objects.get(pk=asked.pk)
    _tell(stage, group, "More time", reason)
    return granted


@transaction.atomic
def withdraw_time(*, granted: MoreTime, by: Enrolment, reason: str) -> None:
    """It no longer holds. Raises MoreTimeRefused without a reason, or twice."""
    found = MoreTime.objects.select_for_update(no_key=True, of=("self",)).get(pk=granted.pk)
    if not found.granted or found.withdrawn_at is not None:
        raise MoreTimeRefused("This was withdrawn before.")
    if not reason.strip():
        raise MoreTimeRefused("Give a reason, so that the group can read why.")
    said = f"{found.answer} Withdrawn by {by.user}: {reason.strip()}".strip()
    MoreTime.objects.filter(pk=found.pk).update(withdrawn_at=timezone.now(), answer=said[:500])
    _tell(granted.stage, granted.group, "More time withdrawn", reason.strip())


@transaction.atomic
def decline_time(*, asked: MoreTime, by: Enrolment, answer: str) -> None:
    """Say no, with the reason. Raises MoreTimeRefused without one, or when it was decided before."""
    found = MoreTime.objects.select_for_update(no_key=True, of=("self",)).get(pk=asked.pk)
    if found.decided_at is not None:
        raise MoreTimeRefused("This request was decided before.")
    if not answer.strip():
        raise MoreTimeRefused("Say why not: the group reads it.")
    decided = {"decided_at": timezone.now(), "decided_by": by, "granted": False, "answer": answer.strip()[:500]}
    MoreTime.objects.filter(pk=found.pk).update(**decided)
    text = f"Your group asked for more time for {asked.stage.title}. The answer is no.\n\n{answer.strip()}\n"
    tell_group(asked.group, f"No more time: {asked.stage.title}", text)


def _tell(stage: Assignment, group: Group, subject: str, reason: str) -> None:
    """When it is due for this group now."""
    course = stage.course
    local = history_of(stage, group).own_due.astimezone(course.zone)
    due = f"on {local:%A}, {local.day} {local:%B %Y} at {local:%H:%M}"
    address = settings.BASE_URL + reverse("stage-detail", args=[course.slug, stage.slug])
    text = f"{stage.title} of {group.name} is due {due} now.\n\n{reason}\n\n{address}\n"
    tell_group(group, f"{subject}: {stage.title}", text)
