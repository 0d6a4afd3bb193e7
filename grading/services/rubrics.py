"""Rubrics: made and changed while people mark. A change reaches every mark that has the item, by new marks beside the old."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from assignments.kinds.registry import kind_of
from assignments.models import Assignment, Submission
from courses.digests import digest_of as facts_of
from courses.models import Enrolment
from courses.policy.words import points_text
from grading.models import Mark, Release, Rubric, RubricChange, RubricGroup, RubricItem, Run, TestResult
from grading.policy.rubric import rubric_points
from grading.rows import signed
from grading.selectors.rubrics import applied, caps_of, current_items, latest_of_rubric, questions_of


@dataclass(frozen=True)
class Regraded:
    """A mark that a change of the rubric moves."""

    before: Mark
    points: Decimal


@transaction.atomic
def add_item(
    *, assignment: Assignment, grade_id: str, text: str, points: Decimal, group: RubricGroup | None = None
) -> RubricItem:
    """One more item; the rubric is made with its first. The same once more is the one that there is: a double click."""
    Assignment.objects.select_for_update(no_key=True, of=("self",)).get(pk=assignment.pk)
    rubric, _ = Rubric.objects.get_or_create(assignment=assignment, grade_id=grade_id)
    same = rubric.items.filter(text=text, points=points, retired_at=None).first()
    return same or RubricItem.objects.create(rubric=rubric, text=text, points=points, group=group)


@transaction.atomic
def copy_rubric(*, source: Rubric, assignment: Assignment, grade_id: str) -> Rubric:
    """All that can be ticked there, beside what is here already; where a new rubric begins is as there. Twice is once."""
    Assignment.objects.select_for_update(no_key=True, of=("self",)).get(pk=assignment.pk)
    starts = {"starts_full": source.starts_full}
    rubric, _ = Rubric.objects.get_or_create(assignment=assignment, grade_id=grade_id, defaults=starts)
    groups = {}
    for group in source.groups.all():
        made, _ = RubricGroup.objects.get_or_create(rubric=rubric, name=group.name, defaults={"cap": group.cap})
        groups[group.pk] = made
    for item in current_items(source):
        add_item(
            assignment=assignment, grade_id=grade_id, text=item.text, points=item.points,
            group=groups.get(item.group_id or 0),
        )  # fmt: skip
    return rubric


@transaction.atomic
def set_group(*, rubric: Rubric, name: str, cap: Decimal | None, by: Enrolment, reason: str = "") -> list[Regraded]:
    """A group of this name with this limit, made or changed. Returns the marks that moved."""
    rubric = Rubric.objects.select_for_update(no_key=True).get(pk=rubric.pk)
    RubricGroup.objects.update_or_create(rubric=rubric, name=name, defaults={"cap": cap})
    limit = "without a limit" if cap is None else f"at most {points_text(cap)} together"
    return _regrade(rubric, by, f"Group {name}: {limit}", reason)


@transaction.atomic
def set_start(*, rubric: Rubric, starts_full: bool, by: Enrolment, reason: str = "") -> list[Regraded]:
    """Begin from the full points or from nothing. Returns the marks that moved."""
    rubric = Rubric.objects.select_for_update(no_key=True).get(pk=rubric.pk)
    rubric.starts_full = starts_full
    rubric.save(update_fields=["starts_full"])
    return _regrade(rubric, by, "Begins with the full points" if starts_full else "Begins with 0", reason)


@transaction.atomic
def change_item(
    *, item: RubricItem, text: str, points: Decimal, by: Enrolment, reason: str = "", group: RubricGroup | None = None
) -> list[Regraded]:
    """Another wording, other points or another group, for every mark that has it. Returns the marks that moved."""
    rubric = Rubric.objects.select_for_update(no_key=True).get(pk=item.rubric_id)
    RubricItem.objects.filter(pk=item.pk).update(text=text, points=points, group=group)
    said = f"{item.text} ({signed(item.points)}) became {text} ({signed(points)})"
    return _regrade(rubric, by, said, reason)


@transaction.atomic
def retire_item(*, item: RubricItem, by: Enrolment, reason: str = "") -> list[Regraded]:
    """It can be ticked no more, and no longer counts where it was. Returns the marks that moved."""
    rubric = Rubric.objects.select_for_update(no_key=True).get(pk=item.rubric_id)
    RubricItem.objects.filter(pk=item.pk, retired_at=None).update(retired_at=timezone.now())
    return _regrade(rubric, by, f"{item.text} ({signed(item.points)}) retired", reason)


def _regrade(rubric: Rubric, by: Enrolment, said: str, reason: str) -> list[Regraded]:
    """New marks where the rubric now says something else; each cell has the points that its own run gave it."""
    points = {item.pk: applied(item) for item in rubric.items.filter(retired_at=None)}
    caps = caps_of(rubric)
    marked = latest_of_rubric(rubric)
    list(
        Submission.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=[m.submission_id for m in marked])
        .order_by("pk")
    )
    marked = latest_of_rubric(rubric)
    maxima = _maxima(rubric, [mark.submission_id for mark in marked])
    moved = []
    for mark in marked:
        kept = [pk for pk in mark.rubric or () if pk in points]
        maximum = maxima.get(mark.submission_id)
        if maximum is None:
            continue
        now = rubric_points(
            maximum=maximum,
            starts_full=rubric.starts_full,
            items=[points[pk] for pk in kept],
            adjustment=mark.adjustment,
            caps=caps,
        )
        if (now, kept) != (mark.points, mark.rubric):
            moved.append(Regraded(mark, now))
            Mark.objects.create(
                submission=mark.submission, grade_id=mark.grade_id, points=now, comment=mark.comment,
                rubric=kept, adjustment=mark.adjustment, marker=mark.marker if mark.submission.is_talk else by,
            )  # fmt: skip
    RubricChange.objects.create(rubric=rubric, said=said[:700], reason=reason, marks=len(moved), changed_by=by)
    return moved


def _maxima(rubric: Rubric, submissions: Iterable[int]) -> dict[int, Decimal]:
    """Submission pk → the points of this cell in its newest run that is done; of a criterion what it has now."""
    if not kind_of(rubric.assignment).has_cells:
        now = {question.grade_id: question.points for question in questions_of(rubric.assignment)}
        return dict.fromkeys(submissions, now[rubric.grade_id]) if rubric.grade_id in now else {}
    rows = TestResult.objects.filter(
        run__submission__in=list(submissions), run__state=Run.State.DONE, grade_id=rubric.grade_id
    )
    return dict(rows.order_by("run").values_list("run__submission", "points"))


def is_released(assignment: Assignment) -> bool:
    """Whether students have been shown grades of it: then a change needs a reason."""
    return Release.objects.filter(assignment=assignment).exists()


def digest_of(moved: Iterable[Regraded]) -> str:
    """Changes with which marks move and to what."""
    facts = [[each.before.pk, str(each.points)] for each in moved]
    return facts_of(facts)
