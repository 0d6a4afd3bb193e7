"""Our autograder beside nbgrader, nbclient and the floor, on the same notebooks, in one run.

    .venv/bin/python benchmarks/autograder.py [--copies 20 100] [--notebooks small scientific torch] [--soak 1000]

Prints tables in Markdown: median seconds for a notebook, and how many times as long as ours each peer takes.
nbgrader goes into an environment of its own (var/benchmarks), with exact versions. torch is measured if installed here.
"""

import argparse
import importlib.util
import os
import platform
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import peers
from notebooks import NAMES, as_bytes, solved, source

sys.path.insert(0, str(Path(__file__).parent.parent))

from autograder.client import Engine  # the folder above is not a package of the environment
from autograder.sandbox import memory

LONGEST = 600.0
ROUNDS = 3
SCIENTIFIC = ("numpy", "pandas", "matplotlib.pyplot")
LIBRARIES = {"small": (), "scientific": SCIENTIFIC, "torch": (*SCIENTIFIC, "torch", "torch.optim", "torch._dynamo")}


@dataclass(frozen=True)
class Case:
    """One notebook on disk, checked once, as the product has it."""

    name: str
    source: Path
    submission: Path
    placement: dict[str, Any]

    def grade(self, engine: Engine, *, split: bool) -> float:
        """Seconds from the question to the answer. Ends the program if a point is missing."""
        started = time.monotonic()
        answer = engine.ask(
            "grade",
            {
                "source": str(self.source),
                "submission": str(self.submission),
                "placement": self.placement if split else None,
                "split": split,
            },
            longest=LONGEST,
        )
        if answer["score"] != answer["max_score"]:
            raise SystemExit(f"{self.name}: {answer['score']} of {answer['max_score']}: {answer}")
        return time.monotonic() - started


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, nargs="+", default=[20, 100])
    parser.add_argument("--notebooks", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--soak", type=int, default=0, help="grade this many in a row; what is left of them?")
    options = parser.parse_args()
    has_torch = importlib.util.find_spec("torch") is not None
    names = [name for name in options.notebooks if name != "torch" or has_torch]
    peers.install(with_torch="torch" in names)
    _say(f"{os.cpu_count()} cores, {_processor()}, Linux {platform.release()}, Python {platform.python_version()}\n")
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(Path(folder, "engine"))
        cases = [_case(engine, name, Path(folder)) for name in names]
        for copies in options.copies:
            _compare(engine, cases, copies, Path(folder))
        _scale(engine, cases, max(options.copies), Path(folder))
        if options.soak:
            _soak(engine, cases[0], options.soak)


def _case(engine: Engine, name: str, folder: Path) -> Case:
    paths = folder / f"{name}-source.ipynb", folder / f"{name}.ipynb"
    paths[0].write_bytes(as_bytes(source(name)))
    paths[1].write_bytes(as_bytes(solved(name)))
    found = engine.ask("check", {"source": str(paths[0])}, longest=LONGEST)
    beside = [cell["grade_id"] for cell in found["cells"] if cell["role"] == "tests" and not cell["protected"]]
    if not found["ok"] or beside:
        raise SystemExit(f"{name}: {found['errors']}, beside the student's code: {beside}")
    return Case(name, *paths, found["placement"])


def _compare(engine: Engine, cases: list[Case], copies: int, folder: Path) -> None:
    _say(f"### {copies} copies, one after the other: milliseconds for a notebook\n")
    _say(
        "| notebook | floor | Gradus, split | Gradus, unsplit | nbclient | nbgrader | over the floor | nbgrader ÷ Gradus |"
    )
    _say("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for case in cases:
        for split in (True, False):
            case.grade(engine, split=split)
        floor = _median(peers.floor(case.submission, copies, LIBRARIES[case.name]))
        ours = _median(case.grade(engine, split=True) for _ in range(copies))
        unsplit = _median(case.grade(engine, split=False) for _ in range(copies))
        nbclient = _median(peers.nbclient(case.submission, copies))
        nbgrader, share = peers.nbgrader(case.name, copies, folder)
        if share != 1:
            raise SystemExit(f"nbgrader gave {share:.0%} of the points of {case.name}")
        numbers = " | ".join(f"{1000 * each:.0f}" for each in (floor, ours, unsplit, nbclient, nbgrader))
        over = f"+{1000 * (ours - floor):.0f} ms, × {ours / floor:.2f}"
        _say(f"| {case.name} | {numbers} | {over} | {nbgrader / ours:.1f} |")
    _say("")


def _scale(engine: Engine, cases: list[Case], copies: int, folder: Path) -> None:
    """Against one worker on one core, and against one worker that may use both: its two rooms start side by side."""
    _say(f"### Two workers on two cores, {copies} copies: times as many notebooks a second (median of {ROUNDS})\n")
    _say("| notebook | as one worker on one core | as one worker on both |")
    _say("| --- | --- | --- |")
    cores = os.sched_getaffinity(0)
    pair = set(sorted(cores)[:2])
    for case in cases:
        alone, free, two = [], [], []
        for _ in range(ROUNDS):
            os.sched_setaffinity(0, set(sorted(cores)[:1]))  # the engine that starts now inherits it
            single = Engine(folder / f"single-{case.name}")
            case.grade(single, split=True)
            alone.append(_all(single, case, copies, 1))
            os.sched_setaffinity(0, pair)
            free.append(_all(engine, case, copies, 1))
            two.append(_all(engine, case, copies, 2))
        _say(f"| {case.name} | × {_median(alone) / _median(two):.2f} | × {_median(free) / _median(two):.2f} |")
    os.sched_setaffinity(0, cores)
    _say("")


def _all(engine: Engine, case: Case, copies: int, workers: int) -> float:
    started = time.monotonic()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda _: case.grade(engine, split=True), range(copies)))
    return time.monotonic() - started


def _soak(engine: Engine, case: Case, runs: int) -> None:
    """Memory of the engine with its zygotes, processes, mounts and scratch folders, before and after."""
    for _ in range(20):
        case.grade(engine, split=True)
    before = _left(engine)
    for _ in range(runs):
        case.grade(engine, split=True)
    _say(f"### {runs} notebooks in a row\n")
    _say("| what | before | after |")
    _say("| --- | --- | --- |")
    for (what, first), second in zip(before.items(), _left(engine).values(), strict=True):
        _say(f"| {what} | {first} | {second} |")


def _left(engine: Engine) -> dict[str, int]:
    process = engine.process()
    return {
        "memory, MiB": memory.used_below(process) >> 20,
        "processes": len(list(memory.below(process))),
        "mounts of the host": len(Path("/proc/self/mounts").read_text().splitlines()),
        "files in the temporary folder": len(list(Path(tempfile.gettempdir()).iterdir())),
        "open files of the engine": len(list(Path(f"/proc/{process}/fd").iterdir())),
    }


def _median(numbers: Any) -> float:
    return statistics.median(list(numbers))


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
