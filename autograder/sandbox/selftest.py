"""Is the sandbox closed on this machine? Every wall is probed from inside; an open one means no grading."""

import json
import os
import platform
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.report import RunnerError
from autograder.sandbox import apparmor, groups, walls
from autograder.sandbox.launcher import Zygote, nursery
from autograder.sandbox.limits import Limits
from autograder.sandbox.seccomp import REFUSED
from autograder.sandbox.supervisor import Stopped, open_sandbox

PROBES = Path(__file__).with_name("probes.py")
WITH_GROUPS = "A"
NAMESPACES_ONLY = "B"
ALONE = "C"
NO_SANDBOX = "none"
NAMESPACES = ("net", "mnt", "pid", "ipc", "uts", "cgroup")
DANGEROUS = (
    "ptrace", "keyctl", "add_key", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "memfd_create", "shmget",
    "mount", "setns", "kexec_load", "process_vm_readv",
)  # fmt: skip


@dataclass(frozen=True)
class SelfTest:
    """`walls`: name → holds. `tier` A: namespaces and a control group; B: namespaces, memory by rlimit and polling;
    C: no namespaces, where the operator allows that.
    """

    tier: str
    walls: dict[str, bool]
    message: str = ""

    @property
    def closed(self) -> bool:
        return bool(self.walls) and all(self.walls.values())


def selftest(limits: Limits | None = None, zygote: Zygote | None = None) -> SelfTest:
    """Start one sandbox and probe it. Never raises: a sandbox that cannot start is an answer."""
    limits = replace(limits or Limits(), wall=60.0)
    zygote = zygote or nursery.zygote()
    try:
        with open_sandbox(limits=limits, zygote=zygote) as sandbox:
            result = sandbox.run_cell(_setting(limits, alone=zygote.alone) + PROBES.read_text())
    except (RunnerError, Stopped) as error:
        return SelfTest(NO_SANDBOX, {}, f"The sandbox cannot start here: {error}\n{apparmor.advice()}".strip())
    try:
        found = json.loads(result.outputs[0]["text"])
    except (IndexError, KeyError, ValueError):
        return SelfTest(NO_SANDBOX, {}, f"The probes did not answer: {result.raised or result.outputs[:1]}")
    if zygote.alone:
        return SelfTest(ALONE, found)
    return SelfTest(WITH_GROUPS if groups.delegated() else NAMESPACES_ONLY, found)


def _setting(limits: Limits, *, alone: bool) -> str:
    """What the probes must know of the host, as assignments before their text."""
    root = walls.package_root()
    known = {
        "ALONE": alone,
        "BOUNDED": os.getuid() == 0 or not alone,  # an ordinary user of the host cannot empty that set
        "MEMORY": limits.memory,
        "SCRATCH": limits.scratch,
        "PROCESSES": limits.processes,
        "INODES": walls.INODES,
        "WATCHED": [str(root / "manage.py"), str(root / "var" / "secret_key"), str(root / "var" / "db.sqlite3")],
        "ENGINE": [os.getpid(), os.getppid()],
        "HOST_FILES": [str(root / name) for name in ("manage.py", "var", ".git", "config")],
        "HOST_NAMESPACES": {kind: str(Path(f"/proc/self/ns/{kind}").readlink()) for kind in NAMESPACES},
        "READ_ONLY": walls.python_paths(),
        "DANGEROUS": {name: REFUSED[platform.machine()][name] for name in DANGEROUS},
    }
    return "".join(f"{name} = {value!r}\n" for name, value in known.items())
