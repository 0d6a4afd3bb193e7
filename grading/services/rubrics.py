"""Rubrics: made and changed while people mark. A change reaches every mark that has the item, by new marks beside the old."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from assignments.models import Assignment
from courses.models import Enrolment
from grading.models import Mark, Rubric, RubricItem
from grading.policy.rubric import rubric_points


@dataclass(frozen=True)
class Regraded:
    """A mark that a change of the rubric moves."""

    before: Mark
    points: Decimal


def rubrics_of(assignments: Iterable[Assignment]) -> dict[tuple[int, str], Rubric]:
    """(assignment pk, grade id) → its rubric with all items, also those that are retired."""
    found = Rubric.objects.filter(assignment__in=assignments).prefetch_related("items")
    return {(rubric.assignment_id, rubric.grade_id): rubric for rubric in found}


def current_items(rubric: Rubric | None) -> list[RubricItem]:
    """Those that can be ticked, in the order in which they were made."""
    return [item for item in rubric.items.all() if item.retired_at is None] if rubric else []


@transaction.atomic
def add_item(*, assignment: Assignment, grade_id: str, text: str, points: Decimal) -> RubricItem:
    """One more item; the rubric is made with its first."""
    Assignment.objects.select_for_update(of=("self",)).get(pk=assignment.pk)
    rubric, _ = Rubric.objects.get_or_create(assignment=assignment, grade_id=grade_id)
    return RubricItem.objects.create(rubric=rubric, text=text, points=points)


@transaction.atomic
def set_start(*, rubric: Rubric, starts_full: bool, maximum: Decimal, by: Enrolment) -> list[Regraded]:
    """Begin from the full points or from nothing. Returns the marks that moved."""
    rubric = Rubric.objects.select_for_update().get(pk=rubric.pk)
    rubric.starts_full = starts_full
    rubric.save(update_fields=["starts_full"])
    return _regrade(rubric, maximum, by)


@transaction.atomic
def change_item(*, item: RubricItem, text: str, points: Decimal, maximum: Decimal, by: Enrolment) -> list[Regraded]:
    """Another wording or other points, for every mark that has it. Returns the marks that moved."""
    rubric = Rubric.objects.select_for_update().get(pk=item.rubric_id)
    RubricItem.objects.filter(pk=item.pk).update(text=text, points=points)
    return _regrade(rubric, maximum, by)


@transaction.atomic
def retire_item(*, item: RubricItem, maximum: Decimal, by: Enrolment) -> list[Regraded]:
    """It can be ticked no more, and no longer counts where it was. Returns the marks that moved."""
    rubric = Rubric.objects.select_for_update().get(pk=item.rubric_id)
    RubricItem.objects.filter(pk=item.pk, retired_at=None).update(retired_at=timezone.now())
    return _regrade(rubric, maximum, by)


def _regrade(rubric: Rubric, maximum: Decimal, by: Enrolment) -> list[Regraded]:
    """New marks where the rubric now says something else. Marks without any item were given by hand and stay."""
    points = {item.pk: item.points for item in rubric.items.filter(retired_at=None)}
    moved = []
    for mark in latest_of_rubric(rubric):
        kept = [pk for pk in mark.rubric if pk in points]
        now = rubric_points(
            maximum=maximum,
            starts_full=rubric.starts_full,
            items=[points[pk] for pk in kept],
            adjustment=mark.adjustment,
        )
        if (now, kept) != (mark.points, mark.rubric):
            moved.append(Regraded(mark, now))
            Mark.objects.create(
                submission=mark.submission, grade_id=mark.grade_id, points=now, comment=mark.comment,
                rubric=kept, adjustment=mark.adjustment, marker=by,
            )  # fmt: skip
    return moved


def latest_of_rubric(rubric: Rubric) -> list[Mark]:
    """The mark that holds for each submission, where it was made with this rubric."""
    rows = Mark.objects.filter(submission__assignment=rubric.assignment_id, grade_id=rubric.grade_id)
    latest = {mark.submission_id: mark for mark in rows.select_related("submission__student__user").order_by("pk")}
    return [mark for mark in latest.values() if mark.rubric]
