"""Entering marks. They are added, never changed, and released as any other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from assignments.models import Assignment, Submission
from courses.models import Course, Enrolment
from grading.entered.selectors import entered_marks
from grading.models import Mark
from grading.policy.codes import Code
from grading.rows import ENTERED_ROW


class EnteringRefused(Exception):
    """The marks were not saved. `meanwhile`: marks that others have entered since the page was made."""

    def __init__(self, message: str, meanwhile: Sequence[Mark] = ()) -> None:
        super().__init__(message)
        self.meanwhile = meanwhile


@dataclass(frozen=True)
class Entry:
    """What one row of the page says. `seen`: number of the mark that stood there; 0: none did."""

    percent: Decimal | None
    note: str
    seen: int = 0
    code: str = ""
    by_hand: bool = True
    """A person says so, and no vote."""


NOTHING = Entry(None, "")


def entry_of(mark: Mark | None) -> Entry:
    """What stands in the fields of a row for a mark."""
    if mark is None:
        return NOTHING
    return Entry(None if mark.code else mark.points, mark.comment, mark.pk, mark.code, mark.by_hand)


@transaction.atomic
def record_entered(*, target: Assignment, by: Enrolment, entries: Mapping[Enrolment, Entry]) -> int:
    """Add a mark for each row that differs from the latest one; how many. All or none.

    Raises EnteringRefused if somebody else has entered a mark since the page was made.
    """
    Course.objects.select_for_update(no_key=True).get(pk=by.course_id)
    latest = {student: marks[-1] for student, marks in entered_marks(target, entries).items()}
    meanwhile = [latest[s.pk] for s, entry in entries.items() if s.pk in latest and entry.seen != latest[s.pk].pk]
    if meanwhile:
        raise EnteringRefused("Somebody else has entered marks meanwhile.", meanwhile)
    stood = {student: entry_of(latest.get(student.pk)) for student in entries}
    changed = {s: entry for s, entry in entries.items() if _said(entry) != _said(stood[s])}
    new = {s: replace(entry, by_hand=_by_hand(stood[s], entry)) for s, entry in changed.items()}
    add_marks(target, by, new, batch=uuid4())
    return len(changed)


def _said(entry: Entry) -> tuple[Decimal | None, str, str]:
    return entry.percent, entry.code, entry.note


def _by_hand(stood: Entry, entry: Entry) -> bool:
    """A figure that came from ballots and is only saved once more, perhaps with other words, stays theirs."""
    return stood.by_hand or (stood.percent, stood.code) != (entry.percent, entry.code)


def enter_reckoned(target: Assignment, by: Enrolment, entries: Mapping[Enrolment, Entry]) -> int:
    """Marks that follow from votes or attendance, where they differ; how many. What a person entered stays.

    The course must be locked.
    """
    stand = {student: marks[-1] for student, marks in entered_marks(target, entries).items()}
    new = {student: entry for student, entry in entries.items() if _replaces(entry, stand.get(student.pk))}
    add_marks(target, by, new, batch=uuid4())
    return len(new)


def _replaces(entry: Entry, mark: Mark | None) -> bool:
    """Whether it says something else than what stands there, and no person set that."""
    if mark is None or mark.is_taken_back:
        return entry.percent is not None or bool(entry.code)
    return not mark.by_hand and (mark.points, mark.comment) != (entry.percent, entry.note)


def add_marks(target: Assignment, by: Enrolment, entries: Mapping[Enrolment, Entry], batch: UUID | None) -> None:
    """One mark for each, and what it hangs on where there is nothing yet. The course must be locked."""
    hangs_on = _submissions(target, by, entries)
    Mark.objects.bulk_create(
        Mark(
            submission=hangs_on[student.pk],
            grade_id=ENTERED_ROW.grade_id,
            points=Decimal() if entry.code == Code.ABSENT else entry.percent,
            code=entry.code,
            comment=entry.note,
            batch=batch,
            by_hand=entry.by_hand,
            marker=by,
        )
        for student, entry in entries.items()
    )


def _submissions(target: Assignment, by: Enrolment, students: Iterable[Enrolment]) -> dict[int, Submission]:
    """Student pk → what their mark hangs on: it has no file, and is made with the first mark."""
    known = {row.student_id or 0: row for row in target.submissions.filter(student__in=students)}
    times = dict.fromkeys(("received_at", "completed_at", "accepted_at"), timezone.now())
    fresh = Submission.objects.bulk_create(
        Submission(assignment=target, student=student, number=1, handed_in_by=by, **times)
        for student in students
        if student.pk not in known
    )
    return known | {row.student_id or 0: row for row in fresh}


@transaction.atomic
def undo_last_batch(*, target: Assignment, by: Enrolment, seen: str | None = None) -> int:
    """Put back what stood before the marks that were saved last, by new marks; how many.

    `seen`: the batch that the page spoke of. Raises EnteringRefused if another was saved, or one of them changed, since.
    """
    Course.objects.select_for_update(no_key=True).get(pk=by.course_id)
    students = Enrolment.objects.filter(submissions__assignment=target)
    history = entered_marks(target, students)
    last = max((marks[-1] for marks in history.values()), key=lambda mark: mark.pk, default=None)
    if last is None or last.batch is None:
        raise EnteringRefused("There is nothing to undo.")
    if seen is not None and str(last.batch) != seen:
        raise EnteringRefused(f"{last.marker.user} has saved marks since you opened the page. Look at them first.")
    touched = [marks for marks in history.values() if any(mark.batch == last.batch for mark in marks)]
    if any(marks[-1].batch != last.batch for marks in touched):
        raise EnteringRefused("Somebody has changed one of these marks since.", [marks[-1] for marks in touched])
    known = students.in_bulk()
    before = {known[marks[-1].submission.student_id or 0]: _before(marks) for marks in touched}
    add_marks(target, by, before, batch=None)
    return len(before)


def _before(marks: Sequence[Mark]) -> Entry:
    """What stood before the last mark. It has no batch when it is put back: undoing is not undone."""
    return entry_of(marks[-2]) if len(marks) > 1 else NOTHING
