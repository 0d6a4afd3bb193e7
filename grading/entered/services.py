"""Entering marks and showing them. Marks are added, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

from django.db import transaction
from django.db.models import Max

from assignments.models import Assignment
from courses.mails import write_mails
from courses.models import Course, Enrolment
from grading.entered.selectors import EnteredGrade, entered_grades
from grading.models import EnteredMark, MarkRelease
from grading.policy.codes import SAID, Code


class EnteringRefused(Exception):
    """The marks were not saved. `meanwhile`: marks that others have entered since the page was made."""

    def __init__(self, message: str, meanwhile: Sequence[EnteredMark] = ()) -> None:
        super().__init__(message)
        self.meanwhile = meanwhile


@dataclass(frozen=True)
class Entry:
    """What one row of the page says. `seen`: number of the mark that stood there; 0: none did."""

    percent: Decimal | None
    note: str
    seen: int
    code: str = ""


@transaction.atomic
def record_entered(*, target: Assignment, by: Enrolment, entries: Mapping[Enrolment, Entry]) -> int:
    """Add a mark for each row that differs from the latest one; how many. All or none.

    Raises EnteringRefused if somebody else has entered a mark since the page was made.
    """
    Course.objects.select_for_update(no_key=True).get(pk=by.course_id)
    of_target = {"assignment": target}
    marks = EnteredMark.objects.filter(**of_target, student__in=entries).select_related("marker__user").order_by("pk")
    latest = {mark.student_id: mark for mark in marks}
    meanwhile = [latest[s.pk] for s, entry in entries.items() if s.pk in latest and entry.seen != latest[s.pk].pk]
    if meanwhile:
        raise EnteringRefused("Somebody else has entered marks meanwhile.", meanwhile)
    batch = uuid4()
    changed = [(student, entry) for student, entry in entries.items() if _differs(latest.get(student.pk), entry)]
    EnteredMark.objects.bulk_create(
        [
            EnteredMark(
                **of_target,
                by_hand=_by_hand(latest.get(student.pk), entry),
                student=student,
                marker=by,
                percent=Decimal() if entry.code == Code.ABSENT else entry.percent,
                code=entry.code,
                batch=batch,
                note=entry.note,
            )
            for student, entry in changed
        ]
    )
    return len(changed)


def _by_hand(mark: EnteredMark | None, entry: Entry) -> bool:
    """A figure that came from ballots and is only saved once more, perhaps with other words, stays theirs."""
    return mark is None or mark.by_hand or (mark.percent, mark.code) != (entry.percent, entry.code)


@transaction.atomic
def undo_last_batch(*, target: Assignment, by: Enrolment, seen: str | None = None) -> int:
    """Put back what stood before the marks that were saved last, by new marks; how many.

    `seen`: the batch that the page spoke of. Raises EnteringRefused if another was saved, or one of them changed, since.
    """
    Course.objects.select_for_update(no_key=True).get(pk=by.course_id)
    of_target = {"assignment": target}
    history: dict[int, list[EnteredMark]] = {}
    for mark in EnteredMark.objects.filter(**of_target).select_related("marker__user").order_by("pk"):
        history.setdefault(mark.student_id, []).append(mark)
    last = max((marks[-1] for marks in history.values()), key=lambda mark: mark.pk, default=None)
    if last is None or last.batch is None:
        raise EnteringRefused("There is nothing to undo.")
    if seen is not None and str(last.batch) != seen:
        raise EnteringRefused(f"{last.marker.user} has saved marks since you opened the page. Look at them first.")
    touched = [marks for marks in history.values() if any(mark.batch == last.batch for mark in marks)]
    if any(marks[-1].batch != last.batch for marks in touched):
        raise EnteringRefused("Somebody has changed one of these marks since.", [marks[-1] for marks in touched])
    EnteredMark.objects.bulk_create([_before(marks, by, of_target) for marks in touched])
    return len(touched)


def _before(marks: Sequence[EnteredMark], by: Enrolment, of_target: Mapping[str, Assignment]) -> EnteredMark:
    """What stood before the last mark, or nothing, as a new mark without a batch: undoing is not undone."""
    names = ("percent", "code", "note", "by_hand")
    stood = {name: getattr(marks[-2], name) for name in names} if len(marks) > 1 else {}
    return EnteredMark(**of_target, student_id=marks[-1].student_id, marker=by, **stood)


def _differs(mark: EnteredMark | None, entry: Entry) -> bool:
    if mark is None:
        return entry.percent is not None or bool(entry.note) or bool(entry.code)
    percent = None if mark.code else mark.percent
    return (percent, mark.code, mark.note) != (entry.percent, entry.code, entry.note)


@transaction.atomic
def release_entered(*, target: Assignment, by: Enrolment) -> MarkRelease:
    """Show every mark that stands there now, and tell those who see another one.

    Later marks need another release.
    """
    Course.objects.select_for_update(no_key=True).get(pk=by.course_id)
    last = EnteredMark.objects.filter(assignment=target).aggregate(last=Max("pk"))["last"]
    if last is None:
        raise EnteringRefused("There is no mark to release yet.")
    grades = _grades_of(target)
    release = MarkRelease.objects.create(assignment=target, up_to=last, released_by=by)
    for student, grade in grades.items():
        if not grade.is_shown_as_is:
            said = grade.grade.sentence if grade.grade else SAID.get(Code(grade.code), "It was taken back.")
            body = f"Your mark for {target.title} in {by.course.title} has been released.\n\n{said}\n"
            write_mails([student.user], f"Mark released: {target.title}", body)
    return release


@transaction.atomic
def withdraw_entered(*, target: Assignment, by: Enrolment, reason: str) -> int:
    """Show no mark of it until it is released again, and tell those who saw one why; how many. The marks stay.

    Raises EnteringRefused without a reason, or where nothing is shown.
    """
    Course.objects.select_for_update(no_key=True).get(pk=by.course_id)
    if not reason:
        raise EnteringRefused("Say why: the students read it.")
    seen_by = [student for student, grade in _grades_of(target).items() if grade.shown or grade.shown_code]
    if not seen_by:
        raise EnteringRefused("Nothing of it is shown.")
    MarkRelease.objects.create(assignment=target, up_to=0, reason=reason, released_by=by)
    body = (
        f"Your mark for {target.title} in {by.course.title} was taken back and is not shown for now.\n\n"
        f"{reason}\n\nYou get another mail when it is released again.\n"
    )
    write_mails((student.user for student in seen_by), f"Mark taken back: {target.title}", body)
    return len(seen_by)


def _grades_of(target: Assignment) -> dict[Enrolment, EnteredGrade]:
    """What stands and what is shown for everybody who has a mark of it."""
    marked = Enrolment.objects.filter(entered_marks__assignment=target).select_related("user").distinct()
    known = entered_grades(target.course, marked)
    return {student: known[target.pk, student.pk] for student in marked}
