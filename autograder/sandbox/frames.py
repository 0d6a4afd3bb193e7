"""Length-prefixed JSON over a socket: the only language between a notebook's process and its supervisor."""

import json
import socket
import struct
import time
from typing import Any

HEADER = struct.Struct("<I")
Frame = list[Any]


class FrameTooLarge(Exception):
    """The other side announced more bytes than allowed."""


def send_frame(link: socket.socket, frame: Frame) -> None:
    body = json.dumps(frame, default=repr).encode()
    link.sendall(HEADER.pack(len(body)) + body)


def receive_frame(link: socket.socket, *, limit: int, ends: float | None = None) -> Frame | None:
    """The next frame, or None at the end. Raises FrameTooLarge, TimeoutError, or ValueError for what is no frame.

    `ends` is a time of time.monotonic(); a sender who drips bytes gains none.
    """
    header = _exactly(link, HEADER.size, ends)
    if header is None:
        return None
    (size,) = HEADER.unpack(header)
    if size > limit:
        raise FrameTooLarge(size)
    body = _exactly(link, size, ends)
    if body is None:
        return None
    try:
        frame = json.loads(body)
    except RecursionError as error:
        raise ValueError("not a frame: nested too deeply") from error
    if not isinstance(frame, list) or not frame or not isinstance(frame[0], str):
        raise ValueError("not a frame")
    return frame


def _exactly(link: socket.socket, size: int, ends: float | None) -> bytes | None:
    parts: list[bytes] = []
    while size:
        if ends is not None:
            link.settimeout(max(ends - time.monotonic(), 0.001))
        part = link.recv(min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
