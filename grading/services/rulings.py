"""A lecturer's decision about one student's assignment: points of their own, or a code, with a reason."""

from decimal import Decimal

from django.db import transaction

from assignments.models import Assignment
from courses.mails import write_mails
from courses.models import Course, Enrolment
from grading.models import Ruling
from grading.policy.codes import SAID, Code
from grading.selectors.grades import grades_for
from grading.services.reviews import refresh_reviews


class RulingRefused(Exception):
    """It cannot be decided like this; the message is for the lecturer."""


@transaction.atomic
def rule(
    *, assignment: Assignment, student: Enrolment, by: Enrolment, reason: str, points: Decimal | None, code: str
) -> Ruling:
    """From now on these points, or this code, hold; neither takes the last ruling back. The same twice is one.

    A code is told to the student at once; points are shown when the grade is released.
    """
    Course.objects.select_for_update(no_key=True).get(pk=assignment.course_id)
    item = grades_for([assignment], [student])[assignment.pk, student.pk]
    if not reason:
        raise RulingRefused("Say why.")
    if points is not None and code:
        raise RulingRefused("Give points or choose a word, not both.")
    if points is not None and item.grade is None:
        raise RulingRefused("There is no graded submission yet whose points could be set.")
    if points is not None and item.grade is not None and not 0 <= points <= item.grade.maximum:
        raise RulingRefused(f"Give from 0 to {item.grade.maximum.normalize():f} points.")
    last = item.ruling
    if points is None and not code and (last is None or (last.points is None and not last.code)):
        raise RulingRefused("There is no ruling to take back.")
    if last is not None and (last.points, last.code, last.reason) == (points, code, reason):
        return last
    made = Ruling.objects.create(
        assignment=assignment, student=student, points=points, code=code, reason=reason, ruled_by=by
    )
    refresh_reviews(assignment, [item.owner])
    if code != (last.code if last else ""):
        _tell(made, before=last.code if last else "")
    return made


def _tell(ruling: Ruling, before: str) -> None:
    said = SAID[Code(ruling.code)] if ruling.code else f"No longer {before}"
    assignment = ruling.assignment
    body = f"{assignment.title} in {assignment.course.title}. {said}.\n\n{ruling.reason}\n"
    write_mails([ruling.student.user], f"{assignment.title}: {ruling.code or 'counts as usual'}", body)
