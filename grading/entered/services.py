"""Entering marks and showing them. Marks are added, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from django.db import transaction
from django.db.models import Max

from assignments.models import Assignment
from courses.mails import write_mails
from courses.models import Course, Enrolment
from courses.policy.calendar import end_of_minute
from courses.selectors import current_late_policy
from grading.entered.selectors import EnteredGrade, entered_grades, group_dues
from grading.models import EnteredMark, MarkRelease
from grading.policy.codes import SAID, Code
from groups.models import Membership


class EnteringRefused(Exception):
    """The marks were not saved. `meanwhile`: marks that others have entered since the page was made."""

    def __init__(self, message: str, meanwhile: Sequence[EnteredMark] = ()) -> None:
        super().__init__(message)
        self.meanwhile = meanwhile


@dataclass(frozen=True)
class Entry:
    """What one row of the page says. `seen`: number of the mark that stood there; 0: none did."""

    percent: Decimal | None
    received_at: datetime | None
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
    batch, groups = uuid4(), _groups_of(target, list(entries))
    changed = [(student, entry) for student, entry in entries.items() if _differs(latest.get(student.pk), entry)]
    EnteredMark.objects.bulk_create(
        [
            EnteredMark(
                **of_target,
                **_kept(latest.get(student.pk), entry, groups.get(student.pk)),
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


def _groups_of(target: Assignment, students: Sequence[Enrolment]) -> dict[int, int]:
    """Student pk → the group that they are in, where groups hand in: its extension counts for a time that is typed."""
    if target.group_set_id is None:
        return {}
    now = Membership.objects.filter(group_set=target.group_set_id, student__in=students, left_at=None)
    return dict(now.values_list("student", "group"))


def _kept(mark: EnteredMark | None, entry: Entry, group: int | None) -> dict[str, object]:
    """What the page does not say and stays: the group, the exact second, and whether a person set the figure."""
    if mark is None:
        return {"received_at": entry.received_at, "group_id": group}
    same_time = _is_same_minute(mark, entry)
    kept: dict[str, object] = {
        "group_id": mark.group_id or group, "received_at": mark.received_at if same_time else entry.received_at,
    }  # fmt: skip
    if same_time and (mark.percent, mark.code) == (entry.percent, entry.code):
        kept |= {"by_hand": mark.by_hand, "factor": mark.factor}
    return kept


def _is_same_minute(mark: EnteredMark, entry: Entry) -> bool:
    """The page shows minutes, and reads them back as their end."""
    if mark.received_at is None or entry.received_at is None:
        return mark.received_at == entry.received_at
    return end_of_minute(mark.received_at) == end_of_minute(entry.received_at)


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
    names = ("percent", "code", "received_at", "note", "group_id", "factor", "by_hand")
    stood = {name: getattr(marks[-2], name) for name in names} if len(marks) > 1 else {}
    return EnteredMark(**of_target, student_id=marks[-1].student_id, marker=by, **stood)


def _differs(mark: EnteredMark | None, entry: Entry) -> bool:
    if mark is None:
        return entry.percent is not None or bool(entry.note) or bool(entry.code)
    percent = None if mark.code else mark.percent
    same = (percent, mark.code, mark.note) == (entry.percent, entry.code, entry.note)
    return not (same and _is_same_minute(mark, entry))


@transaction.atomic
def release_entered(*, target: Assignment, by: Enrolment) -> MarkRelease:
    """Show every mark that stands there now, under the late rule that holds now, and tell those who see another one.

    Later marks need another release.
    """
    Course.objects.select_for_update(no_key=True).get(pk=by.course_id)
    last = EnteredMark.objects.filter(assignment=target).aggregate(last=Max("pk"))["last"]
    if last is None:
        raise EnteringRefused("There is no mark to release yet.")
    grades = _grades_of(target)
    release = MarkRelease.objects.create(
        assignment=target,
        up_to=last,
        released_by=by,
        late_policy=current_late_policy(by.course),
        due_at=target.due_at,
        group_dues=_frozen_dues(target, by.course),
    )
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


def _frozen_dues(target: Assignment, course: Course) -> dict[str, str]:
    """Group pk → when it is due for a group that has more time for it."""
    dues = group_dues(course)
    return {str(group): due_at.isoformat() for (stage, group), due_at in dues.items() if stage == target.pk}
