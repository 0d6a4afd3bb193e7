"""A Celery broker made of files, for one machine: kombu's filesystem transport with atomic puts and gets.

kombu writes a message in place, so a reader can see half of it, and moves it to a shared folder before reading, so
two readers can collide. Here a message appears by rename and is taken by rename: one reader wins, the others go on.
"""

import uuid
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    """One message is one file `<time>_<id>.<queue>.msg`; half-written ones end in `.part` and are never read."""

    def _put(self, queue: str, payload: dict[str, Any], **_: Any) -> None:  # type: ignore[override]  # kombu disagrees with itself
        name = f"{time_ns():020d}_{uuid.uuid4().hex}.{queue}.msg"
        part = Path(self.data_folder_out, f"{name}.part")
        part.write_text(dumps(payload))
        part.rename(part.with_name(name))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for name in self._waiting(queue):
            taken = Path(self.processed_folder, name)
            try:
                Path(self.data_folder_in, name).rename(taken)
            except FileNotFoundError:
                continue
            payload = loads(taken.read_text())
            taken.unlink(missing_ok=True)
            return payload
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._waiting(queue))

    def _purge(self, queue: str) -> int:
        names = self._waiting(queue)
        for name in names:
            Path(self.data_folder_in, name).unlink(missing_ok=True)
        return len(names)

    def _waiting(self, queue: str) -> list[str]:
        """The names of a queue's messages, oldest first."""
        ending = f".{queue}.msg"
        try:
            return sorted(path.name for path in Path(self.data_folder_in).iterdir() if path.name.endswith(ending))
        except FileNotFoundError:
            return []


class Transport(filesystem.Transport):
    """`atomicfs://`"""

    Channel = Channel


def register_transport() -> None:
    """Make `atomicfs://` known to kombu."""
    TRANSPORT_ALIASES["atomicfs"] = "config.broker:Transport"
