"""Marking groups' work. Marks are added, never changed; once all criteria have points the members' marks follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from courses.models import Course, Enrolment
from grading.models import Criterion, EnteredMark, PaperMark, PaperNote
from grading.papers.selectors import GroupWork, criteria_of, works_of
from grading.policy.papers import member_percent
from projects.models import Deliverable, Group, Membership, Stage

NOTE = "Marked as a group."


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
    stage, group = work.history.stage, work.group
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
            stage=stage, group=group, deliverable=None if work.is_talk else work.counting, criterion=criterion,
            points=new.points, comment=new.comment, marker=by,
        )
        for criterion, new in changed.items()
    )  # fmt: skip
    return carry_over(works_of(stage, [group], talks)[0], by=by)


def _latest_of(work: GroupWork, by: Enrolment) -> dict[int, PaperMark]:
    """The marks that hold: of a talk one's own."""
    for sheet in work.sheets:
        if not work.is_talk or all(mark.marker_id == by.pk for mark in sheet.values()):
            return sheet
    return {}


@transaction.atomic
def carry_over(work: GroupWork, *, by: Enrolment, factors: Mapping[int, Decimal] | None = None) -> list[Enrolment]:
    """Write the mark of each member, where the group's is whole and theirs differs. Who has one by hand keeps it.

    `factors`: student pk → factor of their contribution; without it the one that holds. Returns those who keep theirs.
    """
    percent = work.percent
    if percent is None:
        return []
    Course.objects.select_for_update(no_key=True).get(pk=by.course_id)
    stage, counting = work.history.stage, work.counting
    members = list(counting.members.all()) if counting and not work.is_talk else members_now(work.group)
    latest = {
        mark.student_id: mark for mark in EnteredMark.objects.filter(stage=stage, student__in=members).order_by("pk")
    }
    kept = [member for member in members if _is_by_hand(latest.get(member.pk))]
    holding = {pk: mark.factor for pk, mark in latest.items() if mark.group_id is not None}
    factors = {**holding, **(factors or {})}
    received = counting.received_at if counting and not work.is_talk else None
    batch = uuid4()
    new = [
        EnteredMark(
            stage=stage, student=member, group=work.group, factor=factors.get(member.pk, Decimal(1)), received_at=received,
            percent=member_percent(percent, factors.get(member.pk, Decimal(1))), note=NOTE, batch=batch, marker=by,
        )
        for member in members
        if member not in kept
    ]  # fmt: skip
    EnteredMark.objects.bulk_create([mark for mark in new if _differs(latest.get(mark.student_id), mark)])
    return kept


def _is_by_hand(mark: EnteredMark | None) -> bool:
    """A lecturer set something for this student alone; an emptied mark is none."""
    return mark is not None and mark.group_id is None and (mark.percent is not None or bool(mark.code))


def _differs(old: EnteredMark | None, new: EnteredMark) -> bool:
    return old is None or (old.percent, old.received_at, old.group_id, old.factor) != (
        new.percent, new.received_at, new.group_id, new.factor,
    )  # fmt: skip


def members_now(group: Group) -> list[Enrolment]:
    """Who is in the group."""
    rows = Membership.objects.filter(group=group, left_at=None).select_related("student__user").order_by("seat")
    return [row.student for row in rows]


@transaction.atomic
def change_criteria(*, stage: Stage, wanted: Sequence[tuple[int, str, Decimal]]) -> None:
    """Make these the stage's criteria: (pk or 0, text, points). What has marks and changes its points is made anew."""
    Stage.objects.select_for_update(no_key=True, of=("self",)).get(pk=stage.pk)
    there = {criterion.pk: criterion for criterion in criteria_of(stage)}
    kept = set()
    for position, (pk, text, points) in enumerate(wanted):
        old = there.get(pk)
        if old is not None and (old.points == points or not old.marks.exists()):
            Criterion.objects.filter(pk=pk).update(text=text, points=points, position=position)
            kept.add(pk)
        else:
            Criterion.objects.create(stage=stage, text=text, points=points, position=position)
    Criterion.objects.filter(pk__in=set(there) - kept).update(retired_at=timezone.now())


def criteria_from_questions(stage: Stage) -> list[tuple[int, str, Decimal]]:
    """A proposal where there are none: the course's own questions share 80 points, how it is written and shown has 20."""
    questions = list(stage.questions) or [stage.title]
    each = (Decimal(80) / len(questions)).quantize(Decimal("0.01"))
    rows = [(0, question, each) for question in questions]
    rows[-1] = (0, questions[-1], 80 - each * (len(questions) - 1))
    return [*rows, (0, "Writing, figures and format", Decimal(20))]


@transaction.atomic
def note_on_page(
    *, deliverable: Deliverable, by: Enrolment, text: str, page: int, place: tuple[int, int, int, int] | None
) -> PaperNote:
    """Words on a page, or on a part of it: left, top, width, height in thousandths. Raises MarkingRefused."""
    if not text:
        raise MarkingRefused("Write the note first.")
    if place is not None and (page < 1 or not _lies_on_page(place)):
        place = None
    left, top, width, height = place or (None, None, None, None)
    return PaperNote.objects.create(
        deliverable=deliverable, author=by, text=text, page=max(page, 0), left=left, top=top, width=width, height=height
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
