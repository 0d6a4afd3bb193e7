"""For whom a group's work is, and who of the group of today it is not for."""

from collections.abc import Collection
from dataclasses import dataclass

from assignments.anonymity import is_masked
from assignments.models import Submission
from courses.models import Enrolment
from groups.members.selectors import members_now


@dataclass(frozen=True)
class Whom:
    """`members`, `left`: names of those it is for, and of those among them who left the group; who joined it later."""

    members: list[str]
    joined: list[Enrolment]
    left: list[str]


def whom_it_is_for(submission: Submission, viewer: Enrolment) -> Whom | None:
    """Of a group's work, as the group is now. None for a student's own, and where this person marks without names."""
    if submission.group is None or is_masked(viewer, submission.assignment):
        return None
    then = list(submission.members.select_related("user").order_by("user__name", "pk"))
    now = members_now(submission.group)
    if not viewer.is_staff and viewer not in now:  # who left the group reads no more of it
        return Whom(_names(then), [], [])
    joined = [person for person in now if person not in then]
    return Whom(_names(then), joined, _names([person for person in then if person not in now]))


def _names(people: Collection[Enrolment]) -> list[str]:
    return [str(person.user) for person in people]
