"""Invitations: how a person who was put into a course gets to choose a password, by a link in a mail or a code on paper."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from courses.models import Course, Invitation, OutgoingMail, User

INVITATION = """Dear {name},

you are {role} of “{course}” on Gradus. Choose your password here; the link works once, until {until}:
{address}

Your login is {login}.
"""
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""None is taken for another on paper."""
GROUPS, GROUP = 4, 4
VALID = timedelta(days=60)


class InvitationRefused(Exception):
    """The way in is closed; the message says why and what to do."""


def new_account(*, login: str, name: str, mail: str, number: str = "") -> User:
    """An account that nobody can enter before its invitation was answered. Not stored."""
    return User(username=login, name=name, email=mail, student_number=number, password=make_password(None))


def free_login(mail: str) -> str:
    """A login made from a mail address that nobody has."""
    word = mail.partition("@")[0].lower()[:140]
    login, count = word, 2
    while User.objects.filter(username=login).exists():
        login, count = f"{word}-{count}", count + 1
    return login


def invite(course: Course, users: Sequence[User], *, role: str = "a student") -> None:
    """Write a mail with a way in of their own to each who has an address; the worker sends it."""
    reached = [user for user in users if user.email]
    keys = make_invitations(reached)
    until = timezone.localdate(timezone.now() + VALID, course.zone)
    OutgoingMail.objects.bulk_create(
        OutgoingMail(
            recipient=user.email,
            subject=f"{course}: your account on Gradus"[:200],
            body=INVITATION.format(
                name=user.name, role=role, course=course, login=user.username, until=f"{until.day} {until:%B %Y}",
                address=settings.BASE_URL + reverse("invitation-accept", args=[keys[user.pk]]),
            ),
        )
        for user in reached
    )  # fmt: skip


def make_invitations(users: Iterable[User]) -> dict[int, str]:
    """User pk → the key of a new invitation, such as `ABCD-EFGH-JKMN-PQRS`. It is told once; only its hash is kept."""
    keys = {user.pk: _new_key() for user in users}
    expires_at = timezone.now() + VALID
    Invitation.objects.bulk_create(
        Invitation(user_id=pk, key_hash=hash_of(key), expires_at=expires_at) for pk, key in keys.items()
    )
    return keys


def close_invitations(user: User) -> None:
    """Every way in that this person was sent, and has not used, opens nothing any more."""
    Invitation.objects.filter(user=user, used_at=None).update(used_at=timezone.now())


def hash_of(key: str) -> str:
    """Of a key as people type it: without regard to case, spaces and hyphens. Keys have 79 bits, so no salt is needed."""
    return hashlib.sha256(plain_key(key).encode()).hexdigest()


def invitation_of(key: str, now: datetime) -> Invitation:
    """The invitation whose key this is. Raises InvitationRefused for one that is unknown, used or over."""
    found = Invitation.objects.filter(key_hash=hash_of(key)).select_related("user").first()
    if found is None:
        raise InvitationRefused(
            "There is no such invitation. Look at each letter, or ask your lecturer for another code."
        )
    if found.used_at is not None or found.user.has_usable_password():
        raise InvitationRefused(
            "This invitation was used or replaced: sign in with your password, or ask for another one."
        )
    if found.expires_at < now or not found.user.is_active:
        raise InvitationRefused("This invitation is over. Ask your lecturer for another one.")
    return found


@transaction.atomic
def accept_invitation(*, key: str, password: str, now: datetime) -> User:
    """The person has chosen a password; all ways in that they were sent are closed then. Raises InvitationRefused."""
    found = invitation_of(key, now)
    user = User.objects.select_for_update(no_key=True).get(pk=found.user_id)
    if user.has_usable_password():
        raise InvitationRefused("This invitation was used meanwhile: sign in with your password.")
    user.set_password(password)
    user.save(update_fields=["password"])
    close_invitations(user)
    return user


def plain_key(key: str) -> str:
    """As it stands in an address, however it was typed."""
    return "".join(letter for letter in key.upper() if letter.isalnum())


def _new_key() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
