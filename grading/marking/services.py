"""Sharing the work out, conflicts of interest, and second marks. Nothing here moves a grade."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from assignments.models import Assignment, Submission
from assignments.owners import owner_pk
from courses.models import Enrolment
from grading.models import Conflict, Mark, Review, SecondMark, SecondReview
from grading.policy.sharing import sample, share_out
from grading.selectors.reviews import groups_markable_by, markable_by
from grading.services.reviews import refresh_all
from groups.models import Membership


class MarkingRefused(Exception):
    """It cannot be done like this; the message is for whoever asked."""


def share_out_work(*, assignment: Assignment, graders: Sequence[Enrolment]) -> dict[Enrolment, int]:
    """Give what waits and is nobody's to these people, evenly, counting what they have. How many each was given."""
    refresh_all(assignment)
    with transaction.atomic():
        locked = Review.objects.select_for_update(no_key=True, of=("self",)).filter(assignment=assignment, waits=True)
        rows = list(locked.order_by("pk"))
        gone = set(Enrolment.objects.filter(share__in=rows, left_at__isnull=False).values_list("pk", flat=True))
        load = Counter(row.share_of_id for row in rows if row.share_of_id is not None)
        free = {row.pk: owner_pk(row) for row in rows if row.share_of_id is None or row.share_of_id in gone}
        given = share_out(_able(assignment, free, graders), load)
        for grader in graders:
            Review.objects.filter(pk__in=[row for row, to in given.items() if to == grader.pk]).update(share_of=grader)
    return {grader: list(given.values()).count(grader.pk) for grader in graders}


def _able(assignment: Assignment, work: Mapping[int, int], graders: Iterable[Enrolment]) -> dict[int, list[int]]:
    """Piece of work → who may mark its owner's."""
    reach = {grader.pk: _reach(assignment, grader) for grader in graders}
    return {piece: [g for g, owners in reach.items() if owner in owners] for piece, owner in work.items()}


def _reach(assignment: Assignment, grader: Enrolment) -> set[int]:
    """Pks of the students or groups whose work this person may mark."""
    if assignment.group_set is not None:
        return set(groups_markable_by(grader, assignment.group_set).values_list("pk", flat=True))
    return set(markable_by(grader).values_list("pk", flat=True))


def take_shares_back(*, assignment: Assignment) -> int:
    """What waits is nobody's again. How many rows."""
    return Review.objects.filter(assignment=assignment, waits=True, share_of__isnull=False).update(share_of=None)


@transaction.atomic
def state_conflict(*, marker: Enrolment, student: Enrolment, reason: str, by: Enrolment) -> Conflict:
    """From now on `marker` does not mark `student`; what was theirs of that student's work is nobody's again."""
    if not reason:
        raise MarkingRefused("Say why.")
    if not marker.is_staff or student.is_staff or marker.course_id != student.course_id:
        raise MarkingRefused("Choose somebody who marks, and a student.")
    groups = Membership.objects.filter(student=student, left_at=None).values("group")
    mine = Review.objects.filter(Q(student=student) | Q(group__in=groups) | Q(submission__members=student.pk))
    mine = Review.objects.filter(pk__in=mine.values("pk"))
    mine.filter(share_of=marker).update(share_of=None)
    mine.filter(holder=marker).update(holder=None, opened_at=None, held_until=None)
    again = SecondReview.objects.filter(marker=marker, done_at=None)
    again.filter(Q(submission__student=student) | Q(submission__in=_work_of(student))).delete()
    stated = {"reason": reason, "stated_by": by}
    return Conflict.objects.get_or_create(marker=marker, student=student, defaults=stated)[0]


def _work_of(student: Enrolment) -> QuerySet[Submission]:
    """What groups handed in for a student."""
    return Submission.objects.filter(members=student.pk)


def withdraw_conflict(*, conflict: Conflict) -> None:
    """They may mark that student's work again."""
    conflict.delete()


@transaction.atomic
def draw_sample(*, assignment: Assignment, percent: int, graders: Sequence[Enrolment], by: Enrolment) -> int:
    """Draw so many percent of the work that is marked, for somebody else of these people to mark again. How many are new."""
    Assignment.objects.select_for_update(no_key=True, of=("self",)).get(pk=assignment.pk)
    refresh_all(assignment)
    rows = Review.objects.filter(assignment=assignment, waits=False, submission__marks__isnull=False)
    rows = rows.filter(submission__file__isnull=False).distinct()  # a talk has several markers anyway
    found = {row.submission_id or 0: row for row in rows}
    drawn = sample(sorted(found), percent, {pk: row.place for pk, row in found.items()})
    known = set(SecondReview.objects.filter(submission__in=drawn).values_list("submission", flat=True))
    fresh = {pk: owner_pk(found[pk]) for pk in drawn if pk not in known}
    first: dict[int, set[int]] = {}
    for submission, marker in Mark.objects.filter(submission__in=fresh).values_list("submission", "marker"):
        first.setdefault(submission, set()).add(marker)
    able = {pk: [g for g in may if g not in first[pk]] for pk, may in _able(assignment, fresh, graders).items()}
    waiting = SecondReview.objects.filter(submission__assignment=assignment, done_at=None)
    load = dict(waiting.order_by().values_list("marker").annotate(Count("pk")))
    given = share_out(able, load)
    rows_made = [SecondReview(submission_id=pk, marker_id=marker, drawn_by=by) for pk, marker in given.items()]
    SecondReview.objects.bulk_create(rows_made, ignore_conflicts=True)
    return len(given)


@transaction.atomic
def record_second(*, review: SecondReview, points: Mapping[str, tuple[Decimal, str]]) -> None:
    """What the second marker would have given, cell by cell, once. A double click is one."""
    locked = SecondReview.objects.select_for_update(no_key=True).get(pk=review.pk)
    if locked.done_at is None:
        rows = [SecondMark(review=locked, grade_id=c, points=p, comment=said) for c, (p, said) in points.items()]
        SecondMark.objects.bulk_create(rows)
        SecondReview.objects.filter(pk=locked.pk).update(done_at=timezone.now())
