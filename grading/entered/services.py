"""Entering marks and showing them. Marks are added, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from courses.models import Course, Enrolment
from courses.selectors import current_late_policy
from grading.entered.selectors import Target, kind_of
from grading.models import EnteredMark, MarkRelease


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


@transaction.atomic
def record_entered(*, target: Target, by: Enrolment, entries: Mapping[Enrolment, Entry]) -> int:
    """Add a mark for each row that differs from the latest one; how many. All or none.

    Raises EnteringRefused if somebody else has entered a mark since the page was made.
    """
    Course.objects.select_for_update().get(pk=by.course_id)
    kind = {kind_of(target): target}
    marks = EnteredMark.objects.filter(**kind, student__in=entries).select_related("marker__user").order_by("pk")
    latest = {mark.student_id: mark for mark in marks}
    meanwhile = [latest[s.pk] for s, entry in entries.items() if s.pk in latest and entry.seen != latest[s.pk].pk]
    if meanwhile:
        raise EnteringRefused("Somebody else has entered marks meanwhile.", meanwhile)
    changed = [(student, entry) for student, entry in entries.items() if _differs(latest.get(student.pk), entry)]
    EnteredMark.objects.bulk_create(
        [
            EnteredMark(
                **kind,
                student=student,
                marker=by,
                percent=entry.percent,
                received_at=entry.received_at,
                note=entry.note,
            )
            for student, entry in changed
        ]
    )
    return len(changed)


def _differs(mark: EnteredMark | None, entry: Entry) -> bool:
    if mark is None:
        return entry.percent is not None or bool(entry.note)
    return (mark.percent, mark.received_at, mark.note) != (entry.percent, entry.received_at, entry.note)


@transaction.atomic
def release_entered(*, target: Target, by: Enrolment) -> MarkRelease:
    """Show every mark that stands there now, under the late rule that holds now. Later ones need another release."""
    Course.objects.select_for_update().get(pk=by.course_id)
    kind = {kind_of(target): target}
    last = EnteredMark.objects.filter(**kind).aggregate(last=Max("pk"))["last"]
    if last is None:
        raise EnteringRefused("There is no mark to release yet.")
    return MarkRelease.objects.create(**kind, up_to=last, released_by=by, late_policy=current_late_policy(by.course))
