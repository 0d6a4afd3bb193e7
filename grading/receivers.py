"""Where the messages from below arrive: work came in, so it is queued, in the same transaction."""

from django.db import transaction
from django.dispatch import receiver

from assignments.models import Assignment, InstructorNotebook, Kind, Submission
from assignments.signals import assignment_created, notebook_received, submission_received
from courses.models import Enrolment
from grading import nudge
from grading.papers.members import bring_up_to_date
from grading.papers.services import propose_criteria
from grading.services import runs
from grading.services.reviews import refresh_reviews
from groups.members.selectors import groups_of
from projects.ballots.selectors import last_stage
from projects.models import TalkList
from projects.signals import speakers_changed


@receiver(submission_received)
def look_after_submission(sender: object, *, submission: Submission, **_: object) -> None:
    """A notebook is queued, a paper's pages are drawn ahead; both wait for their markers."""
    if submission.assignment.is_stage:
        _look_after_stage(submission)
        return
    if submission.assignment.kind == Kind.NOTEBOOK:
        runs.queue_submission(submission=submission)
    else:
        transaction.on_commit(lambda: nudge.ring_pages(submission.pk))
    refresh_reviews(submission.assignment, [submission.owner])


@receiver(assignment_created)
def say_what_it_is_marked_by(sender: object, *, assignment: Assignment, **_: object) -> None:
    if assignment.kind == Kind.PAPER:
        propose_criteria(assignment)


def _look_after_stage(submission: Submission) -> None:
    """A version that was put back and is marked counts for its members at once."""
    marked = submission.paper_marks.order_by("-pk").select_related("marker__user").first()
    if marked is not None and submission.group is not None:
        bring_up_to_date(submission.assignment, [submission.group], by=marked.marker)
    transaction.on_commit(lambda: nudge.ring_pages(submission.pk))


@receiver(notebook_received)
def queue_check(sender: object, *, notebook: InstructorNotebook, **_: object) -> None:
    runs.queue_check(notebook=notebook)


@receiver(speakers_changed)
def follow_speakers(sender: object, *, talk_list: TalkList, by: Enrolment, **_: object) -> None:
    """Who talks is marked for the talk and who does not for what it handed in: the members' marks say what holds now."""
    stage = last_stage(talk_list.project)
    if stage is not None:
        ranked = {key for key, _ in talk_list.ranking}
        bring_up_to_date(
            stage, [group for group in groups_of(talk_list.project.group_set) if group.pk in ranked], by=by
        )
