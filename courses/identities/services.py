"""Mending who somebody is: name, number, mail, login; and making one account of two. Staff do it, and it is kept who did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, router, transaction
from django.db.models import ProtectedError, RestrictedError
from django.db.models.deletion import Collector
from django.utils import timezone

from courses.history.services import PEOPLE, Change, record_changes
from courses.invitations import close_invitations, invite
from courses.mails import write_mails
from courses.models import AccountMerge, Course, Enrolment, Role, Section, User
from courses.people import INVITED_AS

FIELDS: Mapping[str, str] = {
    "name": "Name",
    "student_number": "Student number",
    "email": "Mail address",
    "username": "Login",
}
TAKEN = {"student_number": "Another account has this student number.", "email": "Another account has this mail address.",
         "username": "Another account has this login."}  # fmt: skip


class IdentityRefused(Exception):
    """It cannot be changed; the message says why. `where`: the field, if it is one."""

    def __init__(self, message: str, where: str | None = None) -> None:
        super().__init__(message)
        self.where = where


def may_mend(user: User, by: Enrolment) -> str:
    """Why this lecturer may not change who this account is, in a sentence; empty: they may.

    An account is its owner's in all their courses: only who is lecturer of each may change it. Who has used theirs and is
    staff changes it alone.
    """
    if user.is_superuser or user.is_staff:
        return "This is an operator's account: operators change it."
    if is_elsewhere(user, by):
        return f"{user} is in a course that is not yours: ask an operator."
    if not _was_used(user):
        return ""
    if Enrolment.objects.filter(user=user, role__gt=Role.STUDENT).exists() and user.pk != by.user_id:
        return f"{user} is staff: they change their own account, or an operator does."
    return ""


def is_elsewhere(user: User, by: Enrolment) -> bool:
    """Whether somebody is, or was, in a course of which `by` is no lecturer."""
    mine = Enrolment.objects.filter(user=by.user_id, role=Role.LECTURER, left_at=None).values("course")
    return Enrolment.objects.filter(user=user).exclude(course__in=mine).exists()


def _was_used(user: User) -> bool:
    return user.has_usable_password() or user.last_login is not None


@transaction.atomic
def mend_identity(*, person: Enrolment, by: Enrolment, said: Mapping[str, str]) -> list[str]:
    """Change name, number, mail, login; labels of what changed. Raises IdentityRefused.

    Whoever has signed in before is told by mail, at the old address and at the new one.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=person.user_id)
    if why := may_mend(user, by):
        raise IdentityRefused(why)
    changed = {name: (getattr(user, name), said[name]) for name in FIELDS if said[name] != getattr(user, name)}
    for name, (_, new) in changed.items():
        if name in TAKEN and new and User.objects.filter(**{f"{name}__iexact": new}).exclude(pk=user.pk).exists():
            raise IdentityRefused(TAKEN[name], name)
    before = User(email=user.email, name=user.name)
    for name, (_, new) in changed.items():
        setattr(user, name, new)
    try:
        with transaction.atomic():
            user.save(update_fields=list(changed) or None)
    except IntegrityError as error:
        raise IdentityRefused("Another account has one of these.") from error
    record_changes(
        by=by, topic=PEOPLE, changes=[Change(str(user), FIELDS[name], was, new) for name, (was, new) in changed.items()]
    )
    if changed and user.last_login is not None:
        _tell(user, before, by, changed)
    if "email" in changed and not _was_used(user):
        close_invitations(user)  # the link that was sent to the other address opens nothing any more
        invite(by.course, [user], role=INVITED_AS[Role(person.role)])
    return [FIELDS[name] for name in changed]


def _tell(user: User, before: User, by: Enrolment, changed: Mapping[str, tuple[str, str]]) -> None:
    lines = "\n".join(f"{FIELDS[name]}: {was or '–'} → {new or '–'}" for name, (was, new) in changed.items())
    body = f"{by.user} changed your account on Gradus:\n\n{lines}\n\nIf that is wrong, tell them.\n"
    people = [user] if before.email == user.email else [before, user]
    write_mails(people, "Your account on Gradus was changed", body)


@dataclass(frozen=True)
class MergePlan:
    """What making one account of two would do. `refusals`: why it cannot be done; empty: it can."""

    kept: User
    closed: User
    moved: Sequence[Course] = ()
    dropped: Sequence[Course] = ()
    """Courses in which the empty place of one of the two goes, for the other has the work there."""
    gained: Mapping[str, str] = field(default_factory=dict)
    refusals: Sequence[str] = ()


def merge_plan(*, kept: Enrolment, closed: Enrolment, by: Enrolment) -> MergePlan:
    """What would move to `kept`, what of it cannot, and why."""
    keep, close = kept.user, closed.user
    refusals = [why for user in (keep, close) if (why := may_mend(user, by))]
    if keep.pk == close.pk:
        return MergePlan(keep, close, refusals=["Choose two different people."])
    here = {e.course_id: e for e in Enrolment.objects.filter(user=keep)}
    moved, dropped = [], []
    for enrolment in Enrolment.objects.filter(user=close).select_related("course"):
        mine = here.get(enrolment.course_id)
        if enrolment.course.archived_at is not None:
            refusals.append(f"{enrolment.course} is archived: take it out of the archive first.")
        elif mine is None:
            moved.append(enrolment.course)
        elif mine.is_staff or enrolment.is_staff:
            refusals.append(f"One of them is staff of {enrolment.course}.")
        elif _is_empty(enrolment) or _is_empty(mine):
            dropped.append(enrolment.course)
        else:
            refusals.append(
                f"Both have work in {enrolment.course}: what was handed in is never moved. Choose whose counts."
            )
    gained = {name: getattr(close, name) for name in ("student_number", "email") if not getattr(keep, name)}
    return MergePlan(keep, close, moved, dropped, {k: v for k, v in gained.items() if v}, refusals)


def _is_empty(enrolment: Enrolment) -> bool:
    """Whether nothing hangs on this place in a course but its sections."""
    collector = Collector(using=router.db_for_write(Enrolment), origin=enrolment)
    try:
        collector.collect([enrolment])
    except (ProtectedError, RestrictedError):
        return False
    rows = [*collector.data, *(queryset.model for queryset in collector.fast_deletes if queryset.exists())]
    return set(rows) <= {Enrolment, Enrolment.sections.through}


@transaction.atomic
def merge_accounts(*, kept: Enrolment, closed: Enrolment, by: Enrolment) -> AccountMerge:
    """One account of two: places, work and marks move to `kept`, the other can sign in no more. Raises IdentityRefused."""
    pks = sorted((kept.user_id, closed.user_id))
    list(User.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk"))
    plan = merge_plan(kept=kept, closed=closed, by=by)
    if plan.refusals:
        raise IdentityRefused(" ".join(plan.refusals))
    moves = _move(plan)
    User.objects.filter(pk=plan.closed.pk).update(is_active=False, **dict.fromkeys(plan.gained, ""))
    User.objects.filter(pk=plan.kept.pk).update(**plan.gained)
    said = Change(str(plan.kept), "Account", f"{plan.closed.username} and {plan.kept.username}", plan.kept.username)
    record_changes(by=by, topic=PEOPLE, changes=[said])
    return AccountMerge.objects.create(
        kept=plan.kept, closed=plan.closed, course=by.course, moves={**moves, "gained": dict(plan.gained)}, merged_by=by
    )


def _move(plan: MergePlan) -> dict[str, Any]:
    """Give every place of the closed account to the kept one; what undoing needs."""
    moved, dropped, stays = [], [], []
    mine = {e.course_id: e for e in Enrolment.objects.filter(user=plan.kept)}
    for enrolment in Enrolment.objects.filter(user=plan.closed).prefetch_related("sections"):
        own = mine.get(enrolment.course_id)
        if own is not None:
            empty, full = (enrolment, own) if _is_empty(enrolment) else (own, enrolment)
            dropped.append(_as_json(empty))
            stays.append({"pk": full.pk, **_as_json(full)})
            _take_over(full, empty)
            empty.delete()
            if empty is enrolment:
                continue
        Enrolment.objects.filter(pk=enrolment.pk).update(user=plan.kept)
        moved.append(enrolment.pk)
    return {"moved": moved, "dropped": dropped, "stays": stays}


def _take_over(place: Enrolment, empty: Enrolment) -> None:
    """Who is in the course by one of two places is in it; the sections of both."""
    if empty.left_at is None and place.left_at is not None:
        Enrolment.objects.filter(pk=place.pk).update(left_at=None)
    place.sections.add(*empty.sections.all())


def _as_json(enrolment: Enrolment) -> dict[str, Any]:
    return {
        "user": enrolment.user_id, "course": enrolment.course_id, "role": enrolment.role,
        "left_at": enrolment.left_at.isoformat() if enrolment.left_at else None,
        "sections": [section.pk for section in enrolment.sections.all()],
    }  # fmt: skip


def last_merge(course: Course) -> AccountMerge | None:
    """The one that can be undone."""
    return AccountMerge.objects.filter(course=course, undone_at=None).select_related("kept", "closed").last()


@transaction.atomic
def undo_merge(*, merge: AccountMerge, by: Enrolment) -> None:
    """Two accounts again, each with what it had. What was handed in since then stays where the place in the course goes."""
    found = (
        AccountMerge.objects.select_for_update(no_key=True, of=("self",))
        .select_related("kept", "closed")
        .get(pk=merge.pk)
    )
    if found.undone_at is not None:
        raise IdentityRefused("This was undone already.")
    if not found.kept.is_active:
        raise IdentityRefused(f"{found.kept} was made one with another account since then: undo that one first.")
    try:
        with transaction.atomic():
            _move_back(found)
    except IntegrityError as error:
        raise IdentityRefused(
            "Since then one of the two has come into a course again, or somebody else has the number or mail address. "
            "Mend that first; nothing was undone."
        ) from error
    AccountMerge.objects.filter(pk=found.pk).update(undone_at=timezone.now())
    said = Change(str(found.kept), "Account", found.kept.username, f"{found.closed.username} and {found.kept.username}")
    record_changes(by=by, topic=PEOPLE, changes=[said])


def _move_back(merge: AccountMerge) -> None:
    """Courses and sections that are gone stay gone; a number or mail that was changed since stays with the account."""
    moves = merge.moves
    Enrolment.objects.filter(pk__in=moves["moved"], user=merge.kept_id).update(user=merge.closed_id)
    for row in moves.get("stays", ()):
        sections = Section.objects.filter(course=row["course"], pk__in=row["sections"])
        for place in Enrolment.objects.filter(pk=row["pk"]):
            place.sections.set(sections)
            Enrolment.objects.filter(pk=place.pk).update(left_at=row["left_at"])
    for row in moves["dropped"]:
        if not Course.objects.filter(pk=row["course"]).exists():
            continue
        fields = {"user_id": row["user"], "course_id": row["course"], "role": row["role"], "left_at": row["left_at"]}
        made = Enrolment.objects.create(**fields)
        made.sections.set(Section.objects.filter(course=row["course"], pk__in=row["sections"]))
    returned = {name: value for name, value in moves["gained"].items() if getattr(merge.kept, name) == value}
    User.objects.filter(pk=merge.kept_id).update(**dict.fromkeys(returned, ""))
    User.objects.filter(pk=merge.closed_id).update(is_active=True, **returned)
