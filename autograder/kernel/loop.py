"""The kernel's side of the wire: says ready, then runs each cell it is sent and answers with what it printed."""

import asyncio
import contextlib
import multiprocessing.process
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.kernel.answers import Answers
from autograder.kernel.pipe import PipeStream
from autograder.kernel.proxies import Remote
from autograder.kernel.testing import TestRoom
from autograder.kernel.warmup import reseed
from autograder.sandbox.frames import receive_frame, send_frame

REQUEST_LIMIT = 64 << 20
PART = 1 << 20
REPLY_KEYS = ("status", "ename", "evalue", "traceback", "execution_count", "done")
STUDENT, TESTS = "student", "tests"


class Voice:
    """What the notebook says, as frames. Only the process that made it speaks so; forked copies print as other programs do."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._speaker = os.getpid()
        self._turn = threading.Lock()  # a thread that prints must not write into the middle of another's frame
        self._muted = False
        self._descriptors = CapturedDescriptors()

    def say(self, kind: str, content: dict[str, Any]) -> None:
        if os.getpid() != self._speaker:
            if kind == "stream":
                os.write(2 if content["name"] == "stderr" else 1, content["text"].encode(errors="replace"))
        elif not self._muted:
            with self._turn:
                send_frame(self._link, ["msg", kind, content])

    def flush(self) -> None:
        """Send what is still in buffers: Python's, then what C code and subprocesses wrote."""
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        for name, text in self._descriptors.drain():
            self.say("stream", {"name": name, "text": text})

    @contextlib.contextmanager
    def muted(self) -> Iterator[None]:
        """What is printed inside is dropped."""
        self._muted = True
        try:
            yield
            self.flush()
        finally:
            self._muted = False


class CapturedDescriptors:
    """Descriptors 1 and 2 as unlinked files, for what C code and subprocesses print; drained after each cell.

    Files and not pipes: nobody who writes much ever waits for a reader.
    """

    def __init__(self) -> None:
        self._files: dict[str, int] = {}
        self._read: dict[str, int] = {}
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            path = f"{os.environ['TMPDIR']}/.{name}"
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            Path(path).unlink()
            os.dup2(file, descriptor)
            self._files[name], self._read[name] = file, 0
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)

    def drain(self) -> Iterator[tuple[str, str]]:
        for name, file in self._files.items():
            while part := os.pread(file, PART, self._read[name]):
                self._read[name] += len(part)
                yield name, part.decode("utf-8", "replace")


@dataclass
class Side:
    """Which side of a split this kernel is: it answers the tests, or it asks the student's side, or neither."""

    peer: socket.socket | None = None
    answers: Answers | None = None
    tests: TestRoom | None = None

    def stop_answering(self) -> None:
        self.peer = self.answers = None


def serve_cells(kernel: Any, link: socket.socket, peer: socket.socket | None, *, role: str, seed: int) -> None:
    """Run cells until the supervisor closes the link."""
    voice = Voice(link)
    kernel.session.emit = voice.say
    sys.stdout, sys.stderr = PipeStream("stdout", voice.say, 1), PipeStream("stderr", voice.say, 2)
    sys.argv = ["ipykernel_launcher.py"]
    sys.path.insert(0, "")
    # else spawned workers look in a folder that is gone
    vars(multiprocessing.process)["ORIGINAL_DIR"] = str(Path.cwd())
    kernel.shell.user_ns["__name__"] = "__main__"
    signal.signal(signal.SIGINT, signal.default_int_handler)
    reseed(seed)
    side = Side()
    if peer and role == STUDENT:
        side = Side(peer, answers=Answers(kernel.shell.user_ns, peer))
    elif peer:
        side = Side(tests=TestRoom(kernel.shell.user_ns, Remote(peer)))
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    send_frame(link, ["ready"])
    loop.run_until_complete(_serve(kernel, voice, link, side))


async def _serve(kernel: Any, voice: Voice, link: socket.socket, side: Side) -> None:
    """The loop turns between cells too, so that background tasks go on as in Jupyter."""
    while True:
        ready = await _readable(link, *([side.peer] if side.peer else []))
        if ready is side.peer and side.answers:
            with voice.muted():
                if not side.answers.answer():
                    side.stop_answering()
            continue
        request = receive_frame(link, limit=REQUEST_LIMIT)
        if request is None:
            return
        if request[0] == "test" and side.tests:
            reply = await _execute_test(kernel, side.tests, request[1], request[2])
        else:
            reply = await _execute(kernel, request[1])
        voice.flush()
        send_frame(link, ["reply", {key: reply.get(key) for key in REPLY_KEYS}])


async def _execute_test(kernel: Any, room: TestRoom, source: str, setting: dict[str, Any]) -> dict[str, Any]:
    room.prepare(setting)
    reply = await _execute(kernel, source)
    done = room.finish(setting)
    if done["broken"]:
        reply = {"status": "error", "ename": "SubmissionError", "evalue": done["broken"], "traceback": []}
    return {**reply, "done": done}


async def _readable(*links: socket.socket) -> socket.socket:
    """The first of the links that has something to read."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[socket.socket] = loop.create_future()

    def tell(link: socket.socket) -> None:
        if not found.done():
            found.set_result(link)

    for link in links:
        loop.add_reader(link, tell, link)
    try:
        return await found
    finally:
        for link in links:
            loop.remove_reader(link)


async def _execute(kernel: Any, source: str) -> dict[str, Any]:
    """One cell. A shell that the student broke still answers: with an error."""
    try:
        reply: dict[str, Any] = await kernel.do_execute(source, False, store_history=True, allow_stdin=False)
    except BaseException as error:  # noqa: BLE001  whatever a student's code throws at the shell is that cell's error
        return {"status": "error", "ename": type(error).__name__, "evalue": str(error), "traceback": []}
    return reply
