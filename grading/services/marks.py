"""What people decide: points for cells, with comments. Append-only; saving over someone else's newer mark is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from assignments.models import Submission
from courses.models import Enrolment
from grading.models import Mark


class MarkRefused(Exception):
    """The marks cannot be saved as they are; the message is for the marker. Nothing was written."""


@dataclass(frozen=True)
class NewMark:
    """Points for one cell as a marker enters them."""

    points: Decimal
    comment: str
    rubric: tuple[int, ...] = ()
    """Keys of the rubric items that apply; `points` are what they and the adjustment come to."""
    adjustment: Decimal = Decimal()


@transaction.atomic
def record_marks(
    *, submission: Submission, by: Enrolment, marks: Mapping[str, NewMark], maxima: Mapping[str, Decimal], seen: int
) -> list[Mark]:
    """Append the marks that differ from what holds. `seen` is the newest mark the marker's page had (its pk, 0: none)."""
    Submission.objects.select_for_update().get(pk=submission.pk)
    latest = latest_marks(submission)
    newer = [mark for mark in latest.values() if mark.pk > seen and mark.marker_id != by.pk]
    if newer:
        raise MarkRefused(
            f"{newer[0].marker.user} marked this in the meantime. Their marks are shown now; yours were not saved over them."
        )
    for grade_id, mark in marks.items():
        if not 0 <= mark.points <= maxima[grade_id]:
            raise MarkRefused(f"{grade_id}: give between 0 and {maxima[grade_id]:f} points.")
    changed = {
        g: m
        for g, m in marks.items()
        if (old := latest.get(g)) is None
        or (old.points, old.comment, tuple(old.rubric), old.adjustment) != (m.points, m.comment, m.rubric, m.adjustment)
    }
    return [
        Mark.objects.create(
            submission=submission,
            grade_id=g,
            points=m.points,
            comment=m.comment,
            marker=by,
            rubric=list(m.rubric),
            adjustment=m.adjustment,
        )
        for g, m in changed.items()
    ]


def latest_marks(submission: Submission) -> dict[str, Mark]:
    """Grade id → the mark that holds."""
    rows = Mark.objects.filter(submission=submission).select_related("marker__user").order_by("pk")
    return {mark.grade_id: mark for mark in rows}
