"""Runs several programs as one: starts them, restarts what dies, stops everything together, leaves no orphan."""

import contextlib
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.sandbox.linux import die_with_parent

logger = logging.getLogger(__name__)

STOP_SECONDS = 8.0
FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
STEADY_SECONDS = 60.0
TICK = 0.2


@dataclass
class Program:
    """A child that should always run, or, with `once`, run one time."""

    name: str
    command: Sequence[str]
    once: bool = False
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    delay: float = field(default=FIRST_DELAY)


class Supervisor:
    """Call `run`; it returns the exit status after SIGINT or SIGTERM."""

    def __init__(self, programs: Sequence[Program], environment: Mapping[str, str]) -> None:
        self._programs = programs
        self._environment = dict(environment)
        self._stopping = False

    def run(self, *, when_ready: Callable[[], bool]) -> int:
        """Start everything; `when_ready` is asked until it says True once."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        ready = False
        try:
            while not self._stopping:
                self._tick(time.monotonic())
                ready = ready or when_ready()
                time.sleep(TICK)
        finally:
            self._end()
        return 0

    def _stop(self, number: int, frame: object) -> None:
        self._stopping = True

    def _tick(self, now: float) -> None:
        for program in self._programs:
            process = program.process
            if process is None:
                if now >= program.start_again_at:
                    self._start(program, now)
            elif process.poll() is not None and not program.once:
                steady = now - program.started_at > STEADY_SECONDS
                program.delay = FIRST_DELAY if steady else min(program.delay * 2, LONGEST_DELAY)
                program.start_again_at = now + program.delay
                program.process = None
                _kill_group(process.pid)  # what it started and left behind, a web server's workers for example
                logger.warning("%s ended with status %s; starting it again", program.name, process.returncode)

    def _start(self, program: Program, now: float) -> None:
        program.started_at = now
        program.process = subprocess.Popen(
            program.command,
            env=self._environment,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            preexec_fn=die_with_parent,  # noqa: PLW1509  the supervisor has one thread
        )

    def _end(self) -> None:
        """Ask politely, wait, then kill whole process groups."""
        alive = [p.process for p in self._programs if p.process is not None and p.process.poll() is None]
        for process in alive:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in alive:
            try:
                process.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                logger.warning("A program did not stop in time and is killed: %s", process.args)
            _kill_group(process.pid)
            process.wait()


def _kill_group(leader: int) -> None:
    """Whatever is left of a program's process group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
