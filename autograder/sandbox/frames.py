"""Length-prefixed JSON over a socket: the only language between a notebook's process and its supervisor."""

import json
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

HEADER = struct.Struct("<I")
LOOK_AROUND_EVERY = 0.2
Frame = list[Any]


class FrameTooLarge(Exception):
    """The other side announced more bytes than allowed."""


def frame_of(content: Frame) -> bytes:
    body = json.dumps(content, default=repr).encode()
    return HEADER.pack(len(body)) + body


def send_frame(link: socket.socket, frame: Frame) -> None:
    link.sendall(frame_of(frame))


def receive_frame(
    link: socket.socket, *, limit: int, ends: float | None = None, look_around: Callable[[], None] | None = None
) -> Frame | None:
    """The next frame, or None at the end. Raises FrameTooLarge, TimeoutError, or ValueError for what is no frame.

    `ends` is a time of time.monotonic(); a sender who drips bytes gains none. `look_around` is called now and then
    while nothing comes and may raise.
    """
    header = _exactly(link, HEADER.size, ends, look_around)
    if header is None:
        return None
    (size,) = HEADER.unpack(header)
    if size > limit:
        raise FrameTooLarge(size)
    body = _exactly(link, size, ends, look_around)
    if body is None:
        return None
    try:
        frame = json.loads(body)
    except RecursionError as error:
        raise ValueError("not a frame: nested too deeply") from error
    if not isinstance(frame, list) or not frame or not isinstance(frame[0], str):
        raise ValueError("not a frame")
    return frame


def _exactly(
    link: socket.socket, size: int, ends: float | None, look_around: Callable[[], None] | None
) -> bytes | None:
    parts: list[bytes] = []
    while size:
        try:
            if ends is not None:
                left = max(ends - time.monotonic(), 0.001)
                link.settimeout(min(left, LOOK_AROUND_EVERY) if look_around else left)
            part = link.recv(min(size, 1 << 20))
        except TimeoutError:
            if look_around is None or (ends is not None and time.monotonic() >= ends):
                raise
            look_around()
            continue
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
