"""What people decide: points for cells, with comments. Append-only; saving over someone else's newer mark is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from assignments.models import Submission
from courses.models import Enrolment
from grading.models import Mark, Rubric
from grading.policy.rubric import rubric_points
from grading.selectors.rubrics import applied, caps_of, current_items
from grading.selectors.sheets import own_sheet
from grading.services.reviews import Press, record_marking, refresh_reviews, was_saved


class MarkRefused(Exception):
    """The marks cannot be saved as they are; the message is for the marker. Nothing was written."""


@dataclass(frozen=True)
class NewMark:
    """What a marker enters for one cell: points, or the rubric items that apply and an adjustment (then no points)."""

    points: Decimal | None
    comment: str
    rubric: tuple[int, ...] | None = None
    adjustment: Decimal = Decimal()


class AlreadySavedError(Exception):
    """This press of "save" was carried out before: nothing is written twice."""


@transaction.atomic
def record_marks(
    *,
    submission: Submission,
    by: Enrolment,
    marks: Mapping[str, NewMark],
    maxima: Mapping[str, Decimal],
    seen: int,
    press: Press | None = None,
) -> list[Mark]:
    """Append the marks that differ from what holds. `seen` is the newest mark the marker's page had (its pk, 0: none).

    Of a talk everybody who hears it has marks of their own, and nobody saves over another's. `press`: raises
    AlreadySavedError when exactly this comes again. Rubrics are locked before the submission, as where a rubric is
    changed: points are what the rubric says now.
    """
    rubrics = {rubric.grade_id: rubric for rubric in _locked_rubrics(submission)}
    Submission.objects.select_for_update(no_key=True, of=("self",)).get(pk=submission.pk)
    if press is not None and was_saved(press, by):
        raise AlreadySavedError
    latest = own_sheet(submission, by) if submission.is_talk else latest_marks(submission)
    newer = [mark for mark in latest.values() if mark.pk > seen and mark.marker_id != by.pk]
    if newer:
        raise MarkRefused(
            f"{newer[0].marker.user} marked this in the meantime. Their marks are shown now; yours were not saved over them."
        )
    made = {g: _made(g, mark, rubrics.get(g), maxima[g]) for g, mark in marks.items()}
    changed = {g: mark for g, mark in made.items() if g not in latest or _differs(latest[g], mark)}
    if any(g in latest and latest[g].pk > seen for g in changed):
        raise MarkRefused("You marked this on another page in the meantime. Those marks are shown now.")
    for grade_id, mark in changed.items():
        mark.submission, mark.grade_id, mark.marker = submission, grade_id, by
        mark.save()
    if press is not None:
        record_marking(press=press, submission=submission, by=by, marks=len(changed))
    refresh_reviews(submission.assignment, [submission.owner])
    return list(changed.values())


def _locked_rubrics(submission: Submission) -> list[Rubric]:
    locked = Rubric.objects.select_for_update(no_key=True).filter(assignment=submission.assignment_id).order_by("pk")
    return list(locked.prefetch_related("items", "groups"))


def _made(grade_id: str, new: NewMark, rubric: Rubric | None, maximum: Decimal) -> Mark:
    """The mark as it would be stored. Raises MarkRefused."""
    points, ticks = new.points, None
    if new.rubric is not None:
        known = {item.pk: applied(item) for item in current_items(rubric)}
        if rubric is None or not known.keys() >= set(new.rubric):
            raise MarkRefused(f"The rubric of {grade_id} changed while you were marking: look at it again.")
        ticks = list(new.rubric)
        points = rubric_points(
            maximum=maximum,
            starts_full=rubric.starts_full,
            items=[known[pk] for pk in ticks],
            adjustment=new.adjustment,
            caps=caps_of(rubric),
        )
    if points is None or not 0 <= points <= maximum:
        raise MarkRefused(f"{grade_id}: give between 0 and {maximum:f} points.")
    return Mark(points=points, comment=new.comment, rubric=ticks, adjustment=new.adjustment)


def _differs(old: Mark, new: Mark) -> bool:
    return any(getattr(old, name) != getattr(new, name) for name in ("points", "comment", "rubric", "adjustment"))


def latest_marks(submission: Submission) -> dict[str, Mark]:
    """Grade id → the mark that holds."""
    rows = Mark.objects.filter(submission=submission).select_related("marker__user").order_by("pk")
    return {mark.grade_id: mark for mark in rows}
