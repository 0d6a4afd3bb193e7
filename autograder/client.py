"""How a program asks the engine of its host: finds it, starts it if there is none, waits for the answer."""

import fcntl
import hashlib
import os
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from autograder.report import RunnerError, SourceUnusable
from autograder.sandbox.frames import receive_frame, send_frame
from autograder.sandbox.walls import package_root

ANSWER_LIMIT = 256 << 20
START_SECONDS = 30.0


class Abandoned(Exception):
    """The asker no longer wants the answer; the request was ended."""


class Engine:
    """The engine of this host and of this version of the code. Threads and forks may share one object.

    `alone`: its rooms have no namespaces (tier C).
    """

    def __init__(self, folder: Path | None = None, *, alone: bool = False) -> None:
        name = f"gradus-{os.getuid()}-{_fingerprint()}" + ("-alone" if alone else "")
        self._folder = folder or Path(tempfile.gettempdir(), name)
        self._options = ["--without-namespaces"] if alone else []
        self._tether: tuple[int, socket.socket] | None = None

    def ask(
        self,
        command: str,
        arguments: dict[str, Any],
        *,
        longest: float,
        still_wanted: Callable[[], bool] = lambda: True,
        ask_every: float = 15.0,
    ) -> dict[str, Any]:
        """The answer. Raises SourceUnusable, RunnerError (ours; try again), Abandoned once `still_wanted` says no."""
        self._keep_alive()
        with self._connected() as link:
            send_frame(link, [command, arguments])
            kind, content = _wait(link, longest, still_wanted, ask_every)
        if kind == "answer" and isinstance(content, dict):
            return content
        raise (SourceUnusable if kind == "unusable" else RunnerError)(str(content))

    def process(self) -> int:
        """The engine's process, for those who measure or end it."""
        self._keep_alive()
        with self._connected() as link:
            return int.from_bytes(link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)[:4], sys.byteorder)

    def _keep_alive(self) -> None:
        """One silent connection for each process: without any, the engine ends."""
        if self._tether is None or self._tether[0] != os.getpid() or not _lives(self._tether[1]):
            self._tether = os.getpid(), self._connected()

    def _connected(self) -> socket.socket:
        with suppress(OSError):
            return self._connect()
        _private(self._folder)
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with suppress(OSError):
                return self._connect()
            process = self._start()
            ends = time.monotonic() + START_SECONDS
            while time.monotonic() < ends and process.poll() is None:
                with suppress(OSError):
                    return self._connect()
                time.sleep(0.02)
        raise RunnerError("The engine does not start.")

    def _connect(self) -> socket.socket:
        link = socket.socket(socket.AF_UNIX)
        try:
            link.connect(str(self._folder / "engine"))
        except OSError:
            link.close()
            raise
        return link

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "autograder", *self._options, "serve", str(self._folder / "engine")],
            cwd=package_root(),
            env={"LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )


def _wait(link: socket.socket, longest: float, still_wanted: Callable[[], bool], ask_every: float) -> tuple[str, Any]:
    ends = time.monotonic() + longest
    asked = time.monotonic()

    def look_around() -> None:
        nonlocal asked
        if time.monotonic() >= asked + ask_every:
            asked = time.monotonic()
            if not still_wanted():
                raise Abandoned

    try:
        frame = receive_frame(link, limit=ANSWER_LIMIT, ends=ends, look_around=look_around)
    except (OSError, ValueError) as error:
        raise RunnerError(f"The engine did not answer: {error}") from error
    if frame is None:
        raise RunnerError("The engine ended while it answered.")
    return str(frame[0]), frame[1]


def _lives(link: socket.socket) -> bool:
    try:
        return link.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def _private(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise RunnerError(f"{folder} is not a private folder of this user.")


def _fingerprint() -> str:
    """Changes with the code and the interpreter: after an upgrade nobody is answered by the old engine."""
    files = sorted((package_root() / "autograder").rglob("*.py"))
    facts = [sys.prefix, *(f"{file}:{file.stat().st_mtime_ns}" for file in files)]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:12]
