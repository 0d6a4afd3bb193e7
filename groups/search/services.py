"""Inviting, asking, answering, looking for each other, merging. Places are taken as in `groups.members.services`."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from courses.mails import write_mails
from courses.models import Enrolment, Role
from groups.members import services
from groups.members.merging import merge
from groups.members.selectors import group_of
from groups.members.services import GroupRefused, tell_group
from groups.models import Approach, Group, GroupSet, Membership, Seeker


@transaction.atomic
def invite(*, group_set: GroupSet, by: Enrolment, whom: str, now: datetime | None = None) -> Approach:
    """A member asks somebody in, by student number, login or mail address. Raises GroupRefused."""
    services.refuse_when_locked(group_set, now)
    group = _own(group_set, by)
    named = Q(user__student_number=whom) | Q(user__username__iexact=whom) | Q(user__email__iexact=whom)
    people = Enrolment.objects.filter(named, course=group_set.course_id, role=Role.STUDENT, left_at=None)
    student = people.select_related("user").first() if whom else None
    if student is None:
        raise GroupRefused("Nobody in this course has this student number, login or mail address.")
    if Membership.objects.filter(group_set=group_set, student=student, left_at=None).exists():
        raise GroupRefused(f"{student.user} is in a group already.")
    made, is_new = Approach.objects.get_or_create(
        group=group, student=student, answered_at=None, defaults={"by_group": True, "made_by": by}
    )
    if not made.by_group:
        raise GroupRefused(f"{student.user} has asked to join you: answer that below.")
    if is_new:
        write_mails(
            [student.user],
            f"{group.name} invites you",
            f"{by.user} invites you into {group.name}. Answer on the page of your groups.\n",
        )
    return made


@transaction.atomic
def ask_in(*, group_set: GroupSet, by: Enrolment, group: int, text: str, now: datetime | None = None) -> Approach:
    """A student asks a group that looks for members. Raises GroupRefused."""
    services.refuse_when_locked(group_set, now)
    services.lock_free_student(group_set, by)
    found = Group.objects.filter(group_set=group_set, pk=group, dissolved_at=None).exclude(looks_for="").first()
    if found is None:
        raise GroupRefused("This group looks for nobody any more.")
    made, is_new = Approach.objects.get_or_create(
        group=found, student=by, answered_at=None, defaults={"by_group": False, "made_by": by, "text": text}
    )
    if made.by_group:
        raise GroupRefused(f"{found.name} has invited you: answer that above.")
    if is_new:
        tell_group(found, f"{by.user} wants to join {found.name}", f"{text}\n\nAnswer on the page of your groups.\n")
    return made


@transaction.atomic
def answer(*, approach: Approach, by: Enrolment, accept: bool, now: datetime | None = None) -> Group:
    """The invited student, or for a request any member, says yes or no. Raises GroupRefused, and then it stays open."""
    group_set = approach.group.group_set
    if accept:
        services.refuse_when_locked(group_set, now)
    services.lock_student(approach.student)  # the student first, then the group: everywhere in this order
    group = Group.objects.select_for_update(no_key=True, of=("self",)).get(pk=approach.group_id)
    found = Approach.objects.filter(pk=approach.pk, answered_at=None).select_related("student__user").first()
    may = found is not None and (by.pk == found.student_id if found.by_group else _own(group_set, by) == group)
    if found is None or not may:
        raise GroupRefused("This was answered or taken back meanwhile.")
    if accept:
        services.take_place(group_set, group, found.student)
    Approach.objects.filter(pk=found.pk).update(accepted=accept, answered_at=timezone.now(), answered_by=by)
    if accept:
        tell_group(
            group, f"{found.student.user} is in {group.name} now", f"{found.student.user} joined {group.name}.\n"
        )
    elif not found.by_group:
        write_mails(
            [found.student.user],
            f"{group.name}: no place for you",
            f"{group.name} did not take you in. Others look for members.\n",
        )
    return group


@transaction.atomic
def seek(*, group_set: GroupSet, by: Enrolment, text: str) -> None:
    """Stand on the board with these words; without any: no longer."""
    if text:
        Seeker.objects.update_or_create(student=by, defaults={"group_set": group_set, "text": text})
    else:
        Seeker.objects.filter(student=by).delete()


@transaction.atomic
def look_for_members(*, group_set: GroupSet, by: Enrolment, text: str) -> Group:
    """The group stands on the board with these words; without any: no longer. Raises GroupRefused."""
    group = _own(group_set, by)
    Group.objects.filter(pk=group.pk).update(looks_for=text)
    return group


@transaction.atomic
def merge_by_code(*, group_set: GroupSet, by: Enrolment, code: str, now: datetime | None = None) -> Group:
    """One's whole group moves into the group with this code. Raises GroupRefused."""
    services.refuse_when_locked(group_set, now)
    mine = _own(group_set, by)
    if mine.submissions.exists():
        raise GroupRefused(f"{mine.name} has handed in work. Merge the other way round, or ask your TA.")
    into = Group.objects.filter(group_set=group_set, code=services.plain_code(code), dissolved_at=None).first()
    if into is None or into.pk == mine.pk:
        raise GroupRefused("No other group has this code. Ask its members for it again.")
    if not group_set.across_sections and into.section_id != mine.section_id:
        raise GroupRefused("Groups stay within a section here, and yours sits in another one.")
    return merge(
        group_set=group_set, group=mine, into=into, by=by, reason=f"{by.user} merged {mine.name} into {into.name}."
    )


def _own(group_set: GroupSet, student: Enrolment) -> Group:
    group = group_of(group_set, student)
    if group is None:
        raise GroupRefused("You are in no group.")
    return group
