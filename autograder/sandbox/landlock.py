"""Landlock: what a notebook may touch in its file tree, asked of the kernel once more, beside the mounts.

Access bits and their versions: linux/landlock.h, versions 1 to 7.
"""

import os
import struct
from collections.abc import Sequence
from pathlib import Path

from autograder.sandbox import linux

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
EVERYTHING = {1: (1 << 13) - 1, 2: REFER, 3: TRUNCATE, 5: IOCTL_DEV}
"""Version of the interface → access rights that it added."""
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
READING = EXECUTE | READ_FILE | READ_DIR
NETWORK_SINCE, SCOPES_SINCE = 4, 6
BIND_AND_CONNECT = ABSTRACT_SOCKETS_AND_SIGNALS = 3


def handled_access(version: int) -> int:
    """Every file right that this version can refuse."""
    return sum(rights for since, rights in EVERYTHING.items() if since <= version)


def restrict(*, readable: Sequence[str], writable: Sequence[str]) -> int:
    """From here on only these trees; returns the version in force, 0 on a kernel without Landlock.

    Call linux.gain_nothing_by_exec() first. Also refuses TCP (version 4) and signals to the outside (version 6).
    """
    version = linux.landlock_version()
    if not version:
        return 0
    everything = handled_access(version)
    attributes = struct.pack("Q", everything)
    if version >= NETWORK_SINCE:
        attributes += struct.pack("Q", BIND_AND_CONNECT)
    if version >= SCOPES_SINCE:
        attributes += struct.pack("Q", ABSTRACT_SOCKETS_AND_SIGNALS)
    ruleset = linux.landlock_ruleset(attributes)
    for paths, access in ((readable, READING), (writable, everything)):
        for path in paths:
            _allow(ruleset, path, access & everything)
    linux.landlock_restrict(ruleset)
    os.close(ruleset)
    return version


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    linux.landlock_allow(ruleset, place, access if Path(path).is_dir() else access & OF_A_FILE)
    os.close(place)
