"""The kernel's side of the wire: says ready, then runs each cell it is sent and answers with what it printed."""

import asyncio
import contextlib
import fcntl
import multiprocessing.process
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from autograder.kernel.pipe import PipeStream, build_kernel
from autograder.sandbox.frames import receive_frame, send_frame

PIPE_BYTES = 1 << 20
REQUEST_LIMIT = 64 << 20
REPLY_KEYS = ("status", "ename", "evalue", "traceback", "execution_count")


class CapturedDescriptors:
    """Descriptors 1 and 2 as pipes, for what C code and subprocesses print; drained after each cell."""

    def __init__(self) -> None:
        self._readers: dict[str, int] = {}
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            reader, writer = os.pipe()
            os.dup2(writer, descriptor)
            os.close(writer)
            os.set_blocking(reader, False)
            with contextlib.suppress(OSError):
                fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
            self._readers[name] = reader

    def drain(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for name, reader in self._readers.items():
            with contextlib.suppress(BlockingIOError):
                while part := os.read(reader, 65_536):
                    found.append((name, part.decode("utf-8", "replace")))
        return found


def serve_cells(link: socket.socket) -> None:
    """Run until the supervisor closes the link. Only this process may speak: forked copies stay silent."""
    speaker = os.getpid()
    turn = threading.Lock()  # a thread that prints must not write into the middle of another's frame

    def emit(kind: str, content: dict[str, Any]) -> None:
        if os.getpid() == speaker:
            with turn:
                send_frame(link, ["msg", kind, content])

    kernel = build_kernel(emit)
    descriptors = CapturedDescriptors()
    sys.stdout, sys.stderr = PipeStream("stdout", emit, 1), PipeStream("stderr", emit, 2)
    sys.argv = ["ipykernel_launcher.py"]
    sys.path.insert(0, "")
    vars(multiprocessing.process)["ORIGINAL_DIR"] = str(
        Path.cwd()
    )  # else spawned workers look in a folder that is gone
    kernel.shell.user_ns["__name__"] = "__main__"
    signal.signal(signal.SIGINT, signal.default_int_handler)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    send_frame(link, ["ready"])
    while (request := receive_frame(link, limit=REQUEST_LIMIT)) is not None:
        reply = loop.run_until_complete(_execute(kernel, request[1]))
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        for name, text in descriptors.drain():
            emit("stream", {"name": name, "text": text})
        send_frame(link, ["reply", {key: reply.get(key) for key in REPLY_KEYS}])


async def _execute(kernel: Any, source: str) -> dict[str, Any]:
    """One cell. A shell that the student broke still answers: with an error."""
    try:
        reply: dict[str, Any] = await kernel.do_execute(source, False, store_history=True, allow_stdin=False)
    except BaseException as error:  # noqa: BLE001  whatever a student's code throws at the shell is that cell's error
        return {"status": "error", "ename": type(error).__name__, "evalue": str(error), "traceback": []}
    return reply
