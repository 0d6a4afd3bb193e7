"""Asks the engine of this host: a program of its own with an empty environment, so that no secret is near student code."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from autograder.client import Engine
from autograder.report import RunnerError, SourceUnusable
from grading.models import Worker

HEARTBEAT_SECONDS = 15.0
SPARE_SECONDS = 5 * 60.0
SELFTEST_SECONDS = 120.0
RUNS_OF_A_CHECK = 7
USUAL_MINUTES = 5


@dataclass(frozen=True)
class Job:
    """What one run needs: paths, limits (as autograder.sandbox.limits.Limits), and what the check of the notebook said."""

    source: Path
    submission: Path | None = None
    executed: Path | None = None
    """Where the notebook is written as it ran, if it ran."""
    assets: Path | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    placement: Mapping[str, Any] | None = None
    devices: Sequence[str] = ()

    def arguments(self) -> dict[str, Any]:
        named = {"source": self.source, "submission": self.submission, "assets": self.assets}
        named["executed"] = self.executed
        paths = {name: str(path) for name, path in named.items() if path is not None}
        more = {"limits": dict(self.limits), "placement": self.placement, "devices": list(self.devices)}
        return {**paths, **more}


def limits_of(*, minutes: int, memory_gib: int) -> dict[str, float]:
    """The engine's limits for an assignment. With more than the usual minutes, one cell may take them all."""
    wall = minutes * 60.0
    return {"wall": wall, "memory": memory_gib << 30} | ({"cell": wall} if minutes > USUAL_MINUTES else {})


def gpus() -> tuple[str, ...]:
    """The device files of this host's GPUs, for the rooms of assignments that ask for one."""
    return tuple(str(path) for path in sorted(Path("/dev").glob("nvidia*")) if path.is_char_device())


_closed: dict[str, Any] = {}
"""The answer of a self-test that found every wall closed. Walls do not open by themselves; an open one is asked again."""


@cache
def _engine(*, alone: bool) -> Engine:
    return Engine(alone=alone)


def grade(job: Job, still_mine: Callable[[], bool]) -> dict[str, Any]:
    """The report of `python -m autograder grade`. Raises RunnerError when it breaks, Abandoned when `still_mine` says no."""
    return _ask("grade", job, job.limits.get("wall", 300.0) * 2 + SPARE_SECONDS, still_mine)


def check(job: Job, still_mine: Callable[[], bool]) -> dict[str, Any]:
    """The report of `python -m autograder check`."""
    return _ask("check", job, job.limits.get("wall", 300.0) * RUNS_OF_A_CHECK + SPARE_SECONDS, still_mine)


def selftest() -> dict[str, Any]:
    """`tier`, `closed`, `walls`, `message`: what `python -m autograder selftest` says here. Never raises.

    Where namespaces cannot be had and the operator allows to do without them, it is asked again without.
    """
    if not _closed:
        found = _selftest(alone=False)
        if not found["closed"] and settings.SANDBOX_WITHOUT_NAMESPACES:
            weaker = _selftest(alone=True)
            words = (f"With namespaces: {found['message']}", weaker["message"] and f"Without: {weaker['message']}")
            found = {**weaker, "message": "\n".join(filter(None, words))}
        if not found["closed"]:
            return found
        _closed.update(found)
    return _closed


def _selftest(*, alone: bool) -> dict[str, Any]:
    try:
        return _engine(alone=alone).ask("selftest", {}, longest=SELFTEST_SECONDS)
    except (RunnerError, OSError) as error:
        return {"tier": "none", "closed": False, "walls": {}, "message": f"The self-test did not answer: {error}"}


def _ask(command: str, job: Job, longest: float, still_mine: Callable[[], bool]) -> dict[str, Any]:
    engine = _engine(alone=selftest()["tier"] == Worker.WITHOUT_NAMESPACES)
    try:
        return engine.ask(
            command, job.arguments(), longest=longest, still_wanted=still_mine, ask_every=HEARTBEAT_SECONDS
        )
    except SourceUnusable as error:  # it was read when it was uploaded: that it no longer can be is ours
        raise RunnerError(str(error)) from error
