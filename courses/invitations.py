"""Invitations: how a person who was put into a course gets to choose a password."""

from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth.hashers import make_password

from courses.models import Course, OutgoingMail, User

INVITATION = """Dear {name},

you are {role} of “{course}” on Gradus. Choose your password here, with this mail address:
{address}

Your login is {login}.
"""


def new_account(*, login: str, name: str, mail: str, number: str = "") -> User:
    """An account that nobody can enter before its mail was answered. Not stored."""
    return User(username=login, name=name, email=mail, student_number=number, password=make_password(None))


def free_login(mail: str) -> str:
    """A login made from a mail address that nobody has."""
    word = mail.partition("@")[0].lower()[:140]
    login, count = word, 2
    while User.objects.filter(username=login).exists():
        login, count = f"{word}-{count}", count + 1
    return login


def invite(course: Course, users: Sequence[User], *, role: str = "a student") -> None:
    """Write a mail to each who has an address; the worker sends it."""
    address = f"{settings.BASE_URL}/accounts/password/reset/"
    OutgoingMail.objects.bulk_create(
        OutgoingMail(
            recipient=user.email,
            subject=f"{course}: your account on Gradus"[:200],
            body=INVITATION.format(name=user.name, role=role, course=course, address=address, login=user.username),
        )
        for user in users
        if user.email
    )
