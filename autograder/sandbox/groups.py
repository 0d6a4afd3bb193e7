"""Control groups, where one was delegated to us (tier A): memory and processes of a room counted by the kernel itself.

Version 2 only. systemd delegates with `Delegate=yes`; rooms become children of the group this process runs in, which
first moves itself into a child, since a group with controllers may hold no process of its own.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from autograder.sandbox.limits import Limits

MOUNT = Path("/sys/fs/cgroup")
NEEDED = ("memory", "pids")
OURS = "engine"


def own_group(mount: Path = MOUNT, table: Path = Path("/proc/self/cgroup")) -> Path | None:
    """The version 2 group of this process, or None where that hierarchy is not mounted."""
    try:
        lines = table.read_text().splitlines()
    except OSError:
        return None
    path = next((line.removeprefix("0::/") for line in lines if line.startswith("0::/")), None)
    return mount / path if path is not None and (mount / path / "cgroup.procs").exists() else None


def take_over(group: Path | None) -> Path | None:
    """Make `group` ready for rooms if it was delegated to us with the controllers we need; else None."""
    try:
        if group is None or not set(NEEDED) <= set((group / "cgroup.controllers").read_text().split()):
            return None
        (group / OURS).mkdir(exist_ok=True)
        (group / OURS / "cgroup.procs").write_text(str(os.getpid()))
        (group / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in NEEDED))
    except OSError:
        return None
    return group


@cache
def delegated() -> Path | None:
    """The group in which this process may make rooms, found once."""
    group = own_group()
    return take_over(group.parent if group is not None and group.name == OURS else group)


@contextmanager
def joined(limits: Limits, parent: Path | None = None) -> Iterator[str]:
    """The folder of a group for one room, gone afterwards; an empty text where none was delegated."""
    parent = parent or delegated()
    if parent is None:
        yield ""
        return
    group = parent / f"room-{uuid.uuid4().hex}"
    group.mkdir()
    try:
        (group / "memory.max").write_text(str(limits.memory))
        (group / "pids.max").write_text(str(limits.processes + 1))  # init
        with suppress(OSError):
            (group / "memory.swap.max").write_text("0")
        (group / "memory.oom.group").write_text("1")
        yield str(group)
    finally:
        with suppress(OSError):
            group.rmdir()
