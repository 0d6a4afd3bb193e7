"""What is known of the queue of those who mark."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from assignments.kinds.registry import kind_of
from assignments.models import Assignment, Submission
from assignments.owners import people_of
from courses.access import students_in_reach
from courses.models import Enrolment
from grading.models import Conflict, Criterion, Mark, Marking, Review, TestResult
from grading.rows import row_of
from groups.members.selectors import groups_in_reach_of
from groups.models import Group, GroupSet, Membership


def in_reach(staff: Enrolment, assignment: Assignment) -> QuerySet[Review]:
    """What waits for a person, of the owners whose work this one may mark."""
    return Review.objects.filter(markable(staff, assignment), assignment=assignment, waits=True)


def waits_in(cell: str, assignment: Assignment) -> Q:
    """Rows in whose work this one cell, or criterion of a paper, is to be marked."""
    given = Mark.objects.filter(submission=OuterRef("submission"), grade_id=cell)
    if not kind_of(assignment).has_cells:
        criteria = Criterion.objects.filter(assignment=assignment, retired_at=None)
        known = cell in {row_of(criterion).grade_id for criterion in criteria}
        return ~Q(Exists(given)) if known else Q(pk=None)
    asked = TestResult.objects.filter(run__submission=OuterRef("submission"), grade_id=cell, by_hand=True, score=None)
    return Q(Exists(asked)) & ~Q(Exists(given))


def markable_by(staff: Enrolment) -> QuerySet[Enrolment]:
    """The students whose work this person may mark."""
    return students_in_reach(staff).filter(left_at=None).exclude(conflicts_with__marker=staff)


def groups_markable_by(staff: Enrolment, group_set: GroupSet) -> QuerySet[Group]:
    """The groups whose work this person may mark: none with a member, now or at the hand-in, whom they do not mark."""
    stated = Conflict.objects.filter(marker=staff).values("student")
    now = Membership.objects.filter(group=OuterRef("pk"), left_at=None, student__in=stated)
    then = Submission.objects.filter(group=OuterRef("pk"), members__in=stated)
    return groups_in_reach_of(staff, group_set).filter(~Exists(now), ~Exists(then), dissolved_at=None)


def markable(staff: Enrolment, assignment: Assignment, prefix: str = "") -> Q:
    """Rows of the owners whose work this person may mark. `prefix`: the way to the columns, as `submission__`."""
    if assignment.group_set is not None:
        return Q(**{f"{prefix}group__in": groups_markable_by(staff, assignment.group_set).values("pk")})
    return Q(**{f"{prefix}student__in": markable_by(staff).values("pk")})


def conflict_of(staff: Enrolment, submission: Submission) -> Conflict | None:
    """Why this person does not mark this work: a student of theirs has a part in it; None: they may."""
    owner = submission.owner
    people = [owner] if isinstance(owner, Enrolment) else [*people_of(owner), *submission.members.all()]
    return Conflict.objects.filter(marker=staff, student__in=people).first()


def saved_among(staff: Enrolment, keys: Sequence[UUID]) -> list[str]:
    """Those of these presses of "save" that were carried out."""
    return [str(key) for key in Marking.objects.filter(marker=staff, key__in=keys).values_list("key", flat=True)]


def saved_before(staff: Enrolment, submission: Submission) -> Submission | None:
    """The other piece of work of this assignment that this person saved last: the way back after a slip."""
    mine = Marking.objects.filter(marker=staff, submission__assignment=submission.assignment_id)
    last = mine.exclude(submission=submission).select_related("submission").order_by("-pk").first()
    return last.submission if last else None


def others_wait(staff: Enrolment, assignment: Assignment) -> bool:
    """Whether other people's shares wait, and nothing of this person's own or of nobody's."""
    rows = in_reach(staff, assignment)
    own = Q(share_of=None) | Q(share_of=staff) | Q(share_of__left_at__isnull=False)
    return rows.exclude(own).exists() and not rows.filter(own).exists()


def waiting_elsewhere(staff: Enrolment, assignment: Assignment) -> str:
    """What waits although nothing is free for this person, in words; empty: nothing waits at all."""
    rows = in_reach(staff, assignment)
    held = Q(held_until__gte=timezone.now()) & ~Q(holder=staff)
    counted = rows.aggregate(
        all=Count("pk"),
        open=Count("pk", filter=held),
        others=Count("pk", filter=Q(share_of__left_at=None, share_of__isnull=False) & ~Q(share_of=staff)),
    )
    if counted["others"]:
        return (
            f"Your share is done. {counted['others']} of other people’s shares still wait: “Help with them” is above."
        )
    if counted["open"]:
        return f"The last {counted['open']} that wait are open on other people’s desks."
    return "Only what you skipped just now waits." if counted["all"] else ""
