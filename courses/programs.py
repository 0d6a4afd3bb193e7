"""Our own programs, each in a process of its own that knows no secret and sets its own limits."""

import signal
import subprocess
import sys
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.core.cache import cache

T = TypeVar("T")
OWN_LIMITS = (signal.SIGXCPU, signal.SIGABRT, signal.SIGSEGV)
"""How a program ends at its own limits: of processor time, or of memory where a library gives up."""
PAUSE = 60
"""Seconds for which nothing is tried again that was stopped."""


class ProgramStopped(Exception):
    """The machine was too slow, or ended the program: that says nothing about the file."""


def run_program(
    module: str, *arguments: str, seconds: int, sent: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    """`python -m module arguments`, with `sent` on its standard input. Raises subprocess.TimeoutExpired."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env={}, input=sent, capture_output=True, timeout=seconds, check=False
    )


def run_limited(module: str, *arguments: str, seconds: int) -> subprocess.CompletedProcess[bytes]:
    """The same where its own limits are an answer. Raises ProgramStopped."""
    try:
        done = run_program(module, *arguments, seconds=seconds)
    except subprocess.TimeoutExpired as error:
        raise ProgramStopped from error
    if done.returncode < 0 and -done.returncode not in OWN_LIMITS:
        raise ProgramStopped
    return done


def unless_just_stopped(key: str, make: Callable[[], T]) -> T | None:
    """What was made; None where that was stopped, now or within the last minute: a page asked for again starts nothing."""
    if cache.get(f"stopped:{key}"):
        return None
    try:
        return make()
    except ProgramStopped:
        cache.set(f"stopped:{key}", value=True, timeout=PAUSE)
        return None
