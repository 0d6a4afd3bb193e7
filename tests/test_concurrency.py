"""Many at once on a database that allows it: PostgreSQL. Each test runs real threads with their own connections."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection
from django.utils import timezone

from assignments.models import Submission
from assignments.selectors import history_of
from assignments.services import Choice, NothingChanged, confirm_replacement, receive_submission
from courses.models import LatePolicy, OutgoingMail, StoredFile
from courses.policy.lateness import LateRule
from courses.services import create_late_policy, send_waiting_mail
from courses.storage import store
from grading.models import Mark, Release, ReleasedGrade, Run, TestResult
from grading.services import runs
from grading.services.marks import MarkRefused, NewMark, record_marks
from grading.services.releases import NothingToRelease, release_grades
from tests import factories as make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
MANY = 8


@pytest.fixture(autouse=True)
def _no_bell(monkeypatch):
    """The bell would ring for nobody."""
    monkeypatch.setattr("grading.nudge.ring", lambda *_: None)


def at_once(*actions: Callable[..., object]) -> list[Any]:
    """Results, or the exceptions, of all actions started at the same moment."""
    gate = threading.Barrier(len(actions))
    results: list[Any] = [None] * len(actions)

    def act(place: int, action: Callable[[], object]) -> None:
        gate.wait()
        try:
            results[place] = action()
        except Exception as error:  # noqa: BLE001  each outcome is looked at by the test
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def hand_in(world, content, *, late=timedelta(hours=-1)):
    return receive_submission(
        assignment=world.assignment,
        owner=world.student,
        by=world.student,
        content=content,
        name="n.ipynb",
        received_at=make.DUE + late,
        completed_at=make.DUE + late,
    )


def test_two_clicks_hand_in_once(world):
    content = make.submitted()

    results = at_once(*[lambda: hand_in(world, content)] * MANY)

    assert sum(isinstance(r, Submission) for r in results) == 1
    assert sum(isinstance(r, NothingChanged) for r in results) == MANY - 1
    assert Run.objects.count() == 1


def test_different_versions_at_once_get_different_numbers(world):
    actions = [lambda n=n: hand_in(world, make.submitted(mark=str(n))) for n in range(MANY)]

    results = at_once(*actions)

    assert sorted(r.number for r in results) == list(range(1, MANY + 1))
    assert Run.objects.count() == MANY


def test_a_replacement_is_confirmed_once(world):
    hand_in(world, make.submitted())
    choice = hand_in(world, make.submitted(mark="2"), late=timedelta(hours=2))
    assert isinstance(choice, Choice)
    at = choice.pending.received_at

    results = at_once(*[lambda: confirm_replacement(pending=choice.pending, by=choice.pending.student, at=at)] * MANY)

    assert sum(isinstance(r, Submission) for r in results) == 1
    assert history_of(world.assignment, world.student).counting.number == 2


def test_the_same_bytes_are_stored_once(world):
    results = at_once(*[lambda: store(b"the same bytes").sha256] * MANY)

    assert len(set(results)) == 1
    assert StoredFile.objects.filter(sha256=results[0]).count() == 1


def test_many_workers_claim_a_run_once(world):
    run = runs.queue_submission(submission=make.make_submission(world.assignment, world.student))

    results = at_once(*[lambda: runs.claim_run(run_id=run.pk)] * MANY)

    assert sorted(results, key=str) == [1, *[None] * (MANY - 1)]


def test_many_workers_take_many_runs_each_once(world):
    queued = []
    for _ in range(20):
        student = make.enrol(world.course, section=world.section)
        queued.append(runs.queue_submission(submission=make.make_submission(world.assignment, student)).pk)

    def work() -> int:
        done = 0
        for run_id in queued:
            attempt = runs.claim_run(run_id=run_id)
            if attempt and runs.record_report(run_id=run_id, attempt=attempt, report=make.report()):
                done += 1
        return done

    results = at_once(*[work] * MANY)

    assert sum(results) == 20
    assert set(Run.objects.values_list("state", "attempt")) == {("done", 1)}
    assert TestResult.objects.count() == 60


def test_only_the_newest_attempt_writes(world):
    run = runs.queue_submission(submission=make.make_submission(world.assignment, world.student))
    later = timezone.now() + timedelta(hours=1)
    old, new = runs.claim_run(run_id=run.pk), runs.claim_run(run_id=run.pk, now=later)

    results = at_once(
        lambda: runs.record_report(run_id=run.pk, attempt=old, report=make.report(double="0")),
        lambda: runs.record_report(run_id=run.pk, attempt=new, report=make.report()),
    )

    assert results == [False, True]
    assert TestResult.objects.get(run=run, grade_id="double_test").score == 2


def test_queueing_at_once_makes_one_run(world):
    submission = make.make_submission(world.assignment, world.student)

    results = at_once(*[lambda: runs.queue_again(submission=submission)] * MANY)

    assert Run.objects.count() == 1
    assert all(r is None or isinstance(r, Run | IntegrityError) for r in results)


def test_sweeps_at_once_lose_nothing(world):
    run = runs.queue_submission(submission=make.make_submission(world.assignment, world.student))
    later = timezone.now() + timedelta(hours=1)

    results = at_once(*[lambda: runs.sweep(now=later)] * MANY)

    assert sum(results) >= 1
    assert runs.claim_run(run_id=run.pk) == 1


def test_two_markers_at_once_never_overwrite_each_other(world):
    submission = make.make_submission(world.assignment, world.student)
    make.run_of(submission)
    maxima = {"analysis": Decimal(3)}

    def mark(by, points):
        marks = {"analysis": NewMark(Decimal(points), f"from {by.pk}")}
        return record_marks(submission=submission, by=by, marks=marks, maxima=maxima, seen=0)

    results = at_once(lambda: mark(world.ta, 1), lambda: mark(world.lecturer, 2))

    assert sum(isinstance(r, MarkRefused) for r in results) == 1
    assert Mark.objects.count() == 1


def test_a_double_click_on_save_marks_once(world):
    submission = make.make_submission(world.assignment, world.student)
    make.run_of(submission)
    marks = {"analysis": NewMark(Decimal(2), "Fine.")}

    at_once(
        *[
            lambda: record_marks(
                submission=submission, by=world.ta, marks=marks, maxima={"analysis": Decimal(3)}, seen=0
            )
        ]
        * MANY
    )

    assert Mark.objects.count() == 1


def test_two_releases_at_once_show_each_grade_once(world):
    submission = make.make_submission(world.assignment, world.student)
    make.run_of(submission)
    marks = {"analysis": NewMark(Decimal(2), "Fine.")}
    record_marks(submission=submission, by=world.ta, marks=marks, maxima={"analysis": Decimal(3)}, seen=0)

    def release():
        return release_grades(assignment=world.assignment, by=world.lecturer, students=[world.student])

    results = at_once(*[release] * MANY)

    assert sum(isinstance(r, Release) for r in results) == 1
    assert sum(isinstance(r, NothingToRelease) for r in results) == MANY - 1
    assert ReleasedGrade.objects.count() == 1


def test_late_policies_at_once_get_different_versions(world):
    results = at_once(*[lambda: create_late_policy(course=world.course, rule=LateRule()).version] * MANY)

    assert sorted(results) == list(range(2, MANY + 2))
    assert LatePolicy.objects.count() == MANY + 2


def test_each_mail_is_sent_once(world):
    for number in range(12):
        OutgoingMail.objects.create(recipient="a@gradus.example", subject=str(number), body="")

    results = at_once(*[send_waiting_mail] * MANY)

    assert sum(results) == 12
    assert sorted(int(m.subject) for m in mail.outbox) == list(range(12))
