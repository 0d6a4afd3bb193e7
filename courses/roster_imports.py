"""Rosters: read in a limited process, compared with the course, applied, undone. Who left keeps their work."""

import json
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from courses.digests import digest_of
from courses.invitations import invite, new_account
from courses.models import Course, Enrolment, Role, RosterImport, Section, User
from courses.programs import run_program
from courses.roster_accounts import Accounts

SECONDS = 30


class RosterRefused(Exception):
    """The roster cannot be used; `problems` are sentences with their rows."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True)
class Line:
    """One person of a roster and what would happen: `new`, `back` or `changed`, with the account if there is one."""

    person: dict[str, Any]
    user: User | None = None
    enrolment: Enrolment | None = None

    @property
    def name(self) -> str:
        return self.user.name if self.user else str(self.person["name"])

    @property
    def sections(self) -> list[str]:
        return list(self.person["sections"])


@dataclass(frozen=True)
class Plan:
    """What applying would do. `left` are students of the course whom the roster does not name."""

    new: Sequence[Line]
    back: Sequence[Line]
    changed: Sequence[Line]
    same: Sequence[Line]
    left: Sequence[Enrolment]
    new_sections: Sequence[str]
    problems: Sequence[str]
    differences: Sequence[str] = ()
    """Sentences on what accounts have otherwise, and keep."""

    @property
    def completed(self) -> list[Line]:
        """Accounts that have never been used and would learn a mail address or a student number."""
        return [line for line in (*self.new, *self.back, *self.changed, *self.same) if line.user and _gaps(line)]

    @property
    def changes_nothing(self) -> bool:
        return not (self.new or self.back or self.changed or self.left or self.completed)

    @property
    def digest(self) -> str:
        """Changes with the plan: who applies it has seen exactly this."""
        lines = [[line.person["row"] for line in kind] for kind in (self.new, self.back, self.changed, self.completed)]
        facts = [lines, [enrolment.pk for enrolment in self.left], list(self.new_sections)]
        return digest_of(*facts)


def _gaps(line: Line) -> dict[str, str]:
    """What the roster knows and the account lacks. An account that was used is its owner's: nothing is written to it."""
    if line.user is None or line.user.last_login is not None:
        return {}
    known = {
        "email": (line.user.email, line.person["mail"]),
        "student_number": (line.user.student_number, line.person["number"]),
    }
    return {field: said for field, (has, said) in known.items() if said and not has}


def receive_roster(*, by: Enrolment, content: bytes, name: str, digits: int = 0) -> RosterImport:
    """Read a file or pasted text and keep it as a proposal. Raises RosterRefused; then nothing is kept.

    `digits`: shorter student numbers have lost zeros in front, which are put back.
    """
    found = _asked(content, f"--digits={digits}")
    if found["problems"]:
        raise RosterRefused(found["problems"])
    return RosterImport.objects.create(
        course=by.course, read_by=by, file_name=name[:200], people=found["people"], notes=found["notes"]
    )


def rows_of(content: bytes) -> list[list[str]]:
    """The rows of any table that staff have. Raises RosterRefused."""
    found = _asked(content, "--rows")
    if found["problems"]:
        raise RosterRefused(found["problems"])
    rows: list[list[str]] = found["rows"]
    return rows


def _asked(content: bytes, *options: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        path = Path(folder, "roster")
        path.write_bytes(content)
        try:
            done = run_program("courses.roster", *options, str(path), seconds=SECONDS)
        except subprocess.TimeoutExpired as error:
            raise RosterRefused(["The file took too long to read. Save it as CSV and choose it again."]) from error
    if done.returncode:
        raise RosterRefused(["The file could not be read. Save it as CSV and choose it again."])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def plan_of(roster: RosterImport) -> Plan:
    """What applying this roster would do now, in a constant number of queries."""
    accounts = Accounts(roster.people)
    enrolments = {e.user_id: e for e in _enrolments(roster.course)}
    lines: dict[str, list[Line]] = {"new": [], "back": [], "changed": [], "same": []}
    problems: list[str] = []
    differences: list[str] = []
    named: set[int] = set()
    for person in roster.people:
        match = accounts.of(person)
        user, problem = match.user, match.problem
        enrolment = enrolments.get(user.pk) if user else None
        if enrolment is not None and enrolment.is_staff:
            problem = (
                f"Row {person['row']}: {enrolment.user.name} is staff of this course ({enrolment.get_role_display()})."
            )
        if user is not None and user.pk in named:
            problem = f"Row {person['row']}: {user.name} stands in the roster twice."
        if problem:
            problems.append(problem)
            continue
        named.update([user.pk] if user else [])
        differences += match.differences
        lines[_kind(person, enrolment)].append(Line(person, user, enrolment))
    gone = [e for e in enrolments.values() if not e.is_staff and e.left_at is None and e.user_id not in named]
    known = set(roster.course.sections.values_list("name", flat=True))
    asked = dict.fromkeys(name for person in roster.people for name in person["sections"])
    new_sections = [name for name in asked if name not in known]
    return Plan(lines["new"], lines["back"], lines["changed"], lines["same"], gone, new_sections, problems, differences)


def _enrolments(course: Course) -> Iterable[Enrolment]:
    return (
        Enrolment.objects.filter(course=course)
        .select_related("user")
        .prefetch_related("sections")
        .order_by("user__name")
    )


def _kind(person: dict[str, Any], enrolment: Enrolment | None) -> str:
    if enrolment is None:
        return "new"
    if enrolment.left_at is not None:
        return "back"
    here = {section.name for section in enrolment.sections.all()}
    return "changed" if person["sections"] and set(person["sections"]) != here else "same"


@transaction.atomic
def apply_roster(*, roster: RosterImport, leave: bool, seen: str = "") -> Plan:
    """Do what the plan says; with `leave` those whom the roster does not name leave the course, and keep their work.

    `seen`: the digest of the plan that was shown. Raises RosterRefused when the plan has problems or is another one by
    now, or when it was applied before.
    """
    Course.objects.select_for_update(no_key=True).get(pk=roster.course_id)
    roster.refresh_from_db()
    plan = plan_of(roster)
    if roster.applied_at is not None:
        raise RosterRefused(["This roster was applied already."])
    if plan.problems:
        raise RosterRefused(plan.problems)
    if seen and seen != plan.digest:
        raise RosterRefused(["The course has changed since you looked: this is what the roster would do now."])
    roster.changes = _apply(roster.course, plan, leave=leave)
    roster.applied_at = timezone.now()
    roster.save()
    return plan


def _apply(course: Course, plan: Plan, *, leave: bool) -> dict[str, Any]:
    """What undoing needs: keys of what was made, and how the others were before."""
    made = [Section.objects.create(course=course, name=name) for name in plan.new_sections]
    users = _new_accounts(plan.new)
    new = [user for user, line in zip(users, plan.new, strict=True) if line.user is None]
    enrolled = [Enrolment(user=user, course=course, role=Role.STUDENT) for user in users]
    Enrolment.objects.bulk_create(enrolled)
    left = [enrolment.pk for enrolment in plan.left] if leave else []
    Enrolment.objects.filter(pk__in=left).update(left_at=timezone.now())
    moved = [(line.enrolment, line) for line in (*plan.back, *plan.changed) if line.enrolment]
    back = {e.pk: e.left_at for e, _ in moved if e.left_at}
    Enrolment.objects.filter(pk__in=back).update(left_at=None)
    before = {str(e.pk): [section.pk for section in e.sections.all()] for e, _ in moved}
    _seat([*zip(enrolled, plan.new, strict=True), *moved], {section.name: section for section in course.sections.all()})
    completed = _complete(plan.completed)
    invite(course, [*new, *(user for user in completed if not user.has_usable_password())])
    return {
        "accounts": [user.pk for user in new],
        "enrolled": [enrolment.pk for enrolment in enrolled],
        "back": {str(pk): at.isoformat() for pk, at in back.items()},
        "sections": before,
        "left": left,
        "completed": {str(user.pk): list(_gaps(line)) for user, line in zip(completed, plan.completed, strict=True)},
        "new_sections": [section.pk for section in made],
    }


def _complete(lines: Sequence[Line]) -> list[User]:
    """Write into unused accounts what they lack, and only once the undo data is known."""
    users = []
    for line in lines:
        if line.user is not None:
            User.objects.filter(pk=line.user.pk, last_login=None).update(**_gaps(line))
            users.append(User.objects.get(pk=line.user.pk))
    return users


def _new_accounts(lines: Sequence[Line]) -> list[User]:
    """The account of each line, made where there is none; logins are the roster's, or made from what it says."""
    wanted = [line.person["login"] or line.person["number"] or line.person["mail"].partition("@")[0] for line in lines]
    taken = set(User.objects.filter(username__in=[word.lower() for word in wanted]).values_list("username", flat=True))
    users = []
    for line, word in zip(lines, wanted, strict=True):
        login, count = word.lower(), 2
        while line.user is None and (login in taken or (count > 2 and User.objects.filter(username=login).exists())):  # noqa: PLR2004
            login, count = f"{word.lower()}-{count}", count + 1
        taken.add(login)
        users.append(line.user or _account(line.person, login))
    User.objects.bulk_create([user for user in users if user.pk is None])
    return users


def _account(person: dict[str, Any], login: str) -> User:
    return new_account(login=login, name=person["name"], mail=person["mail"], number=person["number"])


def _seat(pairs: Sequence[tuple[Enrolment, Line]], sections: dict[str, Section]) -> None:
    """Put each into the sections of the roster; where it names none, nothing changes."""
    seat = Enrolment.sections.through
    pairs = [(enrolment, line) for enrolment, line in pairs if line.sections]
    seat.objects.filter(enrolment__in=[enrolment.pk for enrolment, _ in pairs]).delete()
    seat.objects.bulk_create(
        [seat(enrolment=enrolment, section=sections[name]) for enrolment, line in pairs for name in line.sections]
    )


@transaction.atomic
def undo_roster(*, roster: RosterImport) -> None:
    """Put back what applying changed. Who has handed in something since then leaves the course instead of vanishing."""
    Course.objects.select_for_update(no_key=True).get(pk=roster.course_id)
    roster.refresh_from_db()
    applied = RosterImport.objects.filter(course=roster.course, applied_at__isnull=False, undone_at=None)
    if applied.order_by("-applied_at").first() != roster:
        raise RosterRefused(["Only the roster that was applied last can be undone."])
    changes = roster.changes
    for enrolment in Enrolment.objects.filter(pk__in=changes["enrolled"]):
        _remove(enrolment)
    for pk, seats in changes["sections"].items():
        for enrolment in Enrolment.objects.filter(pk=pk):
            enrolment.sections.set(seats)
    Enrolment.objects.filter(pk__in=changes["left"]).update(left_at=None)
    for pk, at in changes["back"].items():
        Enrolment.objects.filter(pk=pk).update(left_at=at)
    _forget(changes)
    roster.undone_at = timezone.now()
    roster.save()


def _forget(changes: dict[str, Any]) -> None:
    """What was written into accounts, and the accounts and sections that nobody uses."""
    for pk, fields in changes["completed"].items():
        User.objects.filter(pk=pk, last_login=None).update(**dict.fromkeys(fields, ""))
    for user in User.objects.filter(pk__in=changes["accounts"], enrolments=None, last_login=None):
        _delete(user)
    for section in Section.objects.filter(pk__in=changes["new_sections"], enrolments=None):
        _delete(section)


def _remove(enrolment: Enrolment) -> None:
    if not _delete(enrolment):
        Enrolment.objects.filter(pk=enrolment.pk).update(left_at=timezone.now())


def _delete(row: Enrolment | User | Section) -> bool:
    """Whether it could go: what others refer to stays."""
    try:
        with transaction.atomic():
            row.delete()
    except ProtectedError:
        return False
    return True


def last_roster(course: Course) -> RosterImport | None:
    """The one that can be undone."""
    applied = RosterImport.objects.filter(course=course, applied_at__isnull=False, undone_at=None)
    return applied.select_related("read_by__user").order_by("-applied_at").first()
