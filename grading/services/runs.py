"""The queue of runs. The row is the queue; the broker only a doorbell whose loss costs a few seconds."""

import logging
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from assignments import format_checks
from assignments.kinds.registry import kind_of
from assignments.models import GradedCell, InstructorNotebook, Submission
from assignments.selectors import current_notebook
from assignments.services import receive_notebook
from courses import storage
from courses.mails import write_mails
from courses.models import Enrolment, Role
from grading import nudge
from grading.models import Run, TestResult
from grading.services.reviews import refresh_reviews

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
NUDGE_AGAIN = timedelta(seconds=30)
MOST_ATTEMPTS = 3
SWEEP_SIZE = 500
MESSAGE_LENGTH = 600
REASON_LENGTH = 2000
OURS = "Our grader failed three times on this file. Your submission and its time stand; staff have been told."


def queue_submission(*, submission: Submission) -> Run | None:
    """Queue a submission unless it is waiting, running, or done: graded with the current notebook, or checked as asked now."""
    kind = kind_of(submission.assignment)
    if not kind.shown_as:
        return None
    if not kind.has_cells:
        return _queue_look(submission, kind.asked(submission.assignment, submission.owner))
    notebook = current_notebook(submission.assignment)
    if notebook is None:
        return None
    settled = Run.objects.filter(submission=submission).filter(
        Q(state__in=[Run.State.QUEUED, Run.State.RUNNING]) | Q(state=Run.State.DONE, notebook=notebook)
    )
    if settled.exists():
        return None
    return _queue(notebook, submission)


@transaction.atomic
def _queue_look(submission: Submission, asked: str) -> Run | None:
    """`asked`: what it would be held against now."""
    if format_checks.is_kept(submission.stored, asked) and submission.code_file_id is None:
        return None
    Submission.objects.select_for_update(no_key=True, of=("self",)).get(pk=submission.pk)  # several may open it at once
    newest = Run.objects.filter(submission=submission).order_by("-pk").first()
    if newest is None:
        return _queue(None, submission)
    as_asked = newest.report.get("rules", "") == asked
    goes_on = not newest.is_over or newest.state == Run.State.FAILED
    return None if goes_on or as_asked else _queue(None, submission)


@transaction.atomic
def queue_again(*, submission: Submission) -> Run | None:
    """Staff ask for another run, whatever came out of the last one. None if one is under way."""
    Submission.objects.select_for_update(no_key=True).get(pk=submission.pk)
    notebook = current_notebook(submission.assignment)
    active = Run.objects.filter(submission=submission, state__in=[Run.State.QUEUED, Run.State.RUNNING])
    kind = kind_of(submission.assignment)
    nothing = notebook is None if kind.has_cells else not kind.shown_as
    return None if nothing or active.exists() else _queue(notebook, submission)


def queue_check(*, notebook: InstructorNotebook) -> Run:
    """Queue the check of an instructor notebook: the reference must pass, the student version should not."""
    return _queue(notebook, None)


def _queue(notebook: InstructorNotebook | None, submission: Submission | None) -> Run:
    now = timezone.now()
    run = Run.objects.create(notebook=notebook, submission=submission, queued_at=now, nudged_at=now)
    transaction.on_commit(lambda: nudge.ring(run.pk, run.assignment.queue))
    return run


def claim_run(*, run_id: int, now: datetime | None = None) -> int | None:
    """Take a waiting run, or one whose worker is gone, by one conditional UPDATE. The attempt's number, or None."""
    now = now or timezone.now()
    free = Q(state=Run.State.QUEUED) | Q(state=Run.State.RUNNING, lease_until__lt=now)
    claimed = Run.objects.filter(free, pk=run_id, attempt__lt=MOST_ATTEMPTS).update(
        state=Run.State.RUNNING, attempt=F("attempt") + 1, lease_until=now + LEASE, started_at=now
    )
    return Run.objects.values_list("attempt", flat=True).get(pk=run_id) if claimed else None


def extend_lease(*, run_id: int, attempt: int) -> bool:
    """Heartbeat. False: the run is no longer ours, and whatever we find is not written."""
    mine = Run.objects.filter(pk=run_id, attempt=attempt, state=Run.State.RUNNING)
    return bool(mine.update(lease_until=timezone.now() + LEASE))


@transaction.atomic
def record_report(*, run_id: int, attempt: int, report: dict[str, Any], executed: bytes = b"") -> bool:
    """Write what came out, and the notebook as it ran, if the run is still ours. Twice is harmless: the second finds none."""
    mine = Run.objects.filter(pk=run_id, attempt=attempt, state=Run.State.RUNNING)
    verdict = report.get("verdict") or "checked"
    message = str(report.get("message", ""))[:MESSAGE_LENGTH]
    if not mine.update(
        state=Run.State.DONE, finished_at=timezone.now(), verdict=verdict, message=message, report=report
    ):
        return False
    if executed:
        Run.objects.filter(pk=run_id).update(executed=storage.store(executed))
    run = Run.objects.get(pk=run_id)
    if run.submission_id is not None and run.notebook_id is not None:
        TestResult.objects.bulk_create(_results(run, report))
        submission = Submission.objects.select_related("assignment__course", "student", "group").get(
            pk=run.submission_id
        )
        refresh_reviews(submission.assignment, [submission.owner])
    return True


def take_generated(*, run_id: int, content: bytes) -> InstructorNotebook:
    """The instructor's notebook with its AUTOTEST lines written out becomes the next version, and is checked in turn."""
    checked = Run.objects.filter(pk=run_id).values("notebook")
    written = InstructorNotebook.objects.select_related("assignment", "uploaded_by").get(pk__in=checked)
    return receive_notebook(
        assignment=written.assignment, by=written.uploaded_by, content=content, name=written.original_name
    )


def _results(run: Run, report: dict[str, Any]) -> list[TestResult]:
    """One row per graded cell. Points and hiding come from the instructor's notebook, never from the run."""
    found = {test["grade_id"]: test for test in report["tests"]}
    rows = []
    for cell in GradedCell.objects.filter(notebook=run.notebook_id):
        test = found[cell.grade_id]
        waits = test["status"] == "needs_review"
        rows.append(
            TestResult(
                run=run, grade_id=cell.grade_id, position=cell.position, points=cell.points, is_hidden=cell.is_hidden,
                by_hand=cell.role != GradedCell.CellRole.TESTS,
                status=test["status"], score=None if waits else Decimal(test["score"]), message=test["message"][:MESSAGE_LENGTH],
            )
        )  # fmt: skip
    return rows


def give_back(*, run_id: int, attempt: int, reason: str) -> None:
    """We broke: the run waits again, or after three attempts is failed, ours. It never costs the student anything."""
    mine = Run.objects.filter(pk=run_id, attempt=attempt, state=Run.State.RUNNING)
    if attempt >= MOST_ATTEMPTS:
        _fail(mine, reason)
    else:
        mine.update(state=Run.State.QUEUED, lease_until=None, nudged_at=timezone.now())


def sweep(*, now: datetime | None = None) -> int:
    """Ring again for what nobody took; free what a dead worker held. How many runs were rung for."""
    now = now or timezone.now()
    gone = Run.objects.filter(state=Run.State.RUNNING, lease_until__lt=now)
    _fail(gone.filter(attempt__gte=MOST_ATTEMPTS), "Three workers died on this run.")
    gone.filter(attempt__lt=MOST_ATTEMPTS).update(state=Run.State.QUEUED, lease_until=None, nudged_at=now - NUDGE_AGAIN)
    waiting = Run.objects.filter(state=Run.State.QUEUED, nudged_at__lte=now - NUDGE_AGAIN).order_by("queued_at", "pk")
    queue_of = Coalesce("notebook__assignment__queue", "submission__assignment__queue")
    found = list(waiting.values_list("pk", queue_of)[:SWEEP_SIZE])
    Run.objects.filter(pk__in=[run_id for run_id, _ in found]).update(nudged_at=now)
    for run_id, queue in found:
        nudge.ring(run_id, queue)
    return len(found)


@transaction.atomic
def _fail(runs: QuerySet[Run], reason: str) -> None:
    """Failed, ours: the row says so, and the course's lecturers are told by mail."""
    for run in runs.select_related("notebook__assignment__course", "submission__assignment__course"):
        failed = {"state": Run.State.FAILED, "finished_at": timezone.now(), "message": OURS}
        mine = Run.objects.filter(pk=run.pk, attempt=run.attempt, state=Run.State.RUNNING)
        if mine.update(**failed, report={"our_failure": reason[:REASON_LENGTH]}):
            logger.error("Run %s failed, ours: %s", run.pk, reason)
            _tell_lecturers(run)


def _tell_lecturers(run: Run) -> None:
    assignment = run.assignment
    what = "a submission" if run.submission_id else "your instructor notebook"
    lecturers = Enrolment.objects.filter(course=assignment.course, role=Role.LECTURER, left_at=None)
    body = (
        f"Our grader failed three times on {what} to {assignment.title}. Nobody loses a mark or a second. "
        "Run it again from its page; if it fails again, tell whoever runs this server.\n"
    )
    people = (lecturer.user for lecturer in lecturers.select_related("user"))
    write_mails(people, f"Our grader failed: {assignment.title}", body)


def placement_of(*, notebook: InstructorNotebook) -> dict[str, Any] | None:
    """Where each test runs, as the notebook's check found it; None if it was not checked yet (grading finds it itself)."""
    checked = notebook.runs.filter(submission=None, state=Run.State.DONE).order_by("-pk").first()
    return checked.report.get("placement") if checked else None
