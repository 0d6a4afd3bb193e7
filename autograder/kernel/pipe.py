"""ipykernel's own kernel with the ZeroMQ session replaced by one that writes frames.

So `get_ipython()` is still a ZMQInteractiveShell, and display ids, clear_output, inline figures and tracebacks are
the code that runs under Jupyter. The kernel stays unmodified; five things it looks for are given to it.
"""

import io
import logging
import os
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

Emit = Callable[[str, dict[str, Any]], None]
QUIET = frozenset({"status", "execute_input"})


class PipeStream(io.TextIOBase):
    """sys.stdout or sys.stderr of the notebook; buffers up to 8 kB."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name: str, emit: Emit, descriptor: int) -> None:
        self._name, self._emit, self._descriptor = name, emit, descriptor
        self._begin()

    def _begin(self) -> None:
        self._owner = os.getpid()
        self._parts: list[str] = []
        self._size = 0
        self._turn = threading.RLock()

    @property
    def name(self) -> str:
        return f"<{self._name}>"

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._descriptor

    def write(self, text: str) -> int:
        if self.closed:
            raise ValueError("I/O operation on closed file")
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if self._owner != os.getpid():
            self._begin()  # in a forked copy: what waits here is its parent's
        with self._turn:
            self._parts.append(text)
            self._size += len(text)
            if self._size > io.DEFAULT_BUFFER_SIZE:
                self.flush()
        return len(text)

    def flush(self) -> None:
        if self._owner != os.getpid():
            self._begin()
        with self._turn:
            if self._parts:
                text, self._parts, self._size = "".join(self._parts), [], 0
                self._emit("stream", {"name": self._name, "text": text})

    def set_parent(self, parent: object) -> None:
        """Jupyter tells streams which request they answer; here there is only one at a time."""


def discard(kind: str, content: dict[str, Any]) -> None:
    """An Emit for whom nobody listens."""


def build_kernel() -> Any:
    """An IPythonKernel whose messages go to `kernel.session.emit(kind, content)`: nowhere until that is set."""
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    _no_debugger()
    # Imported here and not above: these cost a second and belong inside the sandbox alone.
    from ipykernel.ipkernel import IPythonKernel  # noqa: PLC0415
    from IPython.core.error import StdinNotImplementedError  # noqa: PLC0415
    from jupyter_client.session import Session  # noqa: PLC0415
    from traitlets.config import Config  # noqa: PLC0415

    class PipeSession(Session):
        emit: Emit = staticmethod(discard)

        def send(self, stream: Any, msg_or_type: Any, content: Any = None, *args: Any, **kwargs: Any) -> Any:
            message = (
                msg_or_type if isinstance(msg_or_type, dict) else {"msg_type": msg_or_type, "content": content or {}}
            )
            if message["msg_type"] not in QUIET:
                sys.stdout.flush()
                sys.stderr.flush()
                self.emit(message["msg_type"], message["content"])
            return message

    class PipeKernel(IPythonKernel):
        def raw_input(self, *args: Any, **kwargs: Any) -> str:
            raise StdinNotImplementedError("input() is not available while a notebook is graded.")

        def getpass(self, *args: Any, **kwargs: Any) -> str:
            raise StdinNotImplementedError("getpass() is not available while a notebook is graded.")

    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    log = logging.getLogger("kernel")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    kernel: Any = PipeKernel(  # type: ignore[no-untyped-call]
        config=config, session=PipeSession(key=b""), log=log, iopub_socket=object()
    )
    kernel.shell_channel_thread = types.SimpleNamespace(parent_thread=threading.main_thread())
    kernel.shell.enable_gui = lambda _gui=None: None  # inline only: no event loop to hook
    for owner in (PipeKernel, IPythonKernel):
        owner._instance = kernel  # noqa: SLF001  as the real application would
    return kernel


def _no_debugger() -> None:
    """Importing debugpy takes long and opens sockets; a graded notebook is not debugged."""
    stand_in = types.ModuleType("ipykernel.debugger")
    vars(stand_in).update(_is_debugpy_available=False, Debugger=type("Debugger", (), {}))
    sys.modules["ipykernel.debugger"] = stand_in
