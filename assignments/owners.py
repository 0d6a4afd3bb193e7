"""Whose work it is: a student's or a group's. Nothing else asks which; tables have a column for each, and one is set."""

from collections.abc import Sequence
from typing import Any, Protocol

from django.db.models import CheckConstraint, Q

from courses.mails import write_mails
from courses.models import Enrolment
from groups.members.selectors import members_now
from groups.models import Group

Owner = Enrolment | Group


class Owned(Protocol):
    """A row with both columns."""

    @property
    def student(self) -> Any:
        """The student, or None."""

    @property
    def group(self) -> Any:
        """The group, or None."""

    @property
    def student_id(self) -> Any:
        """The student's number, or None."""

    @property
    def group_id(self) -> Any:
        """The group's number, or None."""


def by_one_owner(name: str) -> CheckConstraint:
    """The promise that exactly one of the two columns is set."""
    return CheckConstraint(condition=Q(student=None) ^ Q(group=None), name=name)


def owner_in(row: Owned) -> Owner:
    """The owner of a row."""
    owner: Owner = row.student if row.student is not None else row.group
    return owner


def columns(owner: Owner) -> dict[str, Owner | None]:
    """Both columns, as filters and new rows take them."""
    is_group = isinstance(owner, Group)
    return {"student": None if is_group else owner, "group": owner if is_group else None}


def owner_pk(row: Owned) -> int:
    """The number of a row's owner: with the assignment it says who that is."""
    return int(row.student_id if row.student_id is not None else row.group_id)


def belongs_to(owners: Sequence[Owner], prefix: str = "") -> Q:
    """Rows of these owners, who are all students or all groups. `prefix`: the way to the columns, as `submission__`."""
    column = "group" if owners and isinstance(owners[0], Group) else "student"
    return Q(**{f"{prefix}{column}__in": [owner.pk for owner in owners]})


def name_of(owner: Owner) -> str:
    """As people call it."""
    return owner.name if isinstance(owner, Group) else str(owner.user)


def people_of(owner: Owner) -> list[Enrolment]:
    """The student, or everybody who is in the group and the course now."""
    return members_now(owner) if isinstance(owner, Group) else [owner]


def lock(owner: Owner) -> None:
    """Whoever changes what an owner has handed in waits here for others who do, and for changes of the group."""
    model = Group if isinstance(owner, Group) else Enrolment
    model.objects.select_for_update(no_key=True, of=("self",)).get(pk=owner.pk)


def tell(owner: Owner, subject: str, body: str) -> None:
    """A mail to the student, or to everybody who is in the group now."""
    write_mails((person.user for person in people_of(owner)), subject, body)


def slug_of(row: Any) -> str:
    """The owner of a row in addresses: a student's number, or `g` and a group's."""
    return f"g{row.group_id}" if row.group_id is not None else str(row.student_id)


def named_by(slug: str) -> Q:
    """Rows of the owner with this slug."""
    number = int(slug.removeprefix("g"))
    return Q(group=number) if slug.startswith("g") else Q(student=number)
