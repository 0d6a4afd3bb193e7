"""All of one student in a course: work and marks, more time, requests, changes of who they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from assignments.anonymity import is_masked
from assignments.models import Extension, ExtensionRequest
from courses.history.services import PEOPLE
from courses.models import Enrolment, SettingChange
from gradebook.models import FinalGrade
from gradebook.standings.finals import finals_of
from gradebook.standings.selectors import Cell, Column, gradebook
from grading.models import RegradeRequest
from groups.models import Membership
from term.attendance.selectors import OwnRecord, own_record


@dataclass(frozen=True)
class Overview:
    """What one page says of a student, as far as this member of staff may know it."""

    marks: Sequence[tuple[Column, Cell | None]]
    """Each column with the cell; None: marked without names."""
    standing: Any
    final: FinalGrade | None
    extensions: QuerySet[Extension]
    asked: QuerySet[ExtensionRequest]
    regrades: QuerySet[RegradeRequest]
    groups: QuerySet[Membership]
    attendance: OwnRecord
    changes: QuerySet[SettingChange] | None
    shares_a_name: bool
    """Changes are kept by name: where two have the same one, nobody is shown the other's."""


def overview_of(student: Enrolment, staff: Enrolment) -> Overview:
    """In a constant number of questions."""
    book = gradebook(staff, [student])
    row = book.rows[0] if book.rows else None
    pairs = zip(book.columns, row.cells, strict=True) if row else ()
    marks = [
        (c, None if c.component.assignment and is_masked(staff, c.component.assignment) else cell) for c, cell in pairs
    ]
    masked = [c.component.assignment_id for c, cell in marks if cell is None]
    is_shared = Enrolment.objects.filter(course=student.course_id, user__name=student.user.name).count() > 1
    theirs = SettingChange.objects.filter(course=student.course_id, topic=PEOPLE, subject=str(student.user)[:200])
    return Overview(
        marks=marks,
        standing=row.standing if row else None,
        final=finals_of([student]).get(student.pk) if staff.is_lecturer else None,
        extensions=Extension.objects.filter(student=student)
        .select_related("assignment", "granted_by__user")
        .order_by("-pk"),
        asked=ExtensionRequest.objects.filter(student=student).select_related("assignment").order_by("-pk"),
        regrades=RegradeRequest.objects.filter(released__student=student)
        .exclude(released__submission__assignment__in=masked)
        .select_related("released__submission__assignment")
        .order_by("-pk"),
        groups=Membership.objects.filter(student=student).select_related("group", "group_set").order_by("-pk"),
        attendance=own_record(student),
        changes=theirs.select_related("changed_by__user")[:20] if staff.is_lecturer and not is_shared else None,
        shares_a_name=is_shared and staff.is_lecturer,
    )
