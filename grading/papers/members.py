"""From a group's mark to the marks of its members, which are kept like marks that people enter."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from uuid import uuid4

from django.db import transaction

from assignments.models import Assignment
from assignments.selectors import histories
from courses.models import Course, Enrolment
from grading.models import EnteredMark
from grading.papers.selectors import GroupWork, members_of_work, works_of
from grading.policy.papers import member_percent
from groups.models import Group, Membership

NOTE, TAKEN_BACK = "Marked as a group.", "Nothing of the group counts any more."


@transaction.atomic
def carry_over(work: GroupWork, *, by: Enrolment, factors: Mapping[int, Decimal] | None = None) -> list[Enrolment]:
    """Write the mark of each member, where the group's is whole and theirs differs. Who has one by hand keeps it.

    `factors`: student pk → factor of their contribution; without it the one that holds. Returns those who keep theirs.
    """
    percent = work.percent
    if percent is None:
        return []
    Course.objects.select_for_update(no_key=True).get(pk=by.course_id)
    stage, counting = work.history.assignment, work.counting
    members = _without_those_elsewhere(stage, work.group, members_of_work(work))
    latest = _latest(stage, members)
    kept = [member for member in members if _is_by_hand(latest.get(member.pk))]
    factors = {**{pk: mark.factor for pk, mark in latest.items() if not mark.by_hand}, **(factors or {})}
    received = work.history.judged(counting.received_at) if counting and not work.is_talk else None
    batch = uuid4()
    new = [
        EnteredMark(
            assignment=stage, student=member, group=work.group, by_hand=False, factor=factors.get(member.pk, Decimal(1)),
            percent=member_percent(percent, factors.get(member.pk, Decimal(1))), received_at=received, note=NOTE,
            batch=batch, marker=by,
        )
        for member in members
        if member not in kept
    ]  # fmt: skip
    EnteredMark.objects.bulk_create([mark for mark in new if _differs(latest.get(mark.student_id), mark)])
    return kept


@transaction.atomic
def bring_up_to_date(stage: Assignment, groups: Sequence[Group], *, by: Enrolment) -> None:
    """After what counts has changed: write what follows from it now, and take back the mark of a group that has no work.

    Work that waits to be marked (again) keeps its members' old marks until then.
    """
    for work in works_of(stage, groups):
        carry_over(work, by=by)
        if work.state == "missing":
            _take_back(stage, work.group, by)


def _take_back(stage: Assignment, group: Group, by: Enrolment) -> None:
    marks = EnteredMark.objects.filter(assignment=stage, group=group).values_list("student", flat=True)
    latest = _latest(stage, Enrolment.objects.filter(pk__in=marks))
    batch = uuid4()
    EnteredMark.objects.bulk_create(
        EnteredMark(
            assignment=stage,
            student_id=mark.student_id,
            group=group,
            by_hand=False,
            note=TAKEN_BACK,
            batch=batch,
            marker=by,
        )
        for mark in latest.values()
        if not mark.by_hand and mark.percent is not None and mark.group_id == group.pk
    )


def _without_those_elsewhere(stage: Assignment, group: Group, members: Sequence[Enrolment]) -> list[Enrolment]:
    """Who is in another group now whose work counts for them too has that one's mark."""
    moved = Membership.objects.filter(group_set=stage.group_set_id, student__in=members, left_at=None).exclude(
        group=group
    )
    now_in = {row.student_id: row.group for row in moved.select_related("group")}
    if not now_in:
        return list(members)
    works = histories([stage], list(now_in.values()))
    counting = {pk: works[stage.pk, there.pk].counting for pk, there in now_in.items()}
    has_other = {pk for pk, work in counting.items() if work and work.members.filter(pk=pk).exists()}
    return [member for member in members if member.pk not in has_other]


def _latest(stage: Assignment, members: Iterable[Enrolment]) -> dict[int, EnteredMark]:
    rows = EnteredMark.objects.filter(assignment=stage, student__in=members).order_by("pk")
    return {mark.student_id: mark for mark in rows}


def _is_by_hand(mark: EnteredMark | None) -> bool:
    """A person set something for this student; an emptied mark is nothing."""
    return mark is not None and mark.by_hand and (mark.percent is not None or bool(mark.code))


def _differs(old: EnteredMark | None, new: EnteredMark) -> bool:
    names = ("percent", "received_at", "group_id", "factor", "by_hand")
    return old is None or any(getattr(old, name) != getattr(new, name) for name in names)
