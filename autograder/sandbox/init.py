"""The two processes of a room, the first the parent of the second; both are forks of the zygote.

init: process 1 inside; builds the room, gives up every privilege, buries the dead, and takes all others with it when
the kernel ends or the supervisor does.
kernel: runs cells, one at a time, as the supervisor sends them.
"""

import contextlib
import json
import os
import platform
import select
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from autograder.kernel.loop import serve_cells
from autograder.sandbox import alone as aside
from autograder.sandbox import landlock, linux, memory, seccomp, walls
from autograder.sandbox import limits as ceilings
from autograder.sandbox.frames import send_frame
from autograder.sandbox.limits import Limits
from autograder.sandbox.walls import Room

WALLS_FAILED = 97
KERNEL_FAILED = 96
SIGNALLED = 128
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "USER": "student",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONHASHSEED": "0",
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
}

CACHES = {"MPLCONFIGDIR": "matplotlib", "IPYTHONDIR": "ipython"}


@dataclass(frozen=True)
class Links:
    """`kernel` speaks with the supervisor, `leash` tells it how the room ended, `peer` joins student code and tests."""

    kernel: socket.socket
    leash: socket.socket
    peer: socket.socket | None


def main(
    kernel: Any, job_text: str, descriptors: list[int], owner: tuple[int, int], *, alone: bool = False
) -> NoReturn:
    """In a fresh fork of the zygote, process 1 of its own namespaces: build the room, start the kernel, watch over it.

    `owner`: the zygote's user and group. `alone`: there are no namespaces, and the room is a folder.
    """
    sockets = [socket.socket(fileno=descriptor) for descriptor in descriptors]
    links = Links(sockets[0], sockets[1], sockets[2] if len(sockets) > 2 else None)  # noqa: PLR2004
    try:
        linux.die_with_parent()
        job = json.loads(job_text)
        room = _built(job, owner, alone=alone)
        linux.set_dumpable(dumpable=False)
        child = _start(kernel, room, job, links)
    except Exception as error:  # noqa: BLE001  whatever broke, the supervisor must hear of it before we go
        _report_failure(links.kernel, error)
        os._exit(WALLS_FAILED)
    links.kernel.close()
    if links.peer:
        links.peer.close()
    status = _watch(child, links.leash, everybody=_below_me if alone else lambda: [-1])
    if alone:
        aside.clear_away(room.home)
    with contextlib.suppress(OSError):  # nobody may wait for it any more
        send_frame(links.leash, ["ended", _as_a_shell_says(status)])
    os._exit(0)


def _built(job: dict[str, Any], owner: tuple[int, int], *, alone: bool) -> Room:
    if not alone:
        walls.become_somebody(owner)
    uid = walls.student_uid() if not alone or os.getuid() == 0 else os.getuid()
    limits = Limits(**job["limits"])
    room = Room(tuple(job["read_only"]), job["assets"], tuple(job["devices"]), limits, uid, job["home"])
    walls.join_group(job["group"])
    if not alone:
        walls.build_root(room)
        walls.give_up_root(uid=uid)
        return room
    linux.adopt_orphans()  # as process 1 does: the room can then be emptied
    aside.furnish(room)
    walls.give_up_root(uid=uid)
    linux.die_with_parent(by=signal.SIGTERM)  # and have time to empty it
    aside.refuse_unreadable(room.read_only)
    return room


def _start(kernel: Any, room: Room, job: dict[str, Any], links: Links) -> int:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        _kernel(kernel, room, job, links)
    return child


def _below_me() -> list[int]:
    return [process for process in memory.below(os.getpid()) if process != os.getpid()]


def _watch(child: int, leash: socket.socket, everybody: Callable[[], list[int]]) -> int:
    """Wait until the kernel ends, or the zygote, or the supervisor closes its end of the leash; then end all that is left.

    The kernel's status. `everybody`: whom to send the signal that ends them.
    """
    zygote = os.getppid()
    ended, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    status = _reap(child, os.WNOHANG)
    while status is None and os.getppid() == zygote:
        ready, _, _ = select.select([ended, leash.fileno()], [], [])
        if leash.fileno() in ready:
            break
        os.read(ended, 4096)
        status = _reap(child, os.WNOHANG)
    while True:
        for process in everybody():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        try:
            _, found = os.wait()
        except ChildProcessError:
            break
        status = found if status is None else status
    return status or 0


def _reap(child: int, options: int) -> int | None:
    """Bury all who ended; the kernel's status if it is among them."""
    found = None
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, options))[0]:
            found = ended[1] if ended[0] == child else found
    return found


def _as_a_shell_says(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else SIGNALLED - code


def _kernel(kernel: Any, room: Room, job: dict[str, Any], links: Links) -> NoReturn:
    linux.set_dumpable(dumpable=True)
    linux.die_with_parent()
    os.setsid()
    os.chdir(room.home)
    os.environ.clear()
    os.environ.update(ENVIRONMENT, HOME=room.home, TMPDIR=room.temporary)
    os.environ.update({name: f"{room.temporary}/{folder}" for name, folder in CACHES.items()})
    tempfile.tempdir = room.temporary  # the zygote's own may have been looked up
    if room.alone:
        kernel.shell.system = kernel.shell.system_raw  # terminals would be the host's
    try:
        _keep_only([links.kernel.fileno(), *([links.peer.fileno()] if links.peer else [])])
        neighbours = aside.tasks_of_this_user() if room.alone else 0
        ceilings.apply(room.limits, reserves_much=bool(room.devices), neighbours=neighbours)
        close_the_last_walls(room)
        serve_cells(kernel, links.kernel, links.peer, role=job["role"], seed=job["seed"])
    except BaseException as error:  # noqa: BLE001  whatever broke, the supervisor must hear of it before we go
        _report_failure(links.kernel, error)
        os._exit(KERNEL_FAILED)
    os._exit(0)


def close_the_last_walls(room: Room) -> None:
    """Landlock and the system call filter: for the kernel and all it starts, not for init."""
    linux.gain_nothing_by_exec()
    readable, writable = ["/"], [room.home, room.temporary, *(f"/dev/{name}" for name in walls.DEVICES), *room.devices]
    if room.alone:
        readable = [*walls.SYSTEM, *room.read_only, *([room.assets] if room.assets else []), f"/proc/{os.getpid()}"]
    else:
        writable += ["/dev/shm", "/dev/pts", "/dev/ptmx"]  # noqa: S108  the room's own
    held = landlock.restrict(readable=readable, writable=writable)
    if room.alone and not held:
        raise PermissionError("This kernel has no Landlock, and without namespaces nothing else guards files.")
    linux.install_filter(seccomp.program(platform.machine(), alone=room.alone))


def _keep_only(descriptors: list[int]) -> None:
    lowest = 3
    for kept in sorted(descriptors):
        os.closerange(lowest, kept)
        lowest = kept + 1
    os.closerange(lowest, os.sysconf("SC_OPEN_MAX"))


def _report_failure(link: socket.socket, error: BaseException) -> None:
    try:
        send_frame(link, ["broken", f"{type(error).__name__}: {error}"])
    except OSError:
        sys.stderr.write(f"sandbox: {error}\n")
