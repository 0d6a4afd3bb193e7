"""Asking the engine of this host: the answers that come, plain failures, and a bell that never raises."""

import socket
import threading
from pathlib import Path

import pytest

from autograder.client import Abandoned, Engine
from autograder.report import RunnerError
from autograder.sandbox.frames import receive_frame, send_frame
from grading import engine, nudge
from tests import factories as make


@pytest.fixture
def files(tmp_path):
    source, submission = tmp_path / "s.ipynb", tmp_path / "t.ipynb"
    source.write_bytes(make.source_bytes())
    submission.write_bytes(make.submitted())
    return engine.Job(source, submission)


@pytest.fixture
def peer(tmp_path, monkeypatch):
    """`peer(*frames)`: an engine that answers every request with these, and keeps what it was asked."""
    folder = tmp_path / "engine"
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(engine, "_engine", lambda **_: Engine(folder))
    monkeypatch.setattr(engine, "_closed", {"tier": "B", "closed": True})
    asked = []

    def answering(*frames):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(folder / "engine"))
        listener.listen()

        def serve():
            listener.accept()  # the connection that keeps the engine alive
            link, _ = listener.accept()
            with link:
                asked.append(receive_frame(link, limit=1 << 20))
                for frame in frames:
                    send_frame(link, frame)

        threading.Thread(target=serve, daemon=True).start()
        return asked

    return answering


def mine():
    return True


@pytest.mark.sandbox
def test_grade_answers_with_the_report(files):
    report = engine.grade(files, mine)

    assert (report["verdict"], report["score"]) == ("graded", "3")


@pytest.mark.sandbox
def test_check_answers_with_the_report_and_grading_takes_its_placement(files):
    checked = engine.check(files, mine)
    report = engine.grade(engine.Job(files.source, files.submission, placement=checked["placement"]), mine)

    assert checked["ok"] is True
    assert [t["protected"] for t in report["tests"] if t["status"] == "passed"] == [True, True]


@pytest.mark.sandbox
def test_the_engine_has_none_of_our_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "the-secret")
    folder = tmp_path / "own"
    Engine(folder).ask("selftest", {}, longest=60)

    found = [p for p in Path("/proc").glob("[0-9]*/cmdline") if str(folder).encode() in _read(p)]
    environments = [_read(p.with_name("environ")) for p in found]
    assert environments
    assert b"the-secret" not in b"".join(environments)


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_what_is_asked(files, peer):
    asked = peer(["answer", {"verdict": "graded"}])

    assert engine.grade(files, mine) == {"verdict": "graded"}
    assert asked[0][0] == "grade"
    assert asked[0][1]["source"] == str(files.source)
    assert "assets" not in asked[0][1]


@pytest.mark.parametrize(
    ("frames", "says"),
    [
        ([["broken", "no sandbox"]], "no sandbox"),
        ([["unusable", "no cells"]], "no cells"),
        ([], "ended while it answered"),
        ([["answer", "hello"]], "hello"),
    ],
)
def test_a_failure_of_ours_is_a_runner_error(files, peer, frames, says):
    peer(*frames)

    with pytest.raises(RunnerError, match=says):
        engine.grade(files, mine)


@pytest.mark.sandbox
def test_the_heartbeat_beats_while_it_runs(monkeypatch, files):
    monkeypatch.setattr(engine, "HEARTBEAT_SECONDS", 0.2)
    files.submission.write_bytes(make.submitted(solution="import time; time.sleep(1)"))
    beats = []

    def still_mine():
        beats.append(1)
        return True

    engine.grade(files, still_mine)

    assert beats


@pytest.mark.sandbox
def test_a_lost_lease_ends_the_request(monkeypatch, files):
    monkeypatch.setattr(engine, "HEARTBEAT_SECONDS", 0.05)

    files.submission.write_bytes(make.submitted(solution="while True: pass"))

    with pytest.raises(Abandoned):
        engine.grade(files, lambda: False)


def test_an_engine_that_cannot_start_is_an_open_sandbox(monkeypatch, tmp_path):
    tmp_path.chmod(0o755)  # not private: refused
    monkeypatch.setattr(engine, "_closed", {})
    monkeypatch.setattr(engine, "_engine", lambda **_: Engine(tmp_path))

    found = engine.selftest()

    assert found["closed"] is False
    assert "did not answer" in found["message"]


@pytest.mark.parametrize(
    ("namespaces", "allowed", "expected"),
    [
        (True, False, ("B", True, "")),
        (True, True, ("B", True, "")),
        (False, False, ("none", False, "none to be had")),
        (False, True, ("C", True, "With namespaces: none to be had")),
    ],
)
def test_namespaces_are_done_without_only_where_they_lack_and_the_operator_allows_it(
    namespaces, allowed, expected, monkeypatch, settings
):
    settings.SANDBOX_WITHOUT_NAMESPACES = allowed
    with_them = {"tier": "B", "closed": True, "message": ""} if namespaces else {"tier": "none", "closed": False}
    monkeypatch.setattr(engine, "_closed", {})
    monkeypatch.setattr(
        engine,
        "_selftest",
        lambda *, alone: (
            {"tier": "C", "closed": True, "message": ""} if alone else {"message": "none to be had", **with_them}
        ),
    )

    found = engine.selftest()

    assert (found["tier"], found["closed"], found["message"]) == expected


def test_work_goes_to_the_engine_whose_walls_were_found_closed(monkeypatch, files):
    asked = []

    class Heard(Engine):
        def __init__(self, *, alone):
            asked.append(alone)

        def ask(self, *_, **__):
            return {}

    monkeypatch.setattr(engine, "_engine", Heard)
    for tier in ("B", "C"):
        monkeypatch.setattr(engine, "_closed", {"tier": tier, "closed": True})
        engine.grade(files, lambda: True)

    assert asked == [False, True]


@pytest.mark.sandbox
def test_the_self_test_says_that_the_sandbox_is_closed():
    assert engine.selftest()["closed"] is True


def test_the_bell_sends_the_runs_number(monkeypatch):
    sent = []
    monkeypatch.setattr(
        "celery.Celery.send_task",
        lambda _self, name, **options: sent.append((name, options["kwargs"], options["queue"])),
    )

    nudge.ring(7, "gpu")

    assert sent == [("grading.autograde", {"run_id": 7}, "gpu")]


@pytest.mark.parametrize("error", [OSError("disk full"), ConnectionRefusedError()])
def test_a_broken_bell_is_logged_and_forgotten(monkeypatch, caplog, error):
    def broken(*_, **__):
        raise error

    monkeypatch.setattr("celery.Celery.send_task", broken)

    nudge.ring(7, "grading")

    assert "the sweep will ring again" in caplog.text
