"""Where the messages from below arrive: work came in, so it is queued, in the same transaction."""

from django.db import transaction
from django.dispatch import receiver

from assignments.models import InstructorNotebook, Submission
from assignments.signals import notebook_received, submission_received
from grading import nudge
from grading.services import runs
from grading.services.reviews import refresh_reviews
from projects.models import Deliverable
from projects.signals import deliverable_received


@receiver(submission_received)
def queue_submission(sender: object, *, submission: Submission, **_: object) -> None:
    runs.queue_submission(submission=submission)
    refresh_reviews(submission.assignment, [submission.student])


@receiver(notebook_received)
def queue_check(sender: object, *, notebook: InstructorNotebook, **_: object) -> None:
    runs.queue_check(notebook=notebook)


@receiver(deliverable_received)
def draw_pages(sender: object, *, deliverable: Deliverable, **_: object) -> None:
    transaction.on_commit(lambda: nudge.ring_pages(deliverable.pk))
