"""Opening the gate: what students are shown is frozen with the versions that made it. And closing it again."""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from assignments.models import Assignment
from assignments.selectors import marked_of
from courses.history.services import Change, assignment_topic, record_changes
from courses.mails import write_mails
from courses.models import Course, Enrolment, OutgoingMail, Role, Section
from courses.policy.words import points_text
from courses.selectors import current_late_policy
from grading.models import Hold, PlannedRelease, Release, ReleasedGrade, Withdrawal
from grading.policy.codes import SAID, Code
from grading.policy.grade import Grade
from grading.selectors.grades import ItemGrade, grades_for, shown_grades

logger = logging.getLogger(__name__)


class NothingToRelease(Exception):
    """No grade is complete, new and not held back."""


class ReleaseRefused(Exception):
    """It cannot be done like this; the message is for the lecturer."""


def unheld(assignment: Assignment, students: Sequence[Enrolment]) -> list[ItemGrade]:
    """What is known of those who are not held back."""
    held = set(Hold.objects.filter(assignment=assignment, lifted_at=None).values_list("student", flat=True))
    return list(grades_for([assignment], [student for student in students if student.pk not in held]).values())


@transaction.atomic
def release_grades(*, assignment: Assignment, by: Enrolment, students: Sequence[Enrolment]) -> Release:
    """Freeze every complete grade, show no longer what was taken back, and tell the students by mail.

    Raises NothingToRelease.
    """
    Course.objects.select_for_update(no_key=True).get(pk=assignment.course_id)
    fresh = marked_of(assignment.course).get(pk=assignment.pk)
    items = unheld(fresh, students)
    ready, gone = [item for item in items if item.is_ready], [item for item in items if item.is_taken_back]
    if not ready and not gone:
        raise NothingToRelease
    policy = current_late_policy(assignment.course)
    release = Release.objects.create(
        assignment=assignment, released_by=by, released_at=timezone.now(), late_policy=policy, own_rule=fresh.late_rule
    )
    ReleasedGrade.objects.bulk_create(_frozen(release, item) for item in ready)
    OutgoingMail.objects.bulk_create(_mail(item, item.student) for item in ready if item.student is not None)
    for item in gone:
        _take_back_one(item, by)
    said = [f"released to {len(ready)}"] * bool(ready) + [f"taken back from {len(gone)}"] * bool(gone)
    _record(assignment, by, "Release", after=", ".join(said))
    return release


def _take_back_one(item: ItemGrade, by: Enrolment) -> None:
    """The mark of one student was taken back after they saw it."""
    shown, assignment = item.shown, item.history.assignment
    if shown is None:
        return
    reason = "The mark was taken back."
    Withdrawal.objects.create(
        assignment=assignment, student=shown.student, up_to=shown.pk, reason=reason, withdrawn_by=by
    )
    body = f"{assignment.title} in {assignment.course.title}: your mark was taken back and is not shown any longer.\n"
    write_mails([shown.student.user], f"Mark taken back: {assignment.title}", body)


@transaction.atomic
def withdraw_release(*, assignment: Assignment, by: Enrolment, reason: str) -> int:
    """Show no longer what was released of this assignment, cancel what is planned, and tell its students why. How many."""
    Course.objects.select_for_update(no_key=True).get(pk=assignment.course_id)
    if not reason:
        raise ReleaseRefused("Say why: the students read it.")
    shown = list(shown_grades().filter(release__assignment=assignment).select_related("student__user"))
    if not shown:
        raise ReleaseRefused("Nothing of it is shown.")
    Withdrawal.objects.create(
        assignment=assignment, up_to=max(grade.pk for grade in shown), reason=reason, withdrawn_by=by
    )
    assignment.planned_releases.filter(done_at=None, cancelled_at=None).update(cancelled_at=timezone.now())
    people = {grade.student_id: grade.student for grade in shown}
    body = (
        f"Your grade for {assignment.title} in {assignment.course.title} was taken back and is not shown for now.\n\n"
        f"{reason}\n\nYou get another mail when it is released again.\n"
    )
    write_mails((person.user for person in people.values()), f"Grade taken back: {assignment.title}", body)
    _record(assignment, by, "Release", f"shown to {len(people)}", "taken back", reason)
    return len(people)


@transaction.atomic
def hold_back(*, assignment: Assignment, student: Enrolment, by: Enrolment, reason: str) -> None:
    """Release everybody's grade but this one, until somebody lifts it. Twice is once."""
    if not reason:
        raise ReleaseRefused("Say why it is held back.")
    stated = {"held_by": by, "reason": reason}
    _, is_new = Hold.objects.get_or_create(assignment=assignment, student=student, lifted_at=None, defaults=stated)
    if is_new:
        _record(assignment, by, f"Held back: {student.user}", "no", "yes", reason)


@transaction.atomic
def lift_hold(*, hold: Hold, by: Enrolment) -> None:
    """It can be released from now on."""
    if Hold.objects.filter(pk=hold.pk, lifted_at=None).update(lifted_at=timezone.now(), lifted_by=by):
        _record(hold.assignment, by, f"Held back: {hold.student.user}", "yes", "no")


@transaction.atomic
def plan_release(*, assignment: Assignment, section: Section | None, due_at: datetime, by: Enrolment) -> PlannedRelease:
    """Release what is complete then. Raises ReleaseRefused for a moment that has passed. Twice is once."""
    Course.objects.select_for_update(no_key=True).get(pk=assignment.course_id)
    if due_at <= timezone.now():
        raise ReleaseRefused("Choose a time that is still to come.")
    fields = {"assignment": assignment, "section": section, "due_at": due_at}
    plan, is_new = PlannedRelease.objects.get_or_create(
        **fields, done_at=None, cancelled_at=None, defaults={"planned_by": by}
    )
    if is_new:
        _record(assignment, by, "Planned release", after=_planned(plan))
    return plan


@transaction.atomic
def cancel_plan(*, plan: PlannedRelease, by: Enrolment) -> bool:
    """Whether it could still be cancelled."""
    if not PlannedRelease.objects.filter(pk=plan.pk, done_at=None).update(cancelled_at=timezone.now()):
        return False
    _record(plan.assignment, by, "Planned release", _planned(plan))
    return True


def _planned(plan: PlannedRelease) -> str:
    whom = f" to {plan.section}" if plan.section else ""
    return f"{plan.due_at.astimezone(plan.assignment.course.zone):%Y-%m-%d %H:%M}{whom}"


def _record(
    assignment: Assignment, by: Enrolment, setting: str, before: str = "", after: str = "", reason: str = ""
) -> None:
    said = Change(assignment.title, setting, before, after)
    record_changes(by=by, topic=assignment_topic(assignment.pk), changes=[said], reason=reason)


def release_what_is_due(*, now: datetime | None = None) -> None:
    """Carry out the plans whose time has come, each once, whoever else sweeps at the same time."""
    now = now or timezone.now()
    due = PlannedRelease.objects.filter(
        due_at__lte=now, done_at=None, cancelled_at=None, assignment__course__archived_at=None
    )
    for plan in due.select_related("assignment__course", "planned_by", "section"):
        try:
            _carry_out(plan, now)
        except Exception:
            logger.exception("A planned release broke", extra={"plan_id": plan.pk})


@transaction.atomic
def _carry_out(plan: PlannedRelease, now: datetime) -> None:
    if not PlannedRelease.objects.filter(pk=plan.pk, done_at=None, cancelled_at=None).update(done_at=now):
        return
    students = Enrolment.objects.filter(course=plan.assignment.course, role=Role.STUDENT, left_at=None)
    if plan.section is not None:
        students = students.filter(sections=plan.section)
    found = list(students.select_related("user").prefetch_related("sections"))
    try:
        release = release_grades(assignment=plan.assignment, by=plan.planned_by, students=found)
    except NothingToRelease:
        return
    PlannedRelease.objects.filter(pk=plan.pk).update(released=release.grades.count())


def _frozen(release: Release, item: ItemGrade) -> ReleasedGrade:
    grade, submission = item.grade, item.history.counting
    if grade is None or submission is None or item.student is None:
        raise ValueError("Only a student's complete grade of a submission can be released")
    return ReleasedGrade(
        release=release, submission=submission, student=item.student, auto=grade.auto, manual=grade.manual, maximum=grade.maximum,
        contribution=grade.contribution, factor=grade.factor, total=grade.total,
        late_seconds=int(grade.late_by.total_seconds()), sentence=_said(item, grade), code=item.marked_code,
        rows=[row.as_json() for row in item.rows], ruled=grade.ruled, notes=[note.as_json() for note in item.notes],
    )  # fmt: skip


def _said(item: ItemGrade, grade: Grade) -> str:
    """The whole arithmetic, or what a word means that stands instead."""
    return SAID[Code(item.marked_code)] if item.marked_code else grade.sentence


def _mail(item: ItemGrade, student: Enrolment) -> OutgoingMail:
    assignment, grade = item.history.assignment, item.grade
    total = f": {points_text(grade.total)} of {points_text(grade.maximum)}" if grade and not item.marked_code else ""
    body = (
        f"Your grade for {assignment.title} in {assignment.course.title} has been released{total}.\n\n"
        f"{_said(item, grade) if grade else ''}\n\nSign in to read every test, mark and comment.\n"
    )
    subject = f"Grade released: {assignment.title}"[:200]
    return OutgoingMail(recipient=student.user.email, subject=subject, body=body)
