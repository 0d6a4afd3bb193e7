"""Mails to people: written with the fact that they tell of, sent by the worker."""

from collections.abc import Iterable

from courses.models import OutgoingMail, User

LONGEST_SUBJECT = 200


def write_mails(people: Iterable[User], subject: str, body: str) -> None:
    """The same mail to each who has an address. A subject is one line, whatever stands in a name or a title."""
    line = " ".join(subject.split())[:LONGEST_SUBJECT]
    OutgoingMail.objects.bulk_create(
        OutgoingMail(recipient=person.email, subject=line, body=body) for person in people if person.email
    )
