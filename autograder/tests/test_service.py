"""The engine of a host: side by side, one request's death is its own, nothing outlives whom it serves."""

import os
import signal
import stat
import threading
from pathlib import Path

import pytest

from autograder.client import Abandoned, Engine
from autograder.report import RunnerError, SourceUnusable
from autograder.tests.processes import all_gone, until
from tests import factories as make

pytestmark = pytest.mark.sandbox


@pytest.fixture
def engine(tmp_path):
    made = Engine(tmp_path / "engine")
    yield made
    if made._tether:
        made._tether[1].close()


@pytest.fixture
def files(tmp_path):
    source, submission = tmp_path / "s.ipynb", tmp_path / "t.ipynb"
    source.write_bytes(make.source_bytes())
    submission.write_bytes(make.submitted())
    return {"source": str(source), "submission": str(submission)}


def endless(tmp_path):
    """Never ends; it runs as soon as there is one process more than the rooms have."""
    submission = tmp_path / "endless.ipynb"
    submission.write_bytes(
        make.submitted(solution="import os, time\nif not os.fork(): time.sleep(600)\nwhile True: pass")
    )
    return str(submission)


def processes_of(folder):
    """Ids of the engine in this folder and of everything below it."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, rest = status.read_text().split(" ", 1)
            found[int(pid)] = (int(rest.rpartition(")")[2].split()[1]), (status.parent / "cmdline").read_bytes())
        except (OSError, ValueError):
            continue
    mine = {pid for pid, (_, words) in found.items() if str(folder).encode() in words and b"serve" in words}
    while more := {pid for pid, (parent, _) in found.items() if parent in mine} - mine:
        mine |= more
    return mine


def test_requests_are_answered_side_by_side(engine, files):
    placement = engine.ask("check", files, longest=60)["placement"]
    answers = []

    def ask():
        answers.append(engine.ask("grade", {**files, "placement": placement}, longest=60)["score"])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == ["3"] * 4


def test_a_source_that_cannot_be_graded_against_is_said(engine, files, tmp_path):
    bad = tmp_path / "bad.ipynb"
    bad.write_text("{}")

    with pytest.raises(SourceUnusable, match="not a notebook"):
        engine.ask("grade", {**files, "source": str(bad)}, longest=60)


def test_an_unknown_command_is_refused(engine):
    with pytest.raises(SourceUnusable, match="no command"):
        engine.ask("dance", {}, longest=60)


@pytest.fixture
def stuck(engine, files, tmp_path):
    """A request whose rooms all stand and whose student's code never ends: its zygote, its thread, what went wrong."""
    placement = engine.ask("check", files, longest=60)["placement"]
    until(lambda: len(processes_of(tmp_path)) == 2)
    (zygote,) = processes_of(tmp_path) - {engine.process()}
    request = {**files, "submission": endless(tmp_path), "placement": placement}
    failures = []

    def ask():
        try:
            engine.ask("grade", request, longest=60)
        except RunnerError as error:
            failures.append(str(error))

    thread = threading.Thread(target=ask)
    thread.start()
    whole = 2 + 1 + 2 * 2 + 1  # the request, two rooms of two processes, and what the student's code started
    until(lambda: len(processes_of(tmp_path)) == whole or not thread.is_alive())
    assert thread.is_alive(), failures
    return zygote, thread, failures


def test_killing_the_engine_leaves_nothing_and_the_next_request_starts_another(engine, files, tmp_path, stuck):
    _, thread, failures = stuck
    before = processes_of(tmp_path)

    os.kill(engine.process(), signal.SIGKILL)
    thread.join()

    assert failures
    until(lambda: all_gone(before))
    assert engine.ask("grade", files, longest=60)["score"] == "3"


def test_killing_the_zygote_costs_the_notebook_nothing(engine, files, stuck):
    zygote, thread, failures = stuck

    os.kill(zygote, signal.SIGKILL)
    thread.join()

    assert "zygote or its first process was killed" in failures[0]
    assert engine.ask("grade", files, longest=60)["score"] == "3"


def test_a_client_that_hangs_up_ends_its_run(engine, files, tmp_path):
    engine.ask("selftest", {}, longest=60)
    idle = len(processes_of(tmp_path))

    with pytest.raises(Abandoned):
        engine.ask(
            "grade", {**files, "submission": endless(tmp_path)}, longest=60, still_wanted=lambda: False, ask_every=1
        )

    until(lambda: len(processes_of(tmp_path)) <= idle)


def test_an_engine_without_clients_ends(engine, tmp_path):
    engine.ask("selftest", {}, longest=60)
    assert processes_of(tmp_path)

    engine._tether[1].close()

    until(lambda: not processes_of(tmp_path))
    assert not (tmp_path / "engine" / "engine").exists()


def test_the_folder_of_the_socket_is_private(engine, tmp_path):
    engine.ask("selftest", {}, longest=60)

    assert stat.S_IMODE((tmp_path / "engine").stat().st_mode) == 0o700


def test_a_folder_of_somebody_else_is_refused(tmp_path):
    tmp_path.chmod(0o777)

    with pytest.raises(RunnerError, match="not a private folder"):
        Engine(tmp_path).ask("selftest", {}, longest=60)
