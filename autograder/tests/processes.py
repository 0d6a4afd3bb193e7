"""Waiting for processes in tests: with a deadline, never by the clock alone."""

import time
from pathlib import Path


def is_running(process):
    """Whether it is there and no corpse."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(condition, seconds=15):
    ends = time.monotonic() + seconds
    while not condition() and time.monotonic() < ends:
        time.sleep(0.01)
    assert condition()


def all_gone(processes):
    return not any(is_running(process) for process in processes)
