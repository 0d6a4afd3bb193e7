"""The three processes of a room, each the parent of the next; all are forks of the zygote.

warden: leaves the host's namespaces, then waits; it ends, and with it everything, when the supervisor does.
init: process 1 inside; builds the room, gives up every privilege, reaps, and takes all others with it when it ends.
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
from dataclasses import dataclass
from typing import Any, NoReturn

from autograder.kernel.loop import serve_cells
from autograder.sandbox import landlock, linux, seccomp, walls
from autograder.sandbox import limits as ceilings
from autograder.sandbox.frames import send_frame
from autograder.sandbox.limits import Limits
from autograder.sandbox.walls import Room

WALLS_FAILED = 97
KERNEL_FAILED = 96
SIGNALLED = 128
ENVIRONMENT = {
    "HOME": walls.SCRATCH,
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "USER": "student",
    "TMPDIR": walls.TEMPORARY,
    "MPLCONFIGDIR": f"{walls.TEMPORARY}/matplotlib",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "IPYTHONDIR": f"{walls.TEMPORARY}/ipython",
    "PYTHONHASHSEED": "0",
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
}


@dataclass(frozen=True)
class Links:
    """`kernel` speaks with the supervisor, `leash` tells it how the room ended, `peer` joins student code and tests."""

    kernel: socket.socket
    leash: socket.socket
    peer: socket.socket | None


def main(kernel: Any, job_text: str, descriptors: list[int]) -> NoReturn:
    """In a fresh fork of the zygote: become the warden of one room."""
    zygote = os.getppid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sockets = [socket.socket(fileno=descriptor) for descriptor in descriptors]
    links = Links(sockets[0], sockets[1], sockets[2] if len(sockets) > 2 else None)  # noqa: PLR2004
    try:
        linux.die_with_parent()
        job = json.loads(job_text)
        uid = walls.student_uid()
        room = Room(tuple(job["read_only"]), job["assets"], tuple(job["devices"]), Limits(**job["limits"]), uid)
        if job["group"]:
            walls.join_group(job["group"])
        walls.enter_namespaces(uid=uid)
        linux.die_with_parent()
        if os.getppid() != zygote:
            os._exit(0)
        init = os.fork()
    except Exception as error:  # noqa: BLE001  whatever broke, the supervisor must hear of it before we go
        _report_failure(links.kernel, error)
        os._exit(WALLS_FAILED)
    if init == 0:
        _init(kernel, room, job, links)
    _wait(init, links)


def _wait(init: int, links: Links) -> NoReturn:
    """Until init ends or the supervisor closes its end of the leash; then nothing inside is left."""
    links.kernel.close()
    if links.peer:
        links.peer.close()
    send_frame(links.leash, ["started", init])
    watched = os.pidfd_open(init)
    select.select([watched, links.leash.fileno()], [], [])
    os.kill(init, signal.SIGKILL)
    _, status = os.waitpid(init, 0)
    with contextlib.suppress(OSError):  # nobody may wait for it any more
        send_frame(links.leash, ["ended", os.waitstatus_to_exitcode(status)])
    os._exit(0)


def _init(kernel: Any, room: Room, job: dict[str, Any], links: Links) -> NoReturn:
    try:
        links.leash.close()
        walls.build_root(room)
        walls.give_up_root(uid=room.uid)
        linux.set_dumpable(dumpable=False)
    except Exception as error:  # noqa: BLE001  whatever broke, the supervisor must hear of it before we go
        _report_failure(links.kernel, error)
        os._exit(WALLS_FAILED)
    child = os.fork()
    if child == 0:
        _kernel(kernel, room, job, links)
    links.kernel.close()
    if links.peer:
        links.peer.close()
    while True:
        ended, status = os.wait()
        if ended == child:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else SIGNALLED - code)


def _kernel(kernel: Any, room: Room, job: dict[str, Any], links: Links) -> NoReturn:
    linux.set_dumpable(dumpable=True)
    linux.die_with_parent()
    os.setsid()
    os.chdir(walls.SCRATCH)
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    try:
        _keep_only([links.kernel.fileno(), *([links.peer.fileno()] if links.peer else [])])
        ceilings.apply(room.limits)
        close_the_last_walls(room)
        serve_cells(kernel, links.kernel, links.peer, role=job["role"], seed=job["seed"])
    except BaseException as error:  # noqa: BLE001  whatever broke, the supervisor must hear of it before we go
        _report_failure(links.kernel, error)
        os._exit(KERNEL_FAILED)
    os._exit(0)


def close_the_last_walls(room: Room) -> None:
    """Landlock and the system call filter: for the kernel and all it starts, not for init."""
    linux.gain_nothing_by_exec()
    devices = [f"/dev/{name}" for name in walls.DEVICES]
    writable = [walls.SCRATCH, walls.TEMPORARY, "/dev/shm", "/dev/pts", "/dev/ptmx", *devices, *room.devices]  # noqa: S108  inside the room
    landlock.restrict(readable=["/"], writable=writable)
    linux.install_filter(seccomp.program(platform.machine()))


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
