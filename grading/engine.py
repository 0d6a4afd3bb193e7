"""Starts the autograder as a program of its own, with an empty environment: no secret is near student code."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

from autograder.report import RunnerError

HEARTBEAT_SECONDS = 15.0
LONGEST_SECONDS = 60.0 * 60
SELFTEST_SECONDS = 120
ERROR_LENGTH = 2000


class LostLease(Exception):
    """Somebody else has the run now; the program was stopped and its answer is not wanted."""


def grade(*, source: Path, submission: Path, still_mine: Callable[[], bool]) -> dict[str, Any]:
    """The report of `python -m autograder grade`. Raises RunnerError when it breaks, LostLease when told to stop."""
    return _answer(["grade", "--source", str(source), "--submission", str(submission), "--json"], still_mine)


def check(*, source: Path, still_mine: Callable[[], bool]) -> dict[str, Any]:
    """The report of `python -m autograder check`."""
    return _answer(["check", str(source), "--json"], still_mine)


def selftest() -> dict[str, Any]:
    """`tier`, `closed`, `walls`, `message`: what `python -m autograder selftest` says here. Never raises."""
    command = [sys.executable, "-m", "autograder", "selftest", "--json"]
    try:
        done = subprocess.run(
            command,
            cwd=settings.BASE_DIR,
            env={"LANG": "C.UTF-8"},
            capture_output=True,
            timeout=SELFTEST_SECONDS,
            check=False,
        )
        found: dict[str, Any] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return {"tier": "none", "closed": False, "walls": {}, "message": f"The self-test did not answer: {error}"}
    return found


def _answer(arguments: list[str], still_mine: Callable[[], bool]) -> dict[str, Any]:
    command = [sys.executable, "-m", "autograder", "--parent", str(os.getpid()), *arguments]
    with subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env={"LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            out, err = _wait(process, still_mine)
        finally:
            process.kill()
    if process.returncode != 0:
        raise RunnerError(err.decode(errors="replace")[-ERROR_LENGTH:] or f"exit status {process.returncode}")
    report: dict[str, Any] = json.loads(out)
    return report


def _wait(process: subprocess.Popen[bytes], still_mine: Callable[[], bool]) -> tuple[bytes, bytes]:
    """What it printed, with a heartbeat while it runs."""
    ends = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < ends:
        try:
            return process.communicate(timeout=HEARTBEAT_SECONDS)
        except subprocess.TimeoutExpired:
            if not still_mine():
                raise LostLease from None
    raise RunnerError("The autograder did not end within an hour.")
