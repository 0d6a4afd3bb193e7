"""One process that has everything imported and is forked once per notebook.

Started with an empty environment, single-threaded for ever, and never runs a line of a student's. Each request
carries the descriptors that the child will speak over; the child becomes process 1 of a new room.
"""

import array
import contextlib
import gc
import importlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from autograder.kernel import warmup
from autograder.sandbox import init, linux, walls
from autograder.sandbox.frames import frame_of

REQUEST_BYTES = 1 << 18
MOST_DESCRIPTORS = 3
ALONGSIDE = {"torch": ("torch.nn", "torch.optim", "torch.utils.data", "torch._dynamo")}
"""What the first use of a library imports late: paid once, here."""


def main(requests_fd: int, settings_text: str) -> None:
    """Import, warm up, then fork for every request until the launcher closes its end."""
    requests = socket.socket(fileno=requests_fd)
    kernel = warmup.new_kernel()  # first: pandas asks at its import whether it is in a notebook
    settings = json.loads(settings_text)
    preload(settings["preload"])
    warmup.warm(kernel)
    refuse_threads()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    linux.use_huge_pages()
    while True:
        job, descriptors = next_request(requests)
        if not descriptors:
            shutil.rmtree(os.environ["HOME"], ignore_errors=True)  # whoever made it may have been killed
            return
        make_room(kernel, job, descriptors, alone=settings["alone"])
        for descriptor in descriptors:
            os.close(descriptor)


def make_room(kernel: Any, job: str, descriptors: list[int], *, alone: bool) -> None:
    """Fork process 1 of a new room and tell its supervisor which process that is. `alone`: without namespaces."""
    link, leash = descriptors[:2]
    owner = os.getuid(), os.getgid()
    try:
        process = walls.new_process(alone=alone)
    except OSError as error:
        os.write(link, frame_of(["broken", str(error)]))
        return
    if process == 0:
        init.main(kernel, job, descriptors, owner, alone=alone)
    with contextlib.suppress(OSError):  # nobody may wait for it any more
        os.write(leash, frame_of(["started", process]))


def preload(names: list[str]) -> None:
    """Import those that are installed."""
    for name in names:
        if importlib.util.find_spec(name.partition(".")[0]):
            for module in (name, *ALONGSIDE.get(name, ())):
                importlib.import_module(module)


def refuse_threads() -> None:
    """A fork copies one thread and the locks of all: with a second thread, children would hang."""
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads != 1:
        sys.exit(f"zygote: {threads} threads after the imports; a library started one")


def next_request(requests: socket.socket) -> tuple[str, list[int]]:
    """The job's text and the descriptors that came with it; no descriptors at the end."""
    text, ancillary, _, _ = requests.recvmsg(REQUEST_BYTES, socket.CMSG_SPACE(MOST_DESCRIPTORS * 4))
    descriptors = array.array("i")
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(data[: len(data) // descriptors.itemsize * descriptors.itemsize])
    return text.decode(), list(descriptors)
