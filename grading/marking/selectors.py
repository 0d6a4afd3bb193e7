"""How the marking of an assignment is shared out, and what second marks say of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from assignments.models import Assignment, Submission
from courses.models import Course, Enrolment, Role
from courses.requests import key_in
from grading.models import Conflict, Review, SecondMark, SecondReview
from grading.policy.sharing import Agreement, agreement
from grading.selectors.grades import ItemGrade
from grading.selectors.reviews import markable


@dataclass(frozen=True)
class Share:
    """What one person has: of their share what still waits, second marks that wait, and how they agree with the first."""

    grader: Enrolment
    waits: int
    seconds: int
    agreement: Agreement | None


def graders_of(course: Course) -> list[Enrolment]:
    """Everybody who may mark, by name."""
    staff = Enrolment.objects.filter(course=course, role__gt=Role.STUDENT, left_at=None)
    return list(staff.select_related("user", "course").prefetch_related("sections").order_by("user__name", "pk"))


def shares_of(assignment: Assignment, graders: Iterable[Enrolment], items: Iterable[ItemGrade]) -> list[Share]:
    """One row for each of these people."""
    waits = Review.objects.filter(assignment=assignment, waits=True, share_of__isnull=False)
    has = dict(waits.order_by().values_list("share_of").annotate(Count("pk")))
    seconds = SecondReview.objects.filter(submission__assignment=assignment, done_at=None)
    again = dict(seconds.order_by().values_list("marker").annotate(Count("pk")))
    pairs = pairs_of(assignment, items)
    return [Share(g, has.get(g.pk, 0), again.get(g.pk, 0), agreement(pairs[g.pk])) for g in graders]


def pairs_of(
    assignment: Assignment, items: Iterable[ItemGrade]
) -> defaultdict[int, list[tuple[Decimal, Decimal, Decimal]]]:
    """Second marker → (first, second, maximum) for each cell that both marked."""
    first = {item.history.counting.pk: item for item in items if item.history.counting is not None}
    found: defaultdict[int, list[tuple[Decimal, Decimal, Decimal]]] = defaultdict(list)
    seconds = SecondMark.objects.filter(review__submission__assignment=assignment).select_related("review")
    for second in seconds.order_by("pk"):
        item = first.get(second.review.submission_id)
        mark = item.marks.get(second.grade_id) if item else None
        row = next((r for r in item.results if r.grade_id == second.grade_id), None) if item else None
        if mark is not None and mark.points is not None and row is not None:
            found[second.review.marker_id].append((mark.points, second.points, row.points))
    return found


def unshared(assignment: Assignment) -> int:
    """How much waits that is nobody's share."""
    free = Q(share_of=None) | Q(share_of__left_at__isnull=False)
    return Review.objects.filter(free, assignment=assignment, waits=True).count()


def conflicts_of(course: Course) -> list[Conflict]:
    """Who does not mark whom, and why."""
    stated = Conflict.objects.filter(student__course=course)
    return list(stated.select_related("marker__user", "student__user", "stated_by__user"))


def conflict_or_404(lecturer: Enrolment, conflict: str) -> Conflict:
    """One of the lecturer's course."""
    stated = Conflict.objects.filter(student__course=lecturer.course_id)
    found = stated.filter(pk=key_in(conflict)).first()
    if found is None:
        raise Http404("No such conflict")
    return found


def waiting_seconds(staff: Enrolment, assignment: Assignment) -> int:
    """How many this person is still to mark a second time."""
    return _seconds(staff, assignment).count()


def next_second(staff: Enrolment, assignment: Assignment) -> SecondReview | None:
    """The next that this person is to mark a second time."""
    return _seconds(staff, assignment).select_related("submission").first()


def _seconds(staff: Enrolment, assignment: Assignment) -> QuerySet[SecondReview]:
    """Of students whom this person may still mark: some may have changed section since they were drawn."""
    mine = SecondReview.objects.filter(submission__assignment=assignment, marker=staff, done_at=None)
    return mine.filter(markable(staff, assignment, "submission__"))


def second_or_404(staff: Enrolment, submission: Submission) -> SecondReview:
    """Only whoever was drawn for it."""
    found = SecondReview.objects.filter(submission=submission, marker=staff).first()
    if found is None:
        raise Http404("Not drawn for you")
    return found


def counts_of_seconds(assignment: Assignment) -> tuple[int, int]:
    """How many were drawn, and how many of these are done."""
    rows = SecondReview.objects.filter(submission__assignment=assignment)
    counted = rows.aggregate(drawn=Count("pk"), done=Count("pk", filter=Q(done_at__isnull=False)))
    return counted["drawn"], counted["done"]


def everybody(pairs: Mapping[int, Sequence[tuple[Decimal, Decimal, Decimal]]]) -> Agreement | None:
    """All second marks together."""
    return agreement([pair for each in pairs.values() for pair in each])
