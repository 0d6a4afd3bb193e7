"""Several programs as one: started, restarted with patience, stopped together."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from django.conf import settings

from config.supervisor import FIRST_DELAY, LONGEST_DELAY, STEADY_SECONDS, Program, Supervisor

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
FAIL = [sys.executable, "-c", "raise SystemExit(3)"]


@pytest.fixture
def started():
    """Programs that a test ticks by hand; ended afterwards."""
    supervisors = []

    def start(*programs):
        supervisors.append(Supervisor(programs, os.environ))
        return supervisors[-1]

    yield start
    for supervisor in supervisors:
        supervisor._end()


def alive(program):
    return program.process is not None and program.process.poll() is None


def pid_of(program):
    return program.process.pid


def until(condition, seconds=10.0):
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_a_tick_starts_what_does_not_run(started):
    program = Program("sleep", SLEEP)

    started(program)._tick(0.0)

    assert alive(program)


def test_what_died_is_started_again_after_a_delay(started):
    program = Program("sleep", SLEEP)
    supervisor = started(program)
    supervisor._tick(0.0)
    first = pid_of(program)
    program.process.kill()
    until(lambda: not alive(program))

    supervisor._tick(1.0)
    assert program.process is None
    supervisor._tick(1.0 + program.delay)

    assert alive(program)
    assert pid_of(program) != first


def test_what_keeps_dying_is_started_ever_more_slowly(started):
    program = Program("fail", FAIL)
    supervisor = started(program)
    delays, now = [], 0.0
    for _ in range(9):
        supervisor._tick(now)
        program.process.wait()
        supervisor._tick(now)
        delays.append(program.delay)
        now = program.start_again_at

    assert delays[:3] == [FIRST_DELAY * 2, FIRST_DELAY * 4, FIRST_DELAY * 8]
    assert delays[-1] == LONGEST_DELAY


def test_after_a_steady_time_patience_begins_anew(started):
    program = Program("fail", FAIL, delay=LONGEST_DELAY)
    supervisor = started(program)
    supervisor._tick(0.0)
    program.process.wait()

    supervisor._tick(STEADY_SECONDS + 1)

    assert program.delay == FIRST_DELAY


def test_a_program_for_once_is_not_started_again(started):
    program = Program("once", FAIL, once=True)
    supervisor = started(program)
    supervisor._tick(0.0)
    program.process.wait()
    pid = program.process.pid

    supervisor._tick(99.0)

    assert program.process.pid == pid


def test_ending_kills_what_does_not_listen_and_its_children(started, monkeypatch):
    monkeypatch.setattr("config.supervisor.STOP_SECONDS", 0.5)
    deaf = "import signal, time, os; signal.signal(15, signal.SIG_IGN); os.fork(); print(os.getpid(), flush=True); time.sleep(60)"
    program = Program("deaf", [sys.executable, "-c", deaf])
    supervisor = started(program)
    supervisor._tick(0.0)
    time.sleep(0.5)
    members = [
        entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit() and _group(entry) == program.process.pid
    ]
    assert len(members) == 2

    supervisor._end()

    until(lambda: not any(_runs(member) for member in members))


def _group(entry):
    try:
        return int((entry / "stat").read_text().rsplit(")", 1)[1].split()[2])
    except OSError:
        return 0


RUN = """
import os, sys, time
from config.supervisor import Program, Supervisor
sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
ready = lambda: print("ready", flush=True) or True
sys.exit(Supervisor([Program("a", sleep), Program("b", sleep)], os.environ).run(when_ready=ready))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_stops_everything_on_a_signal(number):
    with subprocess.Popen([sys.executable, "-c", RUN], cwd=settings.BASE_DIR, stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout.readline() == b"ready\n"
        children = Path(f"/proc/{supervisor.pid}/task/{supervisor.pid}/children").read_text().split()
        assert len(children) == 2

        supervisor.send_signal(number)

        assert supervisor.wait(timeout=10) == 0
    assert [child for child in children if Path(f"/proc/{child}").exists()] == []


def test_children_die_with_a_killed_supervisor():
    with subprocess.Popen([sys.executable, "-c", RUN], cwd=settings.BASE_DIR, stdout=subprocess.PIPE) as supervisor:
        supervisor.stdout.readline()
        children = Path(f"/proc/{supervisor.pid}/task/{supervisor.pid}/children").read_text().split()

        supervisor.kill()
        supervisor.wait()

    until(lambda: not any(_runs(child) for child in children))


def _runs(pid):
    """Whether it is more than an entry waiting to be reaped."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_ready_is_asked_until_it_is_true():
    program = textwrap.dedent("""
        import os, sys
        from config.supervisor import Supervisor
        answers = [False, False, True]
        s = Supervisor([], os.environ)
        def ready():
            print(len(answers), flush=True)
            done = answers.pop(0)
            s._stopping = done
            return done
        sys.exit(s.run(when_ready=ready))
    """)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout.split()) == (0, ["3", "2", "1"])
