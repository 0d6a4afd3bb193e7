"""The trusted side's way to a room: starts zygotes and asks them for rooms."""

import array
import atexit
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.report import RunnerError
from autograder.sandbox import walls

SCIENTIFIC = ("numpy", "pandas", "matplotlib.pyplot")
HEAVY = ("scipy", "sklearn", "torch")
"""Libraries are imported beforehand for assignments whose notebook uses them: every page a zygote has costs at each fork."""
LIBRARIES = (*(name.partition(".")[0] for name in SCIENTIFIC), *HEAVY)
IMPORTED = re.compile(rb"(?:import|from|%)\s*([\w, .]+)")
BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); from autograder.sandbox import zygote; "
    "sys.path.pop(0); zygote.main(int(sys.argv[2]), sys.argv[3])"
)
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass
class Zygote:
    """A running zygote. `folder` is its home while it imports; `alone`: its rooms have no namespaces (tier C)."""

    requests: socket.socket
    process: subprocess.Popen[bytes]
    folder: str
    alone: bool = False

    def ask(self, job: dict[str, Any], descriptors: list[int]) -> None:
        """Have a room made; raises RunnerError if the zygote is gone."""
        packed = array.array("i", descriptors).tobytes()
        try:
            self.requests.sendmsg([json.dumps(job).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, packed)])
        except OSError as error:
            raise RunnerError(f"The zygote is gone: {error}") from error

    @property
    def lives(self) -> bool:
        return self.process.poll() is None

    def close(self) -> None:
        """End it; rooms that it made end with it."""
        self.requests.close()
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def start_zygote(preload: tuple[str, ...] = SCIENTIFIC, *, alone: bool = False) -> Zygote:
    """A new zygote with an empty environment. It answers requests once its imports are done."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    folder = tempfile.mkdtemp(prefix="gradus-zygote-")
    with theirs:
        process = subprocess.Popen(
            [
                sys.executable, "-s", "-P", "-c", BOOT, str(walls.package_root()), str(theirs.fileno()),
                json.dumps({"preload": preload, "alone": alone}),
            ],
            pass_fds=(theirs.fileno(),),
            env={
                "LANG": "C.UTF-8", "PYTHONHASHSEED": "0", "HOME": folder, "MPLCONFIGDIR": folder, "IPYTHONDIR": folder,
                "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", **ONE_THREAD,
            },
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
    if alone:
        Path(folder).chmod(0o711)  # the rooms' folders lie in it, and as root a room is another user
    return Zygote(ours, process, folder, alone)


def libraries_in(source: bytes, submission: bytes = b"") -> tuple[str, ...]:
    """Those of LIBRARIES that the notebooks import, as far as their bytes tell. Nothing is parsed: they may be anything.

    HEAVY ones count for the instructor's notebook alone: no student fills a host with zygotes.
    """
    asked = {name for name in LIBRARIES if name.encode() in _imported(source)}
    more = {name for name in LIBRARIES if name not in HEAVY and name.encode() in _imported(submission)}
    return tuple(name for name in LIBRARIES if name in asked | more)


def _imported(raw: bytes) -> set[bytes]:
    return {word for line in IMPORTED.findall(raw) for word in re.findall(rb"\w+", line)}


class Nursery:
    """The zygotes of this process, one for each set of libraries; one that died is replaced.

    `alone`: those made from now on give their rooms no namespaces.
    """

    def __init__(self) -> None:
        self.alone = False
        self._zygotes: dict[tuple[str, ...], Zygote] = {}
        self._owner = os.getpid()
        atexit.register(self.close)

    def zygote(self, libraries: tuple[str, ...] = ()) -> Zygote:
        """The zygote that has these of LIBRARIES imported, and all of SCIENTIFIC if it is any."""
        preload = (*(SCIENTIFIC if libraries else ()), *(name for name in HEAVY if name in libraries))
        found = self._zygotes.get(preload)
        if found is None or (os.getpid() == self._owner and not found.lives):
            if found is not None:
                found.close()
            found = self._zygotes[preload] = start_zygote(preload, alone=self.alone)
        return found

    def close(self) -> None:
        """End them all; in a fork of the owner this does nothing."""
        if os.getpid() == self._owner:
            for zygote in self._zygotes.values():
                zygote.close()
            self._zygotes.clear()


nursery = Nursery()
