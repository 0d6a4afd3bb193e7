"""Who marks what next: one row for each piece of work, taken with a lease, so that nobody reads what another has open."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import BooleanField, Case, F, Q, QuerySet, Value, When
from django.utils import timezone

from assignments.kinds.registry import kind_of
from assignments.models import Assignment, Submission
from assignments.owners import Owner, belongs_to, columns, named_by, owner_pk
from courses.models import Enrolment
from grading.models import Marking, Review
from grading.selectors.grades import ItemGrade, grades_of
from grading.selectors.reviews import in_reach, markable, waits_in
from groups.models import Group

PRIME = 2**31 - 1
FIRST_FEW = 25
OPENED = timedelta(minutes=10)
"""How long opening a piece of work holds it where no script tells that the page is still there."""
BEAT = timedelta(minutes=2)
"""How long each sign of life holds it."""


def refresh_reviews(assignment: Assignment, owners: Iterable[Owner]) -> None:
    """Derive these rows again from the facts. Rows are locked before the facts are read: the last writer is right."""
    whose = list(owners)
    if not whose or not kind_of(assignment).is_handed_in:
        return
    known = {owner_pk(row) for row in Review.objects.filter(belongs_to(whose), assignment=assignment)}
    fresh = [owner for owner in whose if owner.pk not in known]
    Review.objects.bulk_create(
        [Review(assignment=assignment, **columns(owner), place=secrets.randbelow(PRIME)) for owner in fresh],
        ignore_conflicts=True,
    )
    with transaction.atomic():
        rows = Review.objects.select_for_update(no_key=True, of=("self",)).filter(
            belongs_to(whose), assignment=assignment
        )
        locked = list(rows.order_by("pk"))
        items = grades_of([assignment], whose)
        for row in locked:
            item = items[assignment.pk, owner_pk(row)]
            counting, waits = item.history.counting, _waits(item)
            now = (counting.pk if counting else None, waits)
            if (row.submission_id, row.waits) != now:
                Review.objects.filter(pk=row.pk).update(submission=now[0], waits=waits)


def _waits(item: ItemGrade) -> bool:
    """Whether the desk offers it. Talks are marked while they are given, by all who hear them."""
    return item.needs_review and not item.history.speaks


def refresh_all(assignment: Assignment) -> None:
    """The same for everybody, locking only the rows that are wrong."""
    handed_in = Submission.objects.filter(assignment=assignment)
    owners: list[Owner] = list(
        Group.objects.filter(pk__in=handed_in.values("group"))
        if assignment.group_set_id is not None
        else Enrolment.objects.filter(pk__in=handed_in.values("student"))
    )
    rows = {owner_pk(row): row for row in Review.objects.filter(assignment=assignment)}
    wrong = []
    for (_, owner), item in grades_of([assignment], owners).items():
        counting, row = item.history.counting, rows.get(owner)
        now = (counting.pk if counting else None, _waits(item))
        if row is None or (row.submission_id, row.waits) != now:
            wrong.append(item.owner)
    refresh_reviews(assignment, wrong)


def claim_next(
    *, assignment: Assignment, by: Enrolment, after: str = "", help_others: bool = False, cell: str = ""
) -> Review | None:
    """Take the next piece of work in this marker's own order, behind that of `after` (an owner, as in addresses).
    None: nothing is free.

    First this marker's share, then what is nobody's; of other people's shares only to `help_others`. With a `cell` only
    work in which that one waits.
    """
    for attempt in ("as it stands", "derived again"):
        while (found := _take(assignment, by, after, help_others=help_others, cell=cell)) is not None:
            refresh_reviews(assignment, [found.owner])
            found.refresh_from_db()
            if found.waits:
                return found
            _let_go(found)
        if attempt == "as it stands":
            if in_reach(by, assignment).exists():
                return None
            refresh_all(assignment)
    return None


@transaction.atomic
def _take(assignment: Assignment, by: Enrolment, after: str, *, help_others: bool, cell: str) -> Review | None:
    now = timezone.now()
    order = F("place") * Value(_key_of(by, assignment)) % Value(PRIME)
    passed = _row_of(assignment, after).annotate(order=order).first() if after else None
    behind = Q(order__gt=passed.order) if passed else Q(pk__isnull=False)
    rows = Review.objects.filter(assignment=assignment, waits=True).exclude(pk=passed.pk if passed else 0)
    rows = rows.filter(Q(holder=None) | Q(holder=by) | Q(held_until__lt=now))
    if cell:
        rows = rows.filter(waits_in(cell, assignment))
    if not help_others:
        rows = rows.filter(Q(share_of=None) | Q(share_of=by) | Q(share_of__left_at__isnull=False))
    mine = Case(When(share_of=by, then=Value(True)), default=Value(False), output_field=BooleanField())
    rows = rows.annotate(order=order, mine=mine, behind=_flag(behind)).order_by("-mine", "-behind", "order")
    # Most often one of the first few is in reach; asking for all of a large class is the slower question.
    first_few = list(rows.values_list("pk", flat=True)[:FIRST_FEW])
    mine_among = markable(by, assignment)
    lock = rows.select_for_update(no_key=True, skip_locked=True, of=("self",))
    near = list(Review.objects.filter(mine_among, pk__in=first_few).values_list("pk", flat=True))
    found = lock.filter(pk__in=near).first() or lock.filter(mine_among).first()
    if found is not None:
        _hold(found, by, now, OPENED)
    return found


def _row_of(assignment: Assignment, owner: str) -> QuerySet[Review]:
    return Review.objects.filter(named_by(owner), assignment=assignment)


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _key_of(staff: Enrolment, assignment: Assignment) -> int:
    """Another one for each marker, the same each time: multiplying by it modulo a prime puts all rows in another order."""
    digest = hashlib.sha256(f"{staff.pk}:{assignment.pk}".encode()).digest()
    return 1 + int.from_bytes(digest[:8], "big") % (PRIME - 1)


def _hold(review: Review, by: Enrolment, now: datetime, span: timedelta) -> None:
    if review.holder_id != by.pk or review.held_until is None or review.held_until < now:
        review.opened_at = now
    review.holder, review.held_until = by, now + span
    review.save(update_fields=["holder", "opened_at", "held_until"])


def _let_go(review: Review) -> None:
    Review.objects.filter(pk=review.pk).update(holder=None, opened_at=None, held_until=None)


@transaction.atomic
def open_review(*, submission: Submission, by: Enrolment, span: timedelta = OPENED, take_over: bool = False) -> Review:
    """Hold this piece of work if it is free, or in any case to `take_over`. The row says who holds it now."""
    row = _row_of(submission.assignment, submission.owner_slug)
    if not row.exists():
        refresh_reviews(submission.assignment, [submission.owner])
    review = row.select_related("holder__user").select_for_update(no_key=True, of=("self",)).get()
    now = timezone.now()
    is_free = review.holder_id in (None, by.pk) or review.held_until is None or review.held_until < now
    if is_free or take_over:
        _hold(review, by, now, span)
    return review


@transaction.atomic
def leave_review(*, submission: Submission, by: Enrolment) -> None:
    """The page was closed: others may have it."""
    mine = _row_of(submission.assignment, submission.owner_slug).filter(holder=by)
    mine.update(holder=None, opened_at=None, held_until=None)


@dataclass(frozen=True)
class Press:
    """One press of "save": its name, and a digest of what was sent."""

    key: UUID
    content: str = ""


def was_saved(press: Press, by: Enrolment) -> bool:
    """Whether exactly this has been carried out. A page that came back from the browser's memory may use its key again
    for something else: then it is another press.
    """
    return Marking.objects.filter(key=press.key, marker=by, content=press.content).exists()


def record_marking(*, press: Press, submission: Submission, by: Enrolment, marks: int) -> None:
    """In the transaction that writes the marks: this press was carried out, and the work is free again."""
    row = _row_of(submission.assignment, submission.owner_slug).filter(holder=by).first()
    key = uuid4() if Marking.objects.filter(key=press.key).exists() else press.key
    Marking.objects.create(
        key=key, submission=submission, marker=by, marks=marks, content=press.content,
        opened_at=row.opened_at if row else None,
    )  # fmt: skip
    if row is not None:
        _let_go(row)
