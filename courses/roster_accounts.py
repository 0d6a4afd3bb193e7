"""Which account a line of a roster means: by student number, then login, then mail address. Nothing is guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Lower

from courses.models import AccountMerge, User


@dataclass(frozen=True)
class Match:
    """The account, if there is one; or a problem, if the words of the line mean different ones; and what differs."""

    user: User | None = None
    problem: str = ""
    differences: tuple[str, ...] = ()


class Accounts:
    """Accounts that a roster may mean, in a constant number of questions."""

    def __init__(self, people: Sequence[Mapping[str, Any]]) -> None:
        words = {kind: {p[kind] for p in people if p[kind]} for kind in ("number", "login", "mail")}
        folded = {number.lower() for number in words["number"]}
        found = User.objects.annotate(lowered=Lower("student_number")).filter(lowered__in=folded)
        self._by_number = {user.student_number.lower(): user for user in found}
        by_login = User.objects.annotate(lowered=Lower("username")).filter(lowered__in=words["login"])
        self._by_login = {user.username.lower(): user for user in by_login}
        by_mail = User.objects.annotate(lowered=Lower("email")).filter(lowered__in=words["mail"])
        self._by_mail = {user.email.lower(): user for user in by_mail}
        self._by_bare = _by_number_without_zeros(words["number"])
        known = [*self._by_number.values(), *self._by_login.values(), *self._by_mail.values()]
        self._standing = _standing([user for user in known if not user.is_active])

    def of(self, person: Mapping[str, Any]) -> Match:
        """What the line of this person means."""
        row = person["row"]
        meant = {
            "student number": self._by_number.get(person["number"].lower()),
            "login": self._by_login.get(person["login"]),
            "mail address": self._by_mail.get(person["mail"]),
        }
        found = {word: self._standing.get(user.pk, user) for word, user in meant.items() if user is not None}
        if len(set(found.values())) > 1:
            said = ", ".join(f"the {word} belongs to {user.name}" for word, user in found.items())
            return Match(problem=f"Row {row}: {said}. Mend the roster, or the accounts under People.")
        user = next(iter(found.values()), None)
        if user is not None and not user.is_active:
            return Match(problem=f"Row {row}: the account of {user.name} is closed: ask an operator.")
        if problem := self._other_number(person, user):
            return Match(problem=f"Row {row}: {problem}")
        if user is None:
            return Match()
        if "login" in found and len(found) == 1 and _differ(person["mail"], user.email):
            return Match(
                problem=f"Row {row}: {user.name} has the mail address {user.email.lower()}, not {person['mail']}."
            )
        return Match(user, differences=tuple(f"Row {row}: {said}" for said in _differences(person, user)))

    def _other_number(self, person: Mapping[str, Any], user: User | None) -> str:
        """The number that the account has instead, or an account whose number is this one but for zeros."""
        number = person["number"]
        if user is not None and number and user.student_number and number.lower() != user.student_number.lower():
            if _bare(number) == _bare(user.student_number):
                return _zeros(number, user)
            return f"{user.name} has the student number {user.student_number}, not {number}."
        like = self._by_bare.get(_bare(number)) if number and user is None else None
        return _zeros(number, like) if like is not None else ""


def _by_number_without_zeros(numbers: set[str]) -> dict[str, User]:
    """Accounts whose number is one of these but for zeros in front."""
    bare = {_bare(number) for number in numbers if number.isdecimal()} - {""}
    padded = User.objects.filter(student_number__startswith="0").only("name", "student_number")
    found = {_bare(user.student_number): user for user in padded if _bare(user.student_number) in bare}
    short = User.objects.filter(student_number__in=bare).only("name", "student_number")
    return found | {user.student_number: user for user in short}


def _standing(closed: Sequence[User]) -> dict[int, User]:
    """Closed account → the account that it was made one with."""
    merges = AccountMerge.objects.filter(undone_at=None).select_related("kept") if closed else ()
    kept = {merge.closed_id: merge.kept for merge in merges}
    found = {}
    for user in closed:
        stands = user
        while stands.pk in kept and not stands.is_active:
            stands = kept[stands.pk]
        found[user.pk] = stands
    return found


def _bare(number: str) -> str:
    return number.lstrip("0")


def _zeros(number: str, user: User) -> str:
    has = user.student_number
    if len(has) > len(number):
        remedy = f"A spreadsheet has taken the zeros: read the file again with {len(has)} digits."
    else:
        remedy = "Mend the number of that account under People first."
    return f"{number} and {has} of {user.name} differ by zeros in front. {remedy}"


def _differ(said: str, has: str) -> bool:
    return bool(said and has) and said.lower() != has.lower()


def _differences(person: Mapping[str, Any], user: User) -> list[str]:
    """What the account has otherwise, and keeps."""
    found = []
    if _words(person["name"]) != _words(user.name):
        found.append(f"the roster calls {user.name} “{person['name']}”. The name stays.")
    if _differ(person["mail"], user.email):
        found.append(f"{user.name} has the mail address {user.email}, the roster says {person['mail']}. It stays.")
    return found


def _words(name: str) -> set[str]:
    return set(name.casefold().replace(",", " ").split())
