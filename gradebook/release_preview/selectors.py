"""A dry run of a release: everything is done as it would be, looked at as the student, and undone."""

from dataclasses import dataclass, replace

from django.db import transaction

from assignments.models import Assignment
from courses.models import Enrolment, OutgoingMail
from gradebook.standings.selectors import Row, gradebook
from grading.selectors.grades import ItemGrade, grades_for
from grading.services.releases import NothingToRelease, release_grades
from grading.visibility import VisibleResult, visible_result


@dataclass(frozen=True)
class Preview:
    """What the student would read: their result, their standing, their mail. `is_new`: whether a release changes anything."""

    item: ItemGrade
    result: VisibleResult
    row: Row | None
    mail: OutgoingMail | None
    is_new: bool


def preview_of(assignment: Assignment, student: Enrolment, by: Enrolment) -> Preview:
    """Release to this student alone, look, and roll it back. Nobody is told."""
    with transaction.atomic():
        last = OutgoingMail.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        is_new = True
        try:
            release_grades(assignment=assignment, by=by, students=[student])
        except NothingToRelease:
            is_new = False
        item = grades_for([assignment], [student])[assignment.pk, student.pk]
        mail = OutgoingMail.objects.filter(recipient=student.user.email, pk__gt=last).order_by("-pk").first()
        rows = gradebook(student, [student]).rows
        result = replace(visible_result(student, item), active=None)
        transaction.set_rollback(True)
    return Preview(item, result, rows[0] if rows else None, mail, is_new)
