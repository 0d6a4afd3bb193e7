"""The trusted side: starts a sandbox, feeds it cells one at a time, keeps time and counts what comes back."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.report import RunnerError, Verdict
from autograder.sandbox import walls
from autograder.sandbox.frames import FrameTooLarge, receive_frame, send_frame
from autograder.sandbox.limits import Limits

START_TIMEOUT = 60.0
BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); from autograder.sandbox import warden; "
    "sys.path.pop(0); warden.main(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])"
)
OUTPUT_KINDS = {"stream", "display_data", "execute_result", "error"}
Output = dict[str, Any]


@dataclass
class CellResult:
    """What one cell printed, as nbformat outputs, and whether it raised."""

    outputs: list[Output] = field(default_factory=list)
    raised: str = ""


class Stopped(Exception):
    """The notebook ran into a limit or died; carries the verdict. What was scored before stands."""

    def __init__(self, verdict: Verdict, message: str) -> None:
        super().__init__(message)
        self.verdict = verdict
        self.message = message


class Sandbox:
    """One running kernel behind walls. Use `open_sandbox`."""

    def __init__(self, link: socket.socket, limits: Limits) -> None:
        self._link = link
        self._limits = limits
        self._deadline = time.monotonic() + limits.wall
        self._bytes = limits.output
        self._messages = limits.messages

    def run_cell(self, source: str) -> CellResult:
        """Run one cell to its end; raises Stopped when a limit is hit or the kernel is gone."""
        try:
            send_frame(self._link, ["run", source])
        except OSError as error:
            raise Stopped(Verdict.CRASHED, "The notebook's process ended.") from error
        ends = min(time.monotonic() + self._limits.cell, self._deadline)
        result = CellResult()
        while True:
            kind, *content = self._next(ends)
            if kind == "reply":
                _finish(result, content)
                return result
            if kind == "msg" and len(content) == 2 and isinstance(content[1], dict):  # noqa: PLR2004
                self._keep(result, str(content[0]), content[1])

    def _next(self, ends: float) -> list[Any]:
        try:
            frame = receive_frame(self._link, limit=max(self._bytes, 0) + 65_536, ends=ends)
        except TimeoutError:
            raise Stopped(Verdict.TIMED_OUT, self._too_long()) from None
        except FrameTooLarge:
            raise Stopped(Verdict.TOO_MUCH_OUTPUT, self._too_much()) from None
        except (OSError, ValueError) as error:
            raise Stopped(Verdict.CRASHED, "The notebook's process ended while this cell ran.") from error
        if frame is None:
            raise Stopped(Verdict.CRASHED, "The notebook's process ended while this cell ran.")
        if frame[0] == "broken":  # after "ready" only student code can bring this about
            raise Stopped(Verdict.CRASHED, "The notebook's process broke while this cell ran.")
        self._bytes -= len(json.dumps(frame))
        self._messages -= 1
        if self._bytes < 0 or self._messages < 0:
            raise Stopped(Verdict.TOO_MUCH_OUTPUT, self._too_much())
        return frame

    def _keep(self, result: CellResult, kind: str, content: dict[str, Any]) -> None:
        if kind == "clear_output":
            result.outputs.clear()
        elif kind == "update_display_data":
            _update_display(result.outputs, content)
        elif kind in OUTPUT_KINDS:
            _append(result.outputs, {"output_type": kind, **content})

    def _too_long(self) -> str:
        if time.monotonic() >= self._deadline:
            return f"The notebook ran longer than {self._limits.wall:g} seconds and was stopped."
        return f"This cell ran longer than {self._limits.cell:g} seconds and was stopped."

    def _too_much(self) -> str:
        return f"The notebook printed more than {self._limits.output // 2**20} MB or {self._limits.messages} messages."


@contextmanager
def open_sandbox(*, limits: Limits, assets: Path | None = None) -> Iterator[Sandbox]:
    """A fresh kernel behind walls, gone with everything it started when the block ends. RunnerError if it cannot start."""
    ours, theirs = socket.socketpair()
    alive_read, alive_write = os.pipe()
    job = {
        "read_only": walls.python_paths(),
        "assets": str(assets) if assets else None,
        "limits": limits.as_json(),
    }
    with ours:
        with theirs:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-I",
                    "-c",
                    BOOT,
                    str(walls.package_root()),
                    str(theirs.fileno()),
                    str(alive_read),
                    json.dumps(job),
                ],
                pass_fds=(theirs.fileno(), alive_read),
                env={"LANG": "C.UTF-8", "PYTHONHASHSEED": "0"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            os.close(alive_read)
        try:
            _await_ready(ours)
            yield Sandbox(ours, limits)
        finally:
            os.close(alive_write)
            _reap(process)


def _await_ready(link: socket.socket) -> None:
    try:
        frame = receive_frame(link, limit=65_536, ends=time.monotonic() + START_TIMEOUT)
    except (OSError, ValueError, FrameTooLarge) as error:
        raise RunnerError(f"The sandbox did not start: {error}") from error
    if frame is None or frame[0] != "ready":
        raise RunnerError(f"The sandbox did not start: {frame[1:] if frame else 'it ended at once'}")


def _reap(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _finish(result: CellResult, content: list[Any]) -> None:
    """An error reply without its error output (a patched traceback printer) still counts as an error."""
    reply = content[0] if content and isinstance(content[0], dict) else {}
    if reply.get("status") != "error":
        return
    result.raised = str(reply.get("ename") or "Error")
    if not any(output["output_type"] == "error" for output in result.outputs):
        traceback = reply.get("traceback")
        error = {"output_type": "error", "ename": result.raised, "evalue": str(reply.get("evalue") or "")}
        result.outputs.append({**error, "traceback": traceback if isinstance(traceback, list) else []})


def _append(outputs: list[Output], output: Output) -> None:
    """Neighbouring pieces of the same stream become one output, as in a saved notebook."""
    last = outputs[-1] if outputs else None
    if last and last["output_type"] == output["output_type"] == "stream" and last.get("name") == output.get("name"):
        last["text"] = str(last.get("text", "")) + str(output.get("text", ""))
    elif output["output_type"] != "execute_result" or isinstance(output.get("data"), dict):
        outputs.append(output)


def _update_display(outputs: list[Output], content: dict[str, Any]) -> None:
    display_id = _display_id(content)
    for output in outputs:
        if display_id is not None and _display_id(output) == display_id:
            output.update(data=content.get("data", {}), metadata=content.get("metadata", {}))


def _display_id(content: dict[str, Any]) -> Any:
    transient = content.get("transient")
    return transient.get("display_id") if isinstance(transient, dict) else None
