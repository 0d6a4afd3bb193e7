"""What this room makes of messages from below."""

from django.dispatch import receiver

from assignments.kinds.registry import kind_of
from assignments.models import Assignment, InstructorNotebook, Submission
from assignments.signals import assignment_created, notebook_received, submission_received
from grading.papers.services import propose_criteria
from grading.services import runs
from grading.services.reviews import refresh_reviews


@receiver(submission_received)
def look_after_submission(sender: object, *, submission: Submission, **_: object) -> None:
    """What has a file is queued for a worker; then it waits for its markers."""
    if submission.has_file:
        runs.queue_submission(submission=submission)
    refresh_reviews(submission.assignment, [submission.owner])


@receiver(assignment_created)
def say_what_it_is_marked_by(sender: object, *, assignment: Assignment, **_: object) -> None:
    if not kind_of(assignment).has_cells:
        propose_criteria(assignment)


@receiver(notebook_received)
def queue_check(sender: object, *, notebook: InstructorNotebook, **_: object) -> None:
    runs.queue_check(notebook=notebook)
