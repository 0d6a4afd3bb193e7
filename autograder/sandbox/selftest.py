"""Is the sandbox closed on this machine? Every wall is probed from inside; an open one means no grading."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.report import RunnerError
from autograder.sandbox.limits import Limits
from autograder.sandbox.supervisor import Stopped, open_sandbox
from autograder.sandbox.walls import package_root

PROBES = Path(__file__).with_name("probes.py")
NAMESPACES_ONLY = "B"
NO_SANDBOX = "none"


@dataclass(frozen=True)
class SelfTest:
    """`walls`: name → holds. `tier` B: namespaces, memory by rlimit (A, with cgroups, is not built yet)."""

    tier: str
    walls: dict[str, bool]
    message: str = ""

    @property
    def closed(self) -> bool:
        return bool(self.walls) and all(self.walls.values())


def selftest(limits: Limits | None = None) -> SelfTest:
    """Start one sandbox and probe it. Never raises: a sandbox that cannot start is an answer."""
    limits = replace(limits or Limits(), wall=60.0)
    setting = (
        f"MEMORY = {limits.memory}; SCRATCH = {limits.scratch}; PROCESSES = {limits.processes}; "
        f"HOST_FILES = {[str(package_root() / name) for name in ('manage.py', 'var', '.git', 'config')]!r}\n"
    )
    try:
        with open_sandbox(limits=limits) as sandbox:
            result = sandbox.run_cell(setting + PROBES.read_text())
    except (RunnerError, Stopped) as error:
        return SelfTest(NO_SANDBOX, {}, f"The sandbox cannot start here: {error}")
    try:
        walls = json.loads(result.outputs[0]["text"])
    except (IndexError, KeyError, ValueError):
        return SelfTest(NO_SANDBOX, {}, f"The probes did not answer: {result.raised or result.outputs[:1]}")
    return SelfTest(NAMESPACES_ONLY, walls)
