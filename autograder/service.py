"""The engine of a worker host: a program that keeps zygotes warm and answers requests over a Unix socket.

It holds no secrets, starts with an empty environment and forks once for every request, so that requests run side by
side and one that breaks breaks alone. A client that hangs up ends its request. Without any client it ends itself.
"""

import os
import select
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from autograder import commands
from autograder.report import RunnerError, SourceUnusable
from autograder.sandbox import linux
from autograder.sandbox.frames import receive_frame, send_frame
from autograder.sandbox.launcher import nursery

ALONE_SECONDS = 1.0
REQUEST_LIMIT = 64 << 20
BACKLOG = 128
NOBODY = -1


def serve(path: Path) -> None:
    """Answer until nobody has been connected for a second."""
    with socket.socket(socket.AF_UNIX) as listener:
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        listener.listen(BACKLOG)
        try:
            Service(listener).run()
        finally:
            path.unlink(missing_ok=True)
            nursery.close()


class Service:
    """Connections and the forks that answer them. A connection that asks nothing only keeps the engine alive."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._clients: dict[int, socket.socket] = {}
        self._running: dict[int, tuple[int, int]] = {}  # pidfd → process, descriptor of its client

    def run(self) -> None:
        while True:
            poller = select.poll()
            busy = {client for _, client in self._running.values()}
            for descriptor in (self._listener.fileno(), *self._running, *(set(self._clients) - busy)):
                poller.register(descriptor, select.POLLIN)
            for descriptor in busy & set(self._clients):
                poller.register(descriptor, select.POLLHUP | select.POLLRDHUP)
            events = poller.poll(None if self._clients else int(ALONE_SECONDS * 1000))
            if not events:
                return
            for descriptor, event in events:
                self._handle(descriptor, event)

    def _handle(self, descriptor: int, event: int) -> None:
        if descriptor == self._listener.fileno():
            client, _ = self._listener.accept()
            self._clients[client.fileno()] = client
        elif descriptor in self._running:
            process, client_descriptor = self._running.pop(descriptor)
            os.close(descriptor)
            os.waitpid(process, 0)
            self._drop(client_descriptor)
        elif event & (select.POLLHUP | select.POLLRDHUP | select.POLLERR):
            self._drop(descriptor)
        else:
            self._begin(descriptor)

    def _drop(self, client: int) -> None:
        """Forget a client; a request of its that still runs ends."""
        for watched, (process, owner) in self._running.items():
            if owner == client:
                os.kill(process, signal.SIGKILL)
                self._running[watched] = (process, NOBODY)  # the number may soon be another client's
        if found := self._clients.pop(client, None):
            found.close()

    def _begin(self, descriptor: int) -> None:
        client = self._clients[descriptor]
        try:
            request = receive_frame(client, limit=REQUEST_LIMIT)
        except (OSError, ValueError):
            request = None
        if request is None:
            self._drop(descriptor)
            return
        nursery.zygote(commands.libraries_needed(request[1]))  # made here, so that all requests share it
        parent = os.getpid()
        process = os.fork()
        if process == 0:
            for other in (self._listener, *self._clients.values()):
                if other is not client:
                    other.close()
            _answer(client, request, parent)
        self._running[os.pidfd_open(process)] = (process, descriptor)


def _answer(client: socket.socket, request: list[Any], parent: int) -> NoReturn:
    linux.die_with_parent()
    if os.getppid() == parent:
        with suppress(OSError):
            send_frame(client, _outcome(commands.answer, request))
    os._exit(0)


def _outcome(answer: Callable[[str, dict[str, Any]], dict[str, Any]], request: list[Any]) -> list[Any]:
    try:
        return ["answer", answer(str(request[0]), request[1])]
    except SourceUnusable as error:
        return ["unusable", str(error)]
    except RunnerError as error:
        return ["broken", str(error)]
    except Exception as error:  # noqa: BLE001  a mistake of ours must not look like an answer about the notebook
        return ["broken", f"{type(error).__name__}: {error}"]
