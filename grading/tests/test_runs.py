"""The queue: claimed once, fenced, swept, and a broken broker costs nothing."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from autograder.report import RunnerError
from courses.models import OutgoingMail
from grading import engine, nudge
from grading.models import Run, TestResult, Worker
from grading.selectors.queues import queue_state
from grading.services import execution, runs, workers
from tests import factories as make

pytestmark = pytest.mark.django_db
LATER = timedelta(hours=1)


@pytest.fixture
def submission(world):
    return make.make_submission(world.assignment, world.student)


@pytest.fixture
def run(submission):
    return runs.queue_submission(submission=submission)


def test_a_run_is_claimed_once(run):
    assert runs.claim_run(run_id=run.pk) == 1
    assert runs.claim_run(run_id=run.pk) is None


def test_an_expired_lease_is_claimed_again_and_the_old_worker_writes_nothing(run):
    old = runs.claim_run(run_id=run.pk)
    new = runs.claim_run(run_id=run.pk, now=timezone.now() + LATER)

    assert (old, new) == (1, 2)
    assert not runs.extend_lease(run_id=run.pk, attempt=old)
    assert not runs.record_report(run_id=run.pk, attempt=old, report=make.report(double="0"))
    assert runs.record_report(run_id=run.pk, attempt=new, report=make.report())
    assert TestResult.objects.get(run=run, grade_id="double_test").score == 2


def test_recording_twice_is_harmless(run):
    attempt = runs.claim_run(run_id=run.pk)

    assert runs.record_report(run_id=run.pk, attempt=attempt, report=make.report())
    assert not runs.record_report(run_id=run.pk, attempt=attempt, report=make.report(double="0"))
    assert TestResult.objects.filter(run=run).count() == 3


def test_points_come_from_the_instructor_never_from_the_report(run):
    attempt = runs.claim_run(run_id=run.pk)
    forged = make.report()
    forged["tests"][0]["points"] = "1000"

    runs.record_report(run_id=run.pk, attempt=attempt, report=forged)

    assert TestResult.objects.get(run=run, grade_id="double_test").points == 2


def test_our_failure_is_tried_three_times_then_told_and_never_costs_a_point(run):
    for attempt in (1, 2, 3):
        assert runs.claim_run(run_id=run.pk) == attempt
        runs.give_back(run_id=run.pk, attempt=attempt, reason="the sandbox did not start")

    run.refresh_from_db()
    assert (run.state, run.verdict) == ("failed", "")
    assert "Your submission and its time stand" in run.message
    assert runs.claim_run(run_id=run.pk) is None
    assert not run.results.exists()


def test_sweep_rings_for_what_nobody_took(run, monkeypatch):
    rung = []
    monkeypatch.setattr(nudge, "ring", lambda *call: rung.append(call))
    later = timezone.now() + LATER

    assert runs.sweep() == 0
    assert runs.sweep(now=later) == 1
    assert runs.sweep(now=later) == 0
    assert rung == [(run.pk, "grading")]


def test_sweep_frees_what_a_dead_worker_held(run):
    runs.claim_run(run_id=run.pk)

    runs.sweep(now=timezone.now() + LATER)

    assert runs.claim_run(run_id=run.pk) == 2


def test_sweep_gives_up_after_three_dead_workers(run):
    for _ in range(3):
        runs.claim_run(run_id=run.pk)
        runs.sweep(now=timezone.now() + LATER)

    run.refresh_from_db()
    assert run.state == "failed"


def test_queueing_again_while_waiting_or_graded_makes_no_second_run(submission, run):
    assert runs.queue_submission(submission=submission) is None
    make.run_of(submission)
    assert runs.queue_submission(submission=submission) is None
    assert runs.queue_again(submission=submission).pk != run.pk
    assert runs.queue_again(submission=submission) is None


def test_a_silent_broker_does_not_fail_the_hand_in(run, monkeypatch):
    def silent(*_, **__):
        raise OperationalError("connection refused")

    monkeypatch.setattr("celery.Celery.send_task", silent)

    nudge.ring(run.pk, "grading")


def test_execute_run_writes_what_the_engine_says(run, monkeypatch):
    monkeypatch.setattr(workers, "sandbox_is_closed", lambda: True)
    monkeypatch.setattr(engine, "grade", lambda *_: make.report())

    execution.execute_run(run_id=run.pk)
    execution.execute_run(run_id=run.pk)

    run.refresh_from_db()
    assert (run.state, run.attempt, run.verdict) == ("done", 1, "graded")


@pytest.mark.parametrize(
    "error", [RunnerError("no sandbox"), OSError("disk full"), ValueError("not JSON"), KeyError("tests")]
)
def test_execute_run_gives_back_what_we_broke(run, monkeypatch, error):
    def broken(*_):
        raise error

    monkeypatch.setattr(workers, "sandbox_is_closed", lambda: True)
    monkeypatch.setattr(engine, "grade", broken)

    execution.execute_run(run_id=run.pk)

    run.refresh_from_db()
    assert (run.state, run.attempt) == ("queued", 1)


def test_an_open_sandbox_grades_nothing_and_the_work_waits_visibly(run, monkeypatch):
    found = {"tier": "none", "closed": False, "walls": {}, "message": "namespaces are forbidden"}
    monkeypatch.setattr(engine, "selftest", lambda: found)

    execution.execute_run(run_id=run.pk)
    workers.record_worker()

    run.refresh_from_db()
    assert (run.state, run.attempt) == ("queued", 0)
    assert queue_state().is_stuck
    assert Worker.objects.get().message == "namespaces are forbidden"


def test_a_living_worker_with_a_closed_sandbox_is_not_stuck(run):
    Worker.objects.create(name="host", seen_at=timezone.now(), tier="B", is_closed=True)
    assert not queue_state().is_stuck

    Worker.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    assert queue_state().is_stuck


@pytest.mark.sandbox
def test_the_engine_grades_a_stored_submission_for_real(run):
    execution.execute_run(run_id=run.pk)

    run.refresh_from_db()
    assert (run.state, run.verdict) == ("done", "graded")
    assert [(r.grade_id, r.status) for r in run.results.all()] == [
        ("double_test", "passed"), ("hidden_test", "passed"), ("analysis", "needs_review"),
    ]  # fmt: skip
    assert run.report["answers"] == {"analysis": "Because it is twice."}


@pytest.mark.sandbox
def test_the_engine_checks_an_instructor_notebook_for_real(world):
    run = runs.queue_check(notebook=world.notebook)

    execution.execute_run(run_id=run.pk)

    run.refresh_from_db()
    assert (run.state, run.verdict, run.report["ok"]) == ("done", "checked", True)


@pytest.mark.sandbox
def test_a_lost_lease_stops_the_program_and_writes_nothing(world, monkeypatch):
    endless = make.make_submission(world.assignment, world.student, solution="while True: pass")
    run = runs.queue_submission(submission=endless)
    monkeypatch.setattr(engine, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(runs, "extend_lease", lambda **_: False)

    execution.execute_run(run_id=run.pk)

    run.refresh_from_db()
    assert run.state == "running"
    assert not run.results.exists()


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "lost"},
        {"state": "done"},
        {"state": "queued", "verdict": "graded"},
        {"state": "running", "lease_until": None},
    ],
)
def test_the_database_refuses_an_impossible_run(run, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(**broken)


def test_the_database_keeps_one_active_run_per_submission(run, submission):
    now = timezone.now()

    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.create(notebook=run.notebook, submission=submission, queued_at=now, nudged_at=now)


@pytest.mark.parametrize("fields", [{"score": 3}, {"score": -1}, {"status": "great"}, {"grade_id": "double_test"}])
def test_the_database_refuses_an_impossible_result(submission, fields):
    run = make.run_of(submission)
    row = {"run": run, "grade_id": "new", "status": "passed", "points": 2, "score": 1, "position": 9, **fields}

    with pytest.raises(IntegrityError), transaction.atomic():
        TestResult.objects.create(**row)


@pytest.mark.parametrize("way", ["broke", "died"])
def test_lecturers_are_told_by_mail_when_we_fail(world, run, way):
    for attempt in (1, 2, 3):
        runs.claim_run(run_id=run.pk)
        if way == "broke":
            runs.give_back(run_id=run.pk, attempt=attempt, reason="x")
        else:
            runs.sweep(now=timezone.now() + LATER)

    told = OutgoingMail.objects.get(subject__startswith="Our grader failed")
    assert told.recipient == "lecturer@gradus.example"
    assert "Nobody loses a mark" in told.body


def test_a_report_we_cannot_store_goes_back_at_once(run, monkeypatch):
    monkeypatch.setattr(engine, "selftest", lambda: {"tier": "B", "closed": True, "walls": {}, "message": ""})
    monkeypatch.setattr(engine, "grade", lambda *_: {"verdict": "graded", "tests": []})

    execution.execute_run(run_id=run.pk)

    run.refresh_from_db()
    assert (run.state, run.attempt) == ("queued", 1)


def test_an_open_wall_is_asked_about_again_and_a_closed_one_is_remembered(monkeypatch, settings):
    settings.SANDBOX_WITHOUT_NAMESPACES = False
    answers = [{"closed": False, "message": ""}, {"closed": True, "tier": "B"}]
    monkeypatch.setattr(engine, "_closed", {})
    monkeypatch.setattr(engine, "_selftest", lambda **_: answers.pop(0))

    assert [workers.sandbox_is_closed() for _ in range(4)] == [False, True, True, True]
