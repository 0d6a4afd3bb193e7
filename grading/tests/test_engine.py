"""Starting the autograder as a program: an empty environment, plain failures, and a bell that never raises."""

import json
import sys
from pathlib import Path

import pytest

from autograder.report import RunnerError
from grading import engine, nudge
from tests import factories as make


@pytest.fixture
def files(tmp_path):
    source, submission = tmp_path / "s.ipynb", tmp_path / "t.ipynb"
    source.write_bytes(make.source_bytes())
    submission.write_bytes(make.submitted())
    return {"source": source, "submission": submission}


def speaking(monkeypatch, tmp_path, program):
    """Instead of Python, a script that does this with the arguments."""
    script = tmp_path / "python"
    script.write_text(f"#!{sys.executable}\n{program}\n")
    script.chmod(0o755)
    monkeypatch.setattr(engine.sys, "executable", str(script))


def mine():
    return True


@pytest.mark.sandbox
def test_grade_answers_with_the_report(files):
    report = engine.grade(**files, still_mine=mine)

    assert (report["verdict"], report["score"]) == ("graded", "3")


@pytest.mark.sandbox
def test_check_answers_with_the_report(files):
    assert engine.check(source=files["source"], still_mine=mine)["ok"] is True


def test_the_program_gets_none_of_our_environment(monkeypatch, tmp_path, files):
    monkeypatch.setenv("SECRET_KEY", "the-secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://the-secret")
    speaking(monkeypatch, tmp_path, "import json, os; print(json.dumps(dict(os.environ)))")

    environment = engine.check(source=files["source"], still_mine=mine)

    assert "the-secret" not in json.dumps(environment)
    assert set(environment) <= {"LANG", "LC_CTYPE"}


def test_the_program_dies_with_us(monkeypatch, tmp_path, files):
    speaking(monkeypatch, tmp_path, "import json, sys; print(json.dumps(sys.argv))")

    arguments = engine.grade(**files, still_mine=mine)

    assert "--parent" in arguments


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("import sys; sys.stderr.write('no sandbox'); sys.exit(3)", "no sandbox"),
        ("import sys; sys.exit(2)", "exit status 2"),
        ("import os; os.kill(os.getpid(), 9)", "exit status -9"),
    ],
)
def test_a_failure_of_ours_is_a_runner_error(monkeypatch, tmp_path, files, program, says):
    speaking(monkeypatch, tmp_path, program)

    with pytest.raises(RunnerError, match=says):
        engine.grade(**files, still_mine=mine)


def test_an_answer_that_is_no_json_is_ours_too(monkeypatch, tmp_path, files):
    speaking(monkeypatch, tmp_path, "print('hello')")

    with pytest.raises(ValueError, match="Expecting value"):
        engine.grade(**files, still_mine=mine)


def test_the_heartbeat_beats_while_it_runs(monkeypatch, tmp_path, files):
    monkeypatch.setattr(engine, "HEARTBEAT_SECONDS", 0.05)
    speaking(monkeypatch, tmp_path, "import time; time.sleep(.5); print('{}')")
    beats = []

    engine.check(source=files["source"], still_mine=lambda: beats.append(1) or True)

    assert len(beats) >= 2


def test_a_lost_lease_kills_the_program(monkeypatch, tmp_path, files):
    monkeypatch.setattr(engine, "HEARTBEAT_SECONDS", 0.3)
    mark = tmp_path / "alive"
    speaking(
        monkeypatch, tmp_path, f"import time, os; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    )

    with pytest.raises(engine.LostLease):
        engine.check(source=files["source"], still_mine=lambda: False)

    assert not Path(f"/proc/{mark.read_text()}").exists()


def test_a_program_that_never_ends_is_ours(monkeypatch, tmp_path, files):
    monkeypatch.setattr(engine, "HEARTBEAT_SECONDS", 0.02)
    monkeypatch.setattr(engine, "LONGEST_SECONDS", 0.1)
    speaking(monkeypatch, tmp_path, "import time; time.sleep(60)")

    with pytest.raises(RunnerError, match="did not end"):
        engine.check(source=files["source"], still_mine=mine)


@pytest.mark.parametrize("program", ["print('no json')", "raise SystemExit(1)"])
def test_a_self_test_that_does_not_answer_is_an_open_sandbox(monkeypatch, tmp_path, program):
    speaking(monkeypatch, tmp_path, program)

    found = engine.selftest()

    assert found["closed"] is False
    assert "did not answer" in found["message"]


@pytest.mark.sandbox
def test_the_self_test_says_that_the_sandbox_is_closed():
    assert engine.selftest()["closed"] is True


def test_the_bell_sends_the_runs_number(monkeypatch):
    sent = []
    monkeypatch.setattr(
        "celery.Celery.send_task", lambda _self, name, **options: sent.append((name, options["kwargs"]))
    )

    nudge.ring(7)

    assert sent == [("grading.autograde", {"run_id": 7})]


@pytest.mark.parametrize("error", [OSError("disk full"), ConnectionRefusedError()])
def test_a_broken_bell_is_logged_and_forgotten(monkeypatch, caplog, error):
    def broken(*_, **__):
        raise error

    monkeypatch.setattr("celery.Celery.send_task", broken)

    nudge.ring(7)

    assert "the sweep will ring again" in caplog.text
