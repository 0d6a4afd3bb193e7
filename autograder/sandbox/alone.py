"""Tier C: a room without namespaces, where the machine grants none, as in a container. Landlock and the system call
filter stand alone; this is what takes the place of the rest: a folder instead of a root, polling instead of a quota.

Weaker than the other tiers, so only where its operator says so: other processes and the names of files can be seen, and
neighbours share the machine's folder for shared memory, which is therefore closed.
"""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from autograder.sandbox import memory, walls

BLOCK = 512
LONGEST_PATH = 3000
"""The kernel reads none above 4096."""


def furnish(room: walls.Room) -> None:
    """The scratch folder, the student's own, with a place for temporary files and a link to the data sets."""
    temporary = Path(room.home, "tmp")
    temporary.mkdir()
    if room.assets:
        Path(room.home, "data").symlink_to(room.assets)
    if os.getuid() == 0:
        for folder in (room.home, temporary):
            os.chown(folder, room.uid, room.uid)


def refuse_unreadable(paths: Sequence[str]) -> None:
    """As the student: Python itself must be within reach, for no mount can bring it there."""
    for path in paths:
        if not os.access(path, os.R_OK | os.X_OK):
            raise PermissionError(f"{path} cannot be read by other users: install Gradus elsewhere, not below /root.")


def tasks_of_this_user() -> int:
    """Threads of all this user's processes: what the limit on processes counts where no user namespace counts anew."""
    return sum(_threads(status) for status in Path("/proc").glob("[0-9]*/status"))


def _threads(status: Path) -> int:
    try:
        words = dict(line.split(":", 1) for line in status.read_text().splitlines())
    except (OSError, ValueError):
        return 0
    return int(words["Threads"]) if words["Uid"].split()[0] == str(os.getuid()) else 0


def disk_use(folder: str, process: int) -> tuple[int, int]:
    """Bytes and files in the folder, files included that a process below this one holds open and has unlinked.

    Folders nested too deep to be looked into count as endless files.
    """
    try:
        found = [*_files_in(Path(folder)), *_unlinked_files(process)]
    except _TooDeepError:
        return 0, sys.maxsize
    return sum(file.st_blocks * BLOCK for file in found), len(found)


class _TooDeepError(Exception):
    pass


def _files_in(folder: Path) -> Iterator[os.stat_result]:
    """Without recursion: a notebook may nest folders as deep as it likes."""
    waiting = [folder]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    yield entry.stat(follow_symlinks=False)
                    if len(entry.path) > LONGEST_PATH:
                        raise _TooDeepError
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))


def _unlinked_files(process: int) -> Iterator[os.stat_result]:
    for found in memory.below(process):
        with suppress(OSError):
            for descriptor in Path(f"/proc/{found}/fd").iterdir():
                with suppress(OSError):
                    file = descriptor.stat()
                    if stat.S_ISREG(file.st_mode) and file.st_nlink == 0:
                        yield file


def clear_away(folder: str) -> None:
    """Remove a room's folder, whatever the rights in it and however deep it is. Nothing of the room may be running."""
    for command in (["/bin/chmod", "-R", "u+rwX", folder], ["/bin/rm", "-rf", folder]):
        subprocess.run(command, env={}, stdin=subprocess.DEVNULL, capture_output=True, check=False)
