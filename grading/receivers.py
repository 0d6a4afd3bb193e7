"""Where the messages from below arrive: work came in, so it is queued, in the same transaction."""

from django.db import transaction
from django.dispatch import receiver

from assignments.models import InstructorNotebook, Submission
from assignments.signals import notebook_received, submission_received
from grading import nudge
from grading.papers.members import bring_up_to_date
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
def look_after_deliverable(sender: object, *, deliverable: Deliverable, **_: object) -> None:
    """Its pages are drawn ahead; a version that was put back and is marked counts for its members at once."""
    marked = deliverable.marks.order_by("-pk").select_related("marker__user").first()
    if marked is not None:
        bring_up_to_date(deliverable.stage, [deliverable.group], by=marked.marker)
    transaction.on_commit(lambda: nudge.ring_pages(deliverable.pk))
