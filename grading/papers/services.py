"""What papers are marked by."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from assignments.kinds.registry import kind_of
from assignments.models import Assignment
from assignments.policy import LONGEST_QUESTION, MOST_QUESTIONS
from courses.history.services import Change, assignment_topic, record_changes
from courses.models import Enrolment
from grading.models import Criterion, Mark
from grading.papers.selectors import criteria_of
from grading.rows import row_of
from grading.services.reviews import refresh_all


@transaction.atomic
def change_criteria(
    *, assignment: Assignment, wanted: Sequence[tuple[int, str, Decimal]], by: Enrolment | None = None
) -> None:
    """What a paper is marked by from now on: (pk or 0, text, points). What has marks and changes its points is made anew.

    `by`: who wants it, for the history of settings.
    """
    Assignment.objects.select_for_update(no_key=True, of=("self",)).get(pk=assignment.pk)
    there = {criterion.pk: criterion for criterion in criteria_of(assignment)}
    if by is not None:
        was, is_now = _lines((c.text, c.points) for c in there.values()), _lines(row[1:] for row in wanted)
        said = Change(assignment.title, "Marked by", was, is_now)
        record_changes(by=by, topic=assignment_topic(assignment.pk), changes=[said])
    kept = set()
    for position, (pk, text, points) in enumerate(wanted):
        old = there.get(pk)
        if old is not None and (old.points == points or not _is_marked(old)):
            Criterion.objects.filter(pk=pk).update(text=text, points=points, position=position)
            kept.add(pk)
        else:
            Criterion.objects.create(assignment=assignment, text=text, points=points, position=position)
    Criterion.objects.filter(pk__in=set(there) - kept).update(retired_at=timezone.now())
    refresh_all(assignment)


def _lines(rows: Iterable[tuple[str, Decimal]]) -> str:
    return "\n".join(f"{text}: {points.normalize():f}" for text, points in rows)


def _is_marked(criterion: Criterion) -> bool:
    """Whether somebody was given points by it."""
    marks = Mark.objects.filter(submission__assignment=criterion.assignment_id, grade_id=row_of(criterion).grade_id)
    return marks.exists()


@transaction.atomic
def propose_criteria(assignment: Assignment) -> None:
    """The criteria of a new paper, made from its own questions, until the lecturer says otherwise."""
    rows = criteria_from_questions(assignment)
    Criterion.objects.bulk_create(
        Criterion(assignment=assignment, text=text, points=points, position=place)
        for place, (_, text, points) in enumerate(rows)
    )


def criteria_from_questions(assignment: Assignment) -> list[tuple[int, str, Decimal]]:
    """A proposal of 100 points where there are none: about 80 for the course's own questions, the rest for form."""
    questions = [question[:LONGEST_QUESTION] for question in assignment.questions[:MOST_QUESTIONS]] or [
        assignment.title
    ]
    each = max(80 // len(questions), 1)
    rows = [(0, question, Decimal(each)) for question in questions]
    return [*rows, (0, kind_of(assignment).rest, Decimal(max(100 - each * len(questions), 1)))]
