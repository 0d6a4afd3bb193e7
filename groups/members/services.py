"""Making, joining and leaving groups. The maximum is hard: a seat is taken under the group's lock, and once."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from courses.mails import write_mails
from courses.models import Enrolment
from groups.models import Group, GroupSet, Membership, Seeker

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8


class GroupRefused(Exception):
    """It cannot be done like this; the message says why and what to do."""


@transaction.atomic
def make_group(*, group_set: GroupSet, by: Enrolment, name: str, now: datetime | None = None) -> Group:
    """A group of one's own, with a code for the others. Raises GroupRefused."""
    refuse_when_locked(group_set, now)
    lock_free_student(group_set, by)
    if not name:
        raise GroupRefused("Give the group a name of at most 60 characters.")
    group = _named(group_set, name, by, by)
    take_seat(group, by)
    return group


@transaction.atomic
def make_group_for(*, group_set: GroupSet, student: Enrolment, name: str, by: Enrolment, reason: str) -> Group:
    """Staff make a group and put its first member into it, also after groups are fixed. Raises GroupRefused."""
    if not name:
        raise GroupRefused("Give the new group a name of at most 60 characters.")
    group = _named(group_set, name, student, by)
    move_student(group_set=group_set, student=student, group=group, by=by, reason=reason)
    return group


def _named(group_set: GroupSet, name: str, first: Enrolment, by: Enrolment) -> Group:
    code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    section = first.sections.first()
    with _own_name(name):
        return Group.objects.create(group_set=group_set, name=name, code=code, section=section, made_by=by)


@contextmanager
def _own_name(name: str) -> Iterator[None]:
    """What is done to a group with this name, in a transaction of its own; raises GroupRefused where another has it."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise GroupRefused(f"There is a group called “{name}” already. Choose another name.") from error


@transaction.atomic
def rename_group(*, group: Group, by: Enrolment, name: str, now: datetime | None = None) -> None:
    """Another name: by a member until groups are fixed, by staff at any time; the others get a mail. Raises GroupRefused."""
    if not by.is_staff:
        refuse_when_locked(group.group_set, now)
    if not name:
        raise GroupRefused("Give the group a name of at most 60 characters.")
    with _own_name(name):
        Group.objects.filter(pk=group.pk).update(name=name)
    others = [member.user for member in _members(group) if member != by]
    write_mails(others, f"{group.group_set.title}: another name", f"{group.name} is called {name} now.\n\n{by.user}\n")


@transaction.atomic
def join_group(*, group_set: GroupSet, by: Enrolment, code: str, now: datetime | None = None) -> Group:
    """Take a free place in the group with this code. Raises GroupRefused."""
    refuse_when_locked(group_set, now)
    lock_free_student(group_set, by)
    found = Group.objects.select_for_update(no_key=True).filter(
        group_set=group_set, code=plain_code(code), dissolved_at=None
    )
    group = found.first()
    if group is None:
        raise GroupRefused("No group has this code. Ask its members for it again.")
    take_place(group_set, group, by)
    return group


def plain_code(code: str) -> str:
    """A code however it was typed."""
    return "".join(code.upper().split()).replace("-", "")


def take_place(group_set: GroupSet, group: Group, student: Enrolment) -> None:
    """A free student takes a free place in a locked group, within the section if the set says so. Raises GroupRefused."""
    lock_free_student(group_set, student)
    if group.dissolved_at is not None or not _members(group):
        raise GroupRefused(f"Nobody is in {group.name} any more. Make a group of your own.")
    if not group_set.across_sections and group.section is not None and group.section not in student.sections.all():
        raise GroupRefused(f"{group.name} is a group of {group.section.name}: groups stay within a section here.")
    take_seat(group, student)
    Seeker.objects.filter(student=student).delete()


@transaction.atomic
def leave_group(*, group_set: GroupSet, by: Enrolment, now: datetime | None = None) -> Group:
    """Give one's place back; the last one to go dissolves the group. Raises GroupRefused."""
    refuse_when_locked(group_set, now)
    Enrolment.objects.select_for_update(no_key=True, of=("self",)).get(pk=by.pk)
    mine = Membership.objects.filter(group_set=group_set, student=by, left_at=None).select_related("group").first()
    if mine is None:
        raise GroupRefused("You are in no group.")
    _end(mine, by=None, reason="")
    return mine.group


@transaction.atomic
def move_student(*, group_set: GroupSet, student: Enrolment, group: Group | None, by: Enrolment, reason: str) -> None:
    """Staff put a student into this group, or into none; also after groups are fixed. All who are concerned get a mail."""
    if not reason:
        raise GroupRefused("Say why: the members read it.")
    Enrolment.objects.select_for_update(no_key=True, of=("self",)).get(pk=student.pk)
    now_in = (
        Membership.objects.filter(group_set=group_set, student=student, left_at=None).select_related("group").first()
    )
    if now_in is not None and now_in.group == group:
        return
    both = [pk for pk in (now_in and now_in.group_id, group and group.pk) if pk]
    list(Group.objects.select_for_update(no_key=True).filter(pk__in=both).order_by("pk"))
    if group is not None and Group.objects.filter(pk=group.pk).exclude(dissolved_at=None).exists():
        raise GroupRefused(f"{group.name} is gone. Load the page again.")
    told = [student]
    if now_in is not None:
        _end(now_in, by=by, reason=reason)
        told += _members(now_in.group)
    if group is not None:
        told += _members(group)
        take_seat(group, student, by=by, reason=reason)
    where = f"is in the group {group.name} now" if group else "is in no group now"
    body = f"{student.user} {where}.\n\n{reason}\n\n{by.user}\n"
    write_mails((person.user for person in told), f"{group_set.title}: a group changed", body)


def refuse_when_locked(group_set: GroupSet, now: datetime | None) -> None:
    """Raises GroupRefused for students once groups are fixed."""
    fixed = group_set.locks_at
    if fixed is not None and fixed < (now or timezone.now()):
        raise GroupRefused("Groups are fixed by now. Ask your TA if something must change.")


def lock_student(student: Enrolment) -> None:
    """Whoever changes groups locks the student first, then groups by their number."""
    Enrolment.objects.select_for_update(no_key=True, of=("self",)).get(pk=student.pk)


def lock_free_student(group_set: GroupSet, student: Enrolment) -> None:
    """Lock the student, so that two joins at once follow each other, and see that they are in no group."""
    lock_student(student)
    taken = (
        Membership.objects.filter(group_set=group_set, student=student, left_at=None).select_related("group").first()
    )
    if taken is not None:
        raise GroupRefused(f"You are in {taken.group.name}. Leave it first.")


def take_seat(group: Group, student: Enrolment, *, by: Enrolment | None = None, reason: str = "") -> None:
    """The first free place. The group is locked by whoever calls."""
    gone = group.memberships.filter(left_at=None, student__left_at__isnull=False)
    gone.update(left_at=timezone.now(), reason="Left the course.")
    taken = set(group.memberships.filter(left_at=None).values_list("seat", flat=True))
    free = next((seat for seat in range(1, group.group_set.largest_group + 1) if seat not in taken), None)
    if free is None:
        raise GroupRefused(f"{group.name} is full: it has {group.group_set.largest_group} members.")
    Membership.objects.create(
        group=group, group_set=group.group_set, student=student, seat=free, changed_by=by, reason=reason
    )


def _end(membership: Membership, *, by: Enrolment | None, reason: str) -> None:
    group = Group.objects.select_for_update(no_key=True).get(pk=membership.group_id)
    ended = {"left_at": timezone.now()} | ({"changed_by": by, "reason": reason} if by else {})
    Membership.objects.filter(pk=membership.pk).update(**ended)
    if not group.memberships.filter(left_at=None, student__left_at=None).exists():
        Group.objects.filter(pk=group.pk).update(dissolved_at=timezone.now())


def _members(group: Group) -> list[Enrolment]:
    rows = group.memberships.filter(left_at=None, student__left_at=None)
    return [row.student for row in rows.select_related("student__user")]


def tell_group(group: Group, subject: str, body: str) -> None:
    """A mail to everybody who is in the group now."""
    members = Membership.objects.filter(group=group, left_at=None, student__left_at=None)
    write_mails((member.student.user for member in members.select_related("student__user")), subject, body)
