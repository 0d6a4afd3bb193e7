"""What staff do for somebody: handing in what came by another way, and saying that a version is for one more."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from assignments.models import AddedMember, Assignment, Submission
from assignments.owners import Owner, lock, name_of, people_of
from assignments.selectors import histories, history_of
from assignments.services import NothingChanged, Sent, SubmissionRefused, is_same, kept, looked_at, write_version
from courses.mails import write_mails
from courses.models import Enrolment
from groups.models import Group


def receive_on_behalf(  # noqa: PLR0913  so many facts has a hand-in
    *,
    assignment: Assignment,
    owner: Owner,
    by: Enrolment,
    content: bytes,
    name: str,
    received_at: datetime,
    reason: str,
    code: Sent | None = None,
) -> Submission:
    """Staff hand in what reached them by another way, as of when it arrived; also where nothing more is taken.

    It counts from now on, under the lateness of its arrival and the owner's own due time; the receipt says who handed it
    in and why. Raises SubmissionRefused or NothingChanged; then nothing is stored.
    """
    now = timezone.now().replace(microsecond=0)
    if not reason:
        raise SubmissionRefused("Say why you hand it in: the receipt says so.")
    if received_at > now:
        raise SubmissionRefused("It cannot have arrived later than now.")
    look = looked_at(assignment, owner, content, code)
    with transaction.atomic():
        lock(owner)
        history = history_of(assignment, owner)
        fields = kept(assignment, Sent(content, name), code)
        if history.latest_file and is_same(history.latest_file, fields):
            raise NothingChanged
        return write_version(
            history, **fields, notices=list(look.notices), handed_in_by=by, received_at=received_at, completed_at=now,
            accepted_at=now, reason=reason,
        )  # fmt: skip


@transaction.atomic
def add_member(*, submission: Submission, student: Enrolment, by: Enrolment, reason: str) -> None:
    """This version is for somebody more who is in the group now. They are told. Raises SubmissionRefused."""
    owner = submission.owner
    lock(owner)
    if not reason:
        raise SubmissionRefused("Say why it is for them too: they read it.")
    if student not in people_of(owner) or submission.members.filter(pk=student.pk).exists():
        raise SubmissionRefused(f"{student.user} is not in the group, or it is for them already.")
    _add(submission, student, by, reason)


def _add(submission: Submission, student: Enrolment, by: Enrolment, reason: str) -> None:
    submission.members.add(student)
    AddedMember.objects.create(submission=submission, student=student, added_by=by, reason=reason)
    title = submission.assignment.title
    body = f"{submission.said} of {title} by {name_of(submission.owner)} counts for you too.\n\n{reason}\n"
    write_mails([student.user], f"Counts for you: {title}", body)


@transaction.atomic
def share_work(*, group: Group, into: Group, by: Enrolment, reason: str) -> None:
    """`group` became part of `into`: what counts for one of the two counts for all members; where both have, what `into` has."""
    assignments = list(Assignment.objects.filter(group_set=into.group_set_id).select_related("course", "group_set"))
    found = histories(assignments, [into, group])
    members = people_of(into)
    for assignment in assignments:
        both = (found[assignment.pk, each.pk].counting for each in (into, group))
        counting = next((version for version in both if version is not None), None)
        if counting is None:
            continue
        theirs = set(counting.members.values_list("pk", flat=True))
        for student in members:
            if student.pk not in theirs:
                _add(counting, student, by, reason)
