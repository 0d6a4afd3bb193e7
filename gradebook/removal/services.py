"""Taking an assignment away: deleted while nothing hangs on it, archived afterwards."""

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from assignments.models import Assignment, PendingReplacement
from courses.history.services import Change, assignment_topic, record_changes
from courses.models import Course, Enrolment
from gradebook.models import Component
from gradebook.standings.selectors import current_components
from grading.models import Run


class RemovalRefused(Exception):
    """It cannot go; the message says why and what to do."""


@transaction.atomic
def delete_assignment(*, assignment: Assignment, by: Enrolment) -> None:
    """It was never there, but for the history of settings. Raises RemovalRefused once work, marks or weights hang on it."""
    Course.objects.select_for_update(no_key=True).get(pk=assignment.course_id)
    _refuse_stage(assignment)
    Assignment.objects.select_for_update(of=("self",)).get(pk=assignment.pk)  # what is just being handed in comes first
    if assignment.submissions.exists() or PendingReplacement.objects.filter(assignment=assignment).exists():
        raise RemovalRefused("Work was handed in, so it stays: archive it instead.")
    _refuse_weighed(assignment)
    if Component.objects.filter(assignment=assignment).exists():
        raise RemovalRefused("Earlier weights name it, so it stays: archive it instead.")
    said = Change(assignment.title, "Assignment", "there", "deleted")
    record_changes(by=by, topic=assignment_topic(assignment.pk), changes=[said])
    Run.objects.filter(notebook__assignment=assignment, submission=None).delete()
    try:
        assignment.delete()
    except ProtectedError as error:
        raise RemovalRefused("Rulings or factors hang on it, so it stays: archive it instead.") from error


@transaction.atomic
def archive_assignment(*, assignment: Assignment, by: Enrolment, archived: bool) -> None:
    """It takes nothing more and stands in no list of what is to be done; or it does again. What is there stays readable.

    Raises RemovalRefused while it has a weight.
    """
    Course.objects.select_for_update(no_key=True).get(pk=assignment.course_id)
    _refuse_stage(assignment)
    if archived:
        _refuse_weighed(assignment)
    at = timezone.now() if archived else None
    if not Assignment.objects.filter(pk=assignment.pk, archived_at__isnull=archived).update(archived_at=at):
        return
    said = Change(assignment.title, "Archived", *(("no", "yes") if archived else ("yes", "no")))
    record_changes(by=by, topic=assignment_topic(assignment.pk), changes=[said])


def _refuse_stage(assignment: Assignment) -> None:
    if Assignment.objects.filter(pk=assignment.pk).stages().exists():
        raise RemovalRefused("It is a stage of the project: remove it in the set-up, among the stages.")


def _refuse_weighed(assignment: Assignment) -> None:
    if any(component.assignment_id == assignment.pk for component in current_components(assignment.course)):
        raise RemovalRefused("It has a weight in this course: take it out of the weights first.")
