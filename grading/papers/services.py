"""Marking groups' work. Marks are added, never changed; once all criteria have points the members' marks follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from assignments.models import Assignment, Submission
from assignments.policy import LONGEST_QUESTION, MOST_QUESTIONS
from courses.models import Enrolment
from grading.models import Conflict, Criterion, Mark, PaperMark, PaperNote
from grading.papers.members import bring_up_to_date, carry_over
from grading.papers.selectors import GroupWork, criteria_of, groups_at_work, members_of_work, works_of
from grading.rows import row_of
from grading.services.reviews import refresh_all
from groups.models import Group


class MarkingRefused(Exception):
    """The marks were not saved; the message says why and what to do."""


@dataclass(frozen=True)
class NewPoints:
    """Points and words for one criterion."""

    points: Decimal
    comment: str = ""


@transaction.atomic
def record_paper_marks(
    *, work: GroupWork, by: Enrolment, marks: Mapping[Criterion, NewPoints], seen: int
) -> list[Enrolment]:
    """Add what differs from what holds, and bring the members' marks up to it.

    `seen`: number of the latest mark that the page showed; 0: none. Raises MarkingRefused when others marked since. Returns
    members whose mark was entered by hand since and therefore stays.
    """
    stage, group = work.history.assignment, work.group
    refuse_in_conflict(work, by)
    Group.objects.select_for_update(no_key=True, of=("self",)).get(pk=group.pk)
    talks = frozenset([group.pk]) if work.is_talk else frozenset()
    now = works_of(stage, [group], talks)[0]
    if (now.counting and now.counting.pk) != (work.counting and work.counting.pk):
        raise MarkingRefused("The group has handed in another version meanwhile. Look at that one.")
    latest = _latest_of(now, by)
    if not work.is_talk and max((mark.pk for mark in latest.values()), default=0) != seen:
        raise MarkingRefused(
            "Somebody else has marked this meanwhile. Their points stand below; save again to replace them."
        )
    changed = {
        criterion: new
        for criterion, new in marks.items()
        if criterion.pk not in latest
        or (latest[criterion.pk].points, latest[criterion.pk].comment) != (new.points, new.comment)
    }
    if any(new.points > criterion.points or new.points < 0 for criterion, new in changed.items()):
        raise MarkingRefused("Points lie between 0 and what the criterion has.")
    PaperMark.objects.bulk_create(
        PaperMark(
            stage=stage, group=group, submission=None if work.is_talk else work.counting, criterion=criterion,
            points=new.points, comment=new.comment, marker=by,
        )
        for criterion, new in changed.items()
    )  # fmt: skip
    return carry_over(works_of(stage, [group], talks)[0], by=by)


def refuse_in_conflict(work: GroupWork, by: Enrolment) -> None:
    """Who does not mark a student marks no group of theirs. Raises MarkingRefused."""
    people = members_of_work(work)
    stated = Conflict.objects.filter(marker=by, student__in=people).first()
    if stated is not None:
        raise MarkingRefused(
            "You do not mark somebody in this group: a conflict of interest is stated. Leave it to others."
        )


def _latest_of(work: GroupWork, by: Enrolment) -> dict[int, PaperMark]:
    """The marks that hold: of a talk one's own."""
    for sheet in work.sheets:
        if not work.is_talk or all(mark.marker_id == by.pk for mark in sheet.values()):
            return sheet
    return {}


@transaction.atomic
def change_criteria(*, stage: Assignment, wanted: Sequence[tuple[int, str, Decimal]], by: Enrolment) -> None:
    """Make these the stage's criteria: (pk or 0, text, points). What has marks and changes its points is made anew.

    Members' marks of groups whose sheets are still whole follow.
    """
    Assignment.objects.select_for_update(no_key=True, of=("self",)).get(pk=stage.pk)
    there = {criterion.pk: criterion for criterion in criteria_of(stage)}
    kept = set()
    for position, (pk, text, points) in enumerate(wanted):
        old = there.get(pk)
        if old is not None and (old.points == points or not _is_marked(old)):
            Criterion.objects.filter(pk=pk).update(text=text, points=points, position=position)
            kept.add(pk)
        else:
            Criterion.objects.create(assignment=stage, text=text, points=points, position=position)
    Criterion.objects.filter(pk__in=set(there) - kept).update(retired_at=timezone.now())
    if stage.is_stage:
        bring_up_to_date(stage, groups_at_work(stage), by=by)
    else:
        refresh_all(stage)


def _is_marked(criterion: Criterion) -> bool:
    """Whether somebody was given points by it, as a stage's sheets or as all other work is marked."""
    marks = Mark.objects.filter(submission__assignment=criterion.assignment_id, grade_id=row_of(criterion).grade_id)
    return criterion.marks.exists() or marks.exists()


@transaction.atomic
def propose_criteria(assignment: Assignment) -> None:
    """The criteria of a new paper, made from its own questions, until the lecturer says otherwise."""
    rows = criteria_from_questions(assignment)
    Criterion.objects.bulk_create(
        Criterion(assignment=assignment, text=text, points=points, position=place)
        for place, (_, text, points) in enumerate(rows)
    )


def criteria_from_questions(stage: Assignment) -> list[tuple[int, str, Decimal]]:
    """A proposal of 100 points where there are none: about 80 for the course's own questions, the rest for form."""
    questions = [question[:LONGEST_QUESTION] for question in stage.questions[:MOST_QUESTIONS]] or [stage.title]
    each = max(80 // len(questions), 1)
    rows = [(0, question, Decimal(each)) for question in questions]
    return [*rows, (0, "Writing, figures and format", Decimal(max(100 - each * len(questions), 1)))]


@transaction.atomic
def note_on_page(
    *, submission: Submission, by: Enrolment, text: str, page: int, place: tuple[int, int, int, int] | None
) -> PaperNote:
    """The same of a stage of a project, where nobody marks whom they do not mark. Raises MarkingRefused."""
    if text:
        refuse_in_conflict(works_of(submission.assignment, [submission.team])[0], by)
    return write_page_note(submission=submission, by=by, text=text, page=page, place=place)


def write_page_note(
    *, submission: Submission, by: Enrolment, text: str, page: int, place: tuple[int, int, int, int] | None
) -> PaperNote:
    """Words on a page, or on a part of it: left, top, width, height in thousandths. Raises MarkingRefused."""
    if not text:
        raise MarkingRefused("Write the note first.")
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
    """Take one's own note away. Raises MarkingRefused for others'. What a release showed stays shown."""
    if note.author_id != by.pk and not by.is_lecturer:
        raise MarkingRefused("This note is somebody else's.")
    PaperNote.objects.filter(pk=note.pk, removed_at=None).update(removed_at=timezone.now())
