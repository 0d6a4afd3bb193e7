"""What papers are marked by, and notes on their pages."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from assignments.models import Assignment, Submission
from assignments.policy import LONGEST_QUESTION, MOST_QUESTIONS
from courses.models import Enrolment
from grading.models import Criterion, Mark, PaperNote
from grading.papers.selectors import criteria_of
from grading.rows import row_of
from grading.services.reviews import refresh_all


class NoteRefused(Exception):
    """The note was not kept; the message says why and what to do."""


@transaction.atomic
def change_criteria(*, assignment: Assignment, wanted: Sequence[tuple[int, str, Decimal]]) -> None:
    """What a paper is marked by from now on: (pk or 0, text, points). What has marks and changes its points is made anew."""
    Assignment.objects.select_for_update(no_key=True, of=("self",)).get(pk=assignment.pk)
    there = {criterion.pk: criterion for criterion in criteria_of(assignment)}
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
    return [*rows, (0, "Writing, figures and format", Decimal(max(100 - each * len(questions), 1)))]


def write_page_note(
    *, submission: Submission, by: Enrolment, text: str, page: int, place: tuple[int, int, int, int] | None
) -> PaperNote:
    """Words on a page, or on a part of it: left, top, width, height in thousandths. Raises NoteRefused."""
    if not text:
        raise NoteRefused("Write the note first.")
    if place is not None and (page < 1 or not _lies_on_page(place)):
        place = None
    left, top, width, height = place or (None, None, None, None)
    return PaperNote.objects.create(
        submission=submission, author=by, text=text, page=max(page, 0), left=left, top=top, width=width, height=height
    )


def _lies_on_page(place: tuple[int, int, int, int]) -> bool:
    left, top, width, height = place
    return 0 <= left <= 1000 and 0 <= top <= 1000 and 1 <= width <= 1000 and 1 <= height <= 1000  # noqa: PLR2004  thousandths


@transaction.atomic
def remove_note(*, note: PaperNote, by: Enrolment) -> None:
    """Take one's own note away. Raises NoteRefused for others'. What a release showed stays shown."""
    if note.author_id != by.pk and not by.is_lecturer:
        raise NoteRefused("This note is somebody else's.")
    PaperNote.objects.filter(pk=note.pk, removed_at=None).update(removed_at=timezone.now())
