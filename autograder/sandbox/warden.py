"""The three processes of a sandbox, each the parent of the next.

warden: leaves the host's namespaces, then waits; it ends, and with it everything, when the supervisor does.
init: process 1 inside; builds the room, gives up every privilege, reaps, and takes all others with it when it ends.
kernel: runs the student's cells, one at a time, as the supervisor sends them.
"""

import json
import os
import select
import signal
import socket
import sys

from autograder.kernel.loop import serve_cells
from autograder.sandbox import limits as ceilings
from autograder.sandbox import linux, walls
from autograder.sandbox.frames import send_frame
from autograder.sandbox.limits import Limits
from autograder.sandbox.walls import Room

WALLS_FAILED = 97
KERNEL_FAILED = 96
ENVIRONMENT = {
    "HOME": walls.SCRATCH,
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "USER": "student",
    "TMPDIR": walls.TEMPORARY,
    "MPLCONFIGDIR": f"{walls.TEMPORARY}/matplotlib",
    "IPYTHONDIR": f"{walls.TEMPORARY}/ipython",
    "PYTHONHASHSEED": "0",
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
}


def main(link_fd: int, alive_fd: int, job_text: str) -> None:
    """Entry point of the fresh process that `supervisor.open_sandbox` starts with an empty environment."""
    job = json.loads(job_text)
    linux.die_with_parent()
    uid = walls.student_uid()
    room = Room(tuple(job["read_only"]), job["assets"], Limits(**job["limits"]), uid)
    link = socket.socket(fileno=link_fd)
    try:
        walls.enter_namespaces(uid=uid)
        linux.die_with_parent()
    except OSError as error:
        _report_failure(link, error)
        os._exit(WALLS_FAILED)
    init = os.fork()
    if init == 0:
        _init(room, link, alive_fd)
    link.close()
    _wait(init, alive_fd)


def _wait(init: int, alive_fd: int) -> None:
    """Until init ends or the supervisor closes its end of `alive`; then nothing inside is left."""
    watched = os.pidfd_open(init)
    select.select([watched, alive_fd], [], [])
    os.kill(init, signal.SIGKILL)
    os.waitpid(init, 0)
    os._exit(0)


def _init(room: Room, link: socket.socket, alive_fd: int) -> None:
    try:
        os.close(alive_fd)
        walls.build_root(room)
        walls.give_up_root(uid=room.uid)
        linux.set_dumpable(dumpable=False)
    except OSError as error:
        _report_failure(link, error)
        os._exit(WALLS_FAILED)
    kernel = os.fork()
    if kernel == 0:
        _kernel(room, link)
    link.close()
    while True:
        ended, _ = os.wait()
        if ended == kernel:
            os._exit(0)


def _kernel(room: Room, link: socket.socket) -> None:
    linux.set_dumpable(dumpable=True)
    linux.die_with_parent()
    os.setsid()
    os.chdir(walls.SCRATCH)
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    try:
        ceilings.apply(room.limits)
        serve_cells(link)
    except BaseException as error:  # noqa: BLE001  whatever broke, the supervisor must hear of it before we go
        _report_failure(link, error)
        os._exit(KERNEL_FAILED)
    os._exit(0)


def _report_failure(link: socket.socket, error: BaseException) -> None:
    try:
        send_frame(link, ["broken", f"{type(error).__name__}: {error}"])
    except OSError:
        sys.stderr.write(f"sandbox: {error}\n")
