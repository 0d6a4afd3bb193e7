"""The trusted side of one room: feeds it cells one at a time, keeps time and counts what comes back."""

import json
import select
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.report import RunnerError, Verdict
from autograder.sandbox import alone, groups, memory, walls
from autograder.sandbox.frames import FrameTooLarge, receive_frame, send_frame
from autograder.sandbox.launcher import Zygote, nursery
from autograder.sandbox.limits import Limits

START_TIMEOUT = 60.0
END_TIMEOUT = 10.0
LOOK_EVERY = 0.2
ENDING_MS = 200
KILLED = 128 + 9
OUTPUT_KINDS = {"stream", "display_data", "execute_result", "error"}
Output = dict[str, Any]


@dataclass
class CellResult:
    """What one cell printed, as nbformat outputs, whether it raised, and for a protected test what it did."""

    outputs: list[Output] = field(default_factory=list)
    raised: str = ""
    done: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    clears: bool = False
    """Whether the next output takes the place of all before it."""


class Stopped(Exception):
    """The notebook ran into a limit or died; carries the verdict. What was scored before stands.

    `killed`: its process got SIGKILL from we do not know whom; worth one more try.
    """

    def __init__(self, verdict: Verdict, message: str, *, killed: bool = False) -> None:
        super().__init__(message)
        self.verdict = verdict
        self.message = message
        self.killed = killed


class Leash:
    """How we hold a room and hear of its end: closing it ends the room."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self.init = 0

    def await_start(self) -> None:
        """Raises RunnerError if the room ends before it began."""
        kind, process = self._hear(START_TIMEOUT)
        if kind != "started":
            raise RunnerError(f"The sandbox did not start: it ended with {process}.")
        self.init = process

    def how_it_ended(self) -> int:
        """The exit status of the notebook's process as a shell says it; RunnerError if not its own doing ended it."""
        kind, status = self._hear(END_TIMEOUT)
        if kind != "ended" or status < 0:
            raise RunnerError(f"The sandbox was ended from outside: {kind} {status}.")
        return status

    def _hear(self, seconds: float) -> tuple[str, int]:
        try:
            frame = receive_frame(self._link, limit=4096, ends=time.monotonic() + seconds)
        except (OSError, ValueError) as error:
            raise RunnerError(f"The sandbox does not answer: {error}") from error
        if frame is None:
            raise RunnerError("The sandbox ended without a word: its zygote or its first process was killed.")
        return str(frame[0]), int(frame[1])


class Sandbox:
    """One running kernel behind walls. Use `open_sandbox`."""

    def __init__(self, link: socket.socket, limits: Limits, leash: Leash | None = None, folder: str = "") -> None:
        self._link = link
        self._folder = folder
        self._limits = limits
        self._leash = leash
        self._deadline = time.monotonic() + limits.wall
        self._bytes = limits.output
        self._messages = limits.messages
        self._looked = time.monotonic()
        self._displays: list[Output] = []
        self.neighbours: list[Sandbox] = []

    def run_cell(self, source: str) -> CellResult:
        """Run one cell to its end; raises Stopped when a limit is hit or the kernel is gone."""
        return self._run(["run", source])

    def run_test(self, source: str, setting: dict[str, Any]) -> CellResult:
        """Run a test in the tests' room; `setting` as TestPlace.setting()."""
        return self._run(["test", source, setting])

    def _run(self, request: list[Any]) -> CellResult:
        result = CellResult()
        started = time.monotonic()
        reply = self._ask(request, result)
        result.seconds = time.monotonic() - started
        done = reply.get("done")
        result.done = done if isinstance(done, dict) else {}
        if result.done.get("broken"):
            result.outputs.clear()  # whatever the test made of it
        _finish(result, reply)
        return result

    def _ask(self, request: list[Any], result: CellResult) -> dict[str, Any]:
        """Send a request and keep what comes until its reply. Raises Stopped; RunnerError when we broke."""
        try:
            send_frame(self._link, request)
        except OSError:
            raise self._ended() from None
        ends = min(time.monotonic() + self._limits.cell, self._deadline)
        while True:
            kind, *content = self._next(ends)
            if kind == "reply":
                return content[0] if content and isinstance(content[0], dict) else {}
            if kind == "msg" and len(content) == 2 and isinstance(content[1], dict):  # noqa: PLR2004
                self._keep(result, str(content[0]), content[1])

    def _next(self, ends: float) -> list[Any]:
        try:
            limit = max(self._bytes, 0) + 65_536
            frame = receive_frame(self._link, limit=limit, ends=ends, look_around=self._look_around)
        except TimeoutError:
            raise Stopped(Verdict.TIMED_OUT, self._too_long()) from None
        except FrameTooLarge:
            raise Stopped(Verdict.TOO_MUCH_OUTPUT, self._too_much()) from None
        except ValueError as error:
            raise Stopped(Verdict.CRASHED, "The notebook's process broke while this cell ran.") from error
        except OSError:
            frame = None
        if frame is None:
            raise self._ended()
        if frame[0] == "broken":  # after "ready" only student code can bring this about
            raise Stopped(Verdict.CRASHED, "The notebook's process broke while this cell ran.")
        self._look_around()
        self._bytes -= len(json.dumps(frame))
        self._messages -= 1
        if self._bytes < 0 or self._messages < 0:
            raise Stopped(Verdict.TOO_MUCH_OUTPUT, self._too_much())
        return frame

    def _look_around(self) -> None:
        """Memory of all processes of the room together, where no control group counts it; its folder, where it has one."""
        if self._leash is None or time.monotonic() < self._looked + LOOK_EVERY:
            return
        self._looked = time.monotonic()
        if memory.used_below(self._leash.init) > self._limits.memory:
            raise Stopped(Verdict.OUT_OF_MEMORY, self._too_big())
        if self._folder:
            size, files = alone.disk_use(self._folder, self._leash.init)
            if size > self._limits.scratch or files > walls.INODES:
                raise Stopped(Verdict.TOO_MUCH_OUTPUT, self._too_full())
        for neighbour in self.neighbours:
            neighbour._look_around()  # noqa: SLF001  of the same class

    def raise_if_ended(self) -> None:
        """Raises Stopped if the kernel is gone although nobody was waiting for it.

        A process that ends closes its connections one after the other: the tests' may say so before ours does.
        """
        poller = select.poll()
        poller.register(self._link, select.POLLHUP)
        if poller.poll(ENDING_MS):
            raise self._ended()

    def _ended(self) -> Stopped:
        status = self._leash.how_it_ended() if self._leash else 0
        return Stopped(Verdict.CRASHED, "The notebook's process ended while this cell ran.", killed=status == KILLED)

    def _keep(self, result: CellResult, kind: str, content: dict[str, Any]) -> None:
        if kind == "clear_output":
            result.clears = bool(content.get("wait"))
            if not result.clears:
                result.outputs.clear()
            return
        if result.clears:
            result.outputs.clear()
            result.clears = False
        if kind in OUTPUT_KINDS:
            output = {"output_type": kind, **content}
            _append(result.outputs, output)
            if _display_id(output) is not None:
                self._displays.append(output)
        if kind in ("update_display_data", "display_data"):
            _update_display(self._displays, content)

    def _too_long(self) -> str:
        if time.monotonic() >= self._deadline:
            return f"The notebook ran longer than {self._limits.wall:g} seconds and was stopped."
        return f"This cell ran longer than {self._limits.cell:g} seconds and was stopped."

    def _too_much(self) -> str:
        return f"The notebook printed more than {self._limits.output // 2**20} MB or {self._limits.messages} messages."

    def _too_full(self) -> str:
        return (
            f"The notebook wrote files of more than {self._limits.scratch // 2**20} MB, or too many, and was stopped."
        )

    def _too_big(self) -> str:
        return f"The notebook used more than {self._limits.memory // 2**20} MB of memory and was stopped."


class _Room:
    """A room that was asked for: its links, until it is ready and again when it ends."""

    def __init__(
        self, stack: ExitStack, zygote: Zygote, limits: Limits, job: dict[str, Any], peer: socket.socket | None
    ) -> None:
        self._limits = limits
        self._link, theirs = socket.socketpair()
        self._held, collar = socket.socketpair()
        stack.enter_context(self._link)
        stack.enter_context(self._held)
        group = stack.enter_context(groups.joined(limits))
        self._folder = ""
        if zygote.alone:
            self._folder = tempfile.mkdtemp(prefix="room-", dir=zygote.folder)
            stack.callback(alone.clear_away, self._folder)
        job = {**job, "group": group, "home": self._folder or walls.SCRATCH}
        with theirs, collar:
            descriptors = [theirs.fileno(), collar.fileno(), *([peer.fileno()] if peer else [])]
            zygote.ask(job, descriptors)

    def ready(self) -> Sandbox:
        leash = Leash(self._held)
        _await_ready(self._link, leash)
        return Sandbox(self._link, self._limits, leash, self._folder)

    def let_go(self) -> None:
        with suppress(OSError):
            self._held.shutdown(socket.SHUT_WR)

    def await_end(self) -> None:
        """Until the room says that nothing of it is left, or its first process is gone."""
        with suppress(OSError):
            self._held.settimeout(END_TIMEOUT)
            while self._held.recv(4096):
                pass


@dataclass(frozen=True)
class Setting:
    """What the rooms of one run have in common. `seed` starts their random generators."""

    limits: Limits
    assets: Path | None = None
    zygote: Zygote | None = None
    seed: int = 0
    devices: Sequence[str] = ()

    def job(self, role: str) -> dict[str, Any]:
        return {
            "read_only": walls.python_paths(),
            "assets": str(self.assets) if self.assets else None,
            "devices": list(self.devices),
            "limits": self.limits.as_json(),
            "role": role,
            "seed": self.seed,
        }


@contextmanager
def open_sandbox(
    *, limits: Limits, assets: Path | None = None, zygote: Zygote | None = None, seed: int = 0
) -> Iterator[Sandbox]:
    """One fresh kernel behind walls, gone with everything it started when the block ends. RunnerError if it cannot start."""
    with open_rooms(Setting(limits, assets, zygote, seed), split=False) as (sandbox, _):
        yield sandbox


@contextmanager
def open_rooms(setting: Setting, *, split: bool) -> Iterator[tuple[Sandbox, Sandbox]]:
    """The student's room and the tests'; the same one twice if not `split`. RunnerError if one cannot start."""
    zygote = setting.zygote or nursery.zygote()
    with ExitStack() as stack:
        ends = socket.socketpair() if split else (None, None)
        roles = ("student", "tests") if split else ("student",)
        rooms = [
            _Room(stack, zygote, setting.limits, setting.job(role), end) for role, end in zip(roles, ends, strict=False)
        ]
        for end in ends:
            if end is not None:
                end.close()
        try:
            sandboxes = [room.ready() for room in rooms]
            sandboxes[-1].neighbours = sandboxes[:-1]
            yield sandboxes[0], sandboxes[-1]
        finally:
            for room in rooms:
                room.let_go()
            for room in rooms:
                room.await_end()


def _await_ready(link: socket.socket, leash: Leash) -> None:
    try:
        frame = receive_frame(link, limit=65_536, ends=time.monotonic() + START_TIMEOUT)
    except (OSError, ValueError, FrameTooLarge) as error:
        raise RunnerError(f"The sandbox did not start: {error}") from error
    if frame is None or frame[0] != "ready":
        raise RunnerError(f"The sandbox did not start: {frame[1:] if frame else 'it ended at once'}")
    leash.await_start()


def _finish(result: CellResult, reply: dict[str, Any]) -> None:
    """An error reply without its error output (a patched traceback printer) still counts as an error."""
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
