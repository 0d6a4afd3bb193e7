"""Comparing the notebooks of an assignment, in the worker; and what people note about a pair."""

import json
import logging
import subprocess
import tempfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from assignments.models import Assignment, InstructorNotebook, Submission
from assignments.owners import Owner
from assignments.selectors import histories
from courses import storage
from courses.models import Enrolment, Role, Rollover, StoredFile
from courses.programs import run_program
from grading import nudge
from grading.models import PairNote, SimilarityReport, SimilarPair

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=20)
SECONDS = 18 * 60
NUDGE_AGAIN = timedelta(seconds=30)
MOST_ATTEMPTS = 3
READING_SECONDS = 20


class CodeUnreadable(Exception):
    """The code of a notebook cannot be shown beside another."""


def ask_for_comparison(*, assignment: Assignment, by: Enrolment) -> SimilarityReport:
    """Queue a comparison; the one that waits or runs already, if there is one."""
    active = SimilarityReport.objects.filter(assignment=assignment, state__in=["queued", "running"])
    try:
        with transaction.atomic():
            report = SimilarityReport.objects.create(assignment=assignment, asked_by=by)
    except IntegrityError:
        return active.get()
    transaction.on_commit(lambda: nudge.ring_comparison(report.pk))
    return report


def compare_notebooks(*, report_id: int) -> None:
    """Do one comparison if it is free. Doing it twice is harmless. Whatever breaks is ours: it is tried again."""
    now = timezone.now()
    free = Q(state="queued") | Q(state="running", lease_until__lt=now)
    mine = SimilarityReport.objects.filter(free, pk=report_id, attempt__lt=MOST_ATTEMPTS)
    if not mine.update(state="running", attempt=F("attempt") + 1, lease_until=now + LEASE):
        return
    report = SimilarityReport.objects.select_related("assignment__course", "asked_by__user").get(pk=report_id)
    try:
        new, old = _counting(report.assignment), _former(report)
        found = _compared(report.assignment, new, old)
    except Exception:
        logger.exception("A comparison broke", extra={"report_id": report_id})
        state = "failed" if report.attempt >= MOST_ATTEMPTS else "queued"
        _held(report).update(state=state, lease_until=None, finished_at=timezone.now() if state == "failed" else None)
        return
    _record(report, found, new=len(new), old=len(old))


@transaction.atomic
def _record(report: SimilarityReport, found: dict[str, Any], *, new: int, old: int) -> None:
    """Write what was found, if the report is still ours."""
    facts = {"notebooks": new + old, "former": old, "unreadable": len(found["unreadable"])}
    if _held(report).update(state="done", finished_at=timezone.now(), lease_until=None, **facts):
        rows = [{**pair, "left_id": pair["left"], "right_id": pair["right"]} for pair in found["pairs"]]
        for row in rows:
            del row["left"], row["right"]
        SimilarPair.objects.bulk_create(SimilarPair(report=report, **row) for row in rows)


def _held(report: SimilarityReport) -> Any:
    return SimilarityReport.objects.filter(pk=report.pk, attempt=report.attempt, state="running")


def sweep_comparisons(*, now: datetime | None = None) -> None:
    """Ring again for what nobody took and for what a dead worker held; what was tried three times has failed."""
    now = now or timezone.now()
    gone = SimilarityReport.objects.filter(state="running", lease_until__lt=now)
    gone.filter(attempt__gte=MOST_ATTEMPTS).update(state="failed", lease_until=None, finished_at=now)
    waiting = Q(state="queued", asked_at__lt=now - NUDGE_AGAIN) | Q(state="running", lease_until__lt=now)
    for pk in SimilarityReport.objects.filter(waiting).values_list("pk", flat=True):
        nudge.ring_comparison(pk)


def _counting(assignment: Assignment) -> list[Submission]:
    """The versions that count, of students who are in the course."""
    owners: list[Owner] = list(
        assignment.group_set.groups.all()
        if assignment.group_set is not None
        else Enrolment.objects.filter(course=assignment.course, role=Role.STUDENT)
    )
    found = histories([assignment], owners).values()
    return [history.counting for history in found if history.counting is not None]


def _former(report: SimilarityReport) -> list[Submission]:
    """The same of the courses that this one was made from, where whoever asked was a lecturer of theirs too."""
    found: list[Submission] = []
    course, seen = report.assignment.course_id, {report.assignment.course_id}
    while before := Rollover.objects.filter(course=course).exclude(source__in=seen).first():
        course = before.source_id
        seen.add(course)
        same = (
            Assignment.objects.filter(course=course, slug=report.assignment.slug)
            .notebooks()
            .select_related("course")
            .first()
        )
        may = Enrolment.objects.filter(course=course, user=report.asked_by.user, role=Role.LECTURER, left_at=None)
        if same is not None and may.exists():
            found += _counting(same)
    return found


def _compared(assignment: Assignment, new: Iterable[Submission], old: Iterable[Submission]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="gradus-similarity-") as name:
        folder = Path(name)
        given = InstructorNotebook.objects.filter(assignment=assignment).select_related("student_version")
        files = {"given": [(n.pk, n.student_version) for n in given]}
        files |= {part: _files_of(work) for part, work in (("new", new), ("old", old))}
        for part, rows in files.items():
            (folder / part).mkdir()
            for pk, file in rows:
                (folder / part / f"{pk}.ipynb").write_bytes(storage.read(file))
        done = _program("compare", str(folder), seconds=SECONDS)
        found: dict[str, Any] = json.loads(done.stdout)
        return found


def _files_of(work: Iterable[Submission]) -> list[tuple[int, StoredFile]]:
    """Each version's file, read at once."""
    keys = [submission.pk for submission in work]
    return [(row.pk, row.stored) for row in Submission.objects.filter(pk__in=keys).select_related("file")]


def code_of(*submissions: Submission) -> list[list[str]]:
    """The code cells of each. Raises CodeUnreadable."""
    with tempfile.TemporaryDirectory(prefix="gradus-code-") as folder:
        paths = [Path(folder, f"{place}.ipynb") for place in range(len(submissions))]
        for path, submission in zip(paths, submissions, strict=True):
            path.write_bytes(storage.read(submission.stored))
        try:
            cells: list[list[str]] = json.loads(_program("cells", *map(str, paths), seconds=READING_SECONDS).stdout)
        except (subprocess.SubprocessError, ValueError) as error:
            raise CodeUnreadable from error
        return cells


def _program(*arguments: str, seconds: int) -> subprocess.CompletedProcess[bytes]:
    done = run_program("grading.similarity", *arguments, seconds=seconds)
    done.check_returncode()
    return done


def note_pair(*, pair: SimilarPair, by: Enrolment, text: str) -> PairNote:
    """One more note; the same words twice by the same person are one: a double click."""
    last = PairNote.objects.filter(left=pair.left_id, right=pair.right_id).order_by("pk").last()
    if last is not None and (last.text, last.author_id) == (text, by.pk):
        return last
    return PairNote.objects.create(left_id=pair.left_id, right_id=pair.right_id, text=text, author=by)
