"""Sharing the work out, conflicts of interest, and second marks. Nothing here moves a grade."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from assignments.models import Assignment
from courses.models import Enrolment
from grading.models import Conflict, Mark, Review, SecondMark, SecondReview
from grading.policy.sharing import sample, share_out
from grading.selectors.reviews import markable_by
from grading.services.reviews import refresh_all


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
        free = {row.pk: row.student_id for row in rows if row.share_of_id is None or row.share_of_id in gone}
        given = share_out(_able(free, graders), load)
        for grader in graders:
            Review.objects.filter(pk__in=[row for row, to in given.items() if to == grader.pk]).update(share_of=grader)
    return {grader: list(given.values()).count(grader.pk) for grader in graders}


def _able(work: Mapping[int, int], graders: Iterable[Enrolment]) -> dict[int, list[int]]:
    """Piece of work → who may mark its student."""
    reach = {g.pk: set(markable_by(g).values_list("pk", flat=True)) for g in graders}
    return {piece: [g for g, students in reach.items() if student in students] for piece, student in work.items()}


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
    mine = Review.objects.filter(student=student)
    mine.filter(share_of=marker).update(share_of=None)
    mine.filter(holder=marker).update(holder=None, opened_at=None, held_until=None)
    SecondReview.objects.filter(submission__student=student, marker=marker, done_at=None).delete()
    stated = {"reason": reason, "stated_by": by}
    return Conflict.objects.get_or_create(marker=marker, student=student, defaults=stated)[0]


def withdraw_conflict(*, conflict: Conflict) -> None:
    """They may mark that student's work again."""
    conflict.delete()


@transaction.atomic
def draw_sample(*, assignment: Assignment, percent: int, graders: Sequence[Enrolment], by: Enrolment) -> int:
    """Draw so many percent of the work that is marked, for somebody else of these people to mark again. How many are new."""
    Assignment.objects.select_for_update(no_key=True, of=("self",)).get(pk=assignment.pk)
    refresh_all(assignment)
    rows = Review.objects.filter(assignment=assignment, waits=False, submission__marks__isnull=False).distinct()
    found = {row.submission_id or 0: row for row in rows}
    drawn = sample(sorted(found), percent, {pk: row.place for pk, row in found.items()})
    known = set(SecondReview.objects.filter(submission__in=drawn).values_list("submission", flat=True))
    fresh = {pk: found[pk].student_id for pk in drawn if pk not in known}
    first: dict[int, set[int]] = {}
    for submission, marker in Mark.objects.filter(submission__in=fresh).values_list("submission", "marker"):
        first.setdefault(submission, set()).add(marker)
    able = {pk: [g for g in may if g not in first[pk]] for pk, may in _able(fresh, graders).items()}
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
