"""Opening the gate: what students are shown is frozen with the versions that made it."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from assignments.models import Assignment
from assignments.selectors import assignments_of
from courses.models import Course, Enrolment, OutgoingMail
from courses.policy.words import points_text
from courses.selectors import current_late_policy
from grading.models import Release, ReleasedGrade
from grading.selectors.grades import ItemGrade, grades_of


class NothingToRelease(Exception):
    """No grade is complete and new."""


def ready_for_release(assignment: Assignment, students: Sequence[Enrolment]) -> list[ItemGrade]:
    """The complete grades that students have not been shown as they are now."""
    items = grades_of([assignment], students).values()
    return [item for item in items if item.grade and item.grade.is_complete and not item.shown_as_is]


@transaction.atomic
def release_grades(*, assignment: Assignment, by: Enrolment, students: Sequence[Enrolment]) -> Release:
    """Freeze every complete grade and tell the students by mail. Raises NothingToRelease."""
    Course.objects.select_for_update().get(pk=assignment.course_id)
    fresh = assignments_of(assignment.course).get(pk=assignment.pk)
    ready = ready_for_release(fresh, students)
    if not ready:
        raise NothingToRelease
    policy = current_late_policy(assignment.course)
    release = Release.objects.create(
        assignment=assignment, released_by=by, released_at=timezone.now(), late_policy=policy
    )
    ReleasedGrade.objects.bulk_create(_frozen(release, item) for item in ready)
    OutgoingMail.objects.bulk_create(_mail(item) for item in ready)
    return release


def _frozen(release: Release, item: ItemGrade) -> ReleasedGrade:
    grade, submission = item.grade, item.history.counting
    if grade is None or submission is None:
        raise ValueError("Only a complete grade of a submission can be released")
    return ReleasedGrade(
        release=release, submission=submission, auto=grade.auto, manual=grade.manual, maximum=grade.maximum,
        factor=grade.factor, total=grade.total, late_seconds=int(grade.late_by.total_seconds()), sentence=grade.sentence,
        rows=[row.as_json() for row in item.rows],
    )  # fmt: skip


def _mail(item: ItemGrade) -> OutgoingMail:
    assignment, grade = item.history.assignment, item.grade
    total = f"{points_text(grade.total)} of {points_text(grade.maximum)}" if grade else ""
    body = (
        f"Your grade for {assignment.title} in {assignment.course.title} has been released: {total}.\n\n"
        f"{grade.sentence if grade else ''}\n\nSign in to read every test, mark and comment.\n"
    )
    subject = f"Grade released: {assignment.title}"[:200]
    return OutgoingMail(recipient=item.student.user.email, subject=subject, body=body)
