"""What the format check costs, as a share of its limits, on the papers of the tests.

    .venv/bin/python benchmarks/papers.py

Prints for sound and for hostile files the longest time of 10 seconds and the largest memory of 512 MiB that a reader took.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from papercheck.inside import MEMORY, SECONDS
from papercheck.tests.test_papercheck import EXPECTED, HERE, HOSTILE, MADE


def main() -> None:
    """One line for each kind of file."""
    sound = {name: (HERE / f"{name}.pdf").read_bytes() for name in EXPECTED} | {
        name: made[0] for name, made in MADE.items()
    }
    for kind, files in (("sound", sound.items()), ("hostile", ((name, make()) for name, make in HOSTILE.items()))):
        longest, largest = 0.0, 0
        count = 0
        for name, seconds, memory in _measured(files):
            count += 1
            if seconds > longest:
                longest, slowest = seconds, name
            largest = max(largest, memory)
        share, room = longest / SECONDS, largest / MEMORY
        print(
            f"{kind}: {count} files, at most {share:.2f} of {SECONDS} s ({slowest}), {room:.2f} of {MEMORY >> 20} MiB"
        )


def _measured(files: object) -> Iterator[tuple[str, float, int]]:
    """(name, seconds of the whole check, bytes of memory of its largest process)."""
    for name, content in files:  # type: ignore[attr-defined]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "paper.pdf")
            path.write_bytes(content)
            program = (
                "import json, resource, sys, time; from pathlib import Path; from papercheck.__main__ import report_of; "
                "began = time.monotonic(); report_of(Path(sys.argv[1]), {}); "
                "print(json.dumps([time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))"
            )
            done = subprocess.run([sys.executable, "-c", program, str(path)], cwd=ROOT, capture_output=True, check=True)
            seconds, kilobytes = json.loads(done.stdout)
            yield name, seconds, kilobytes << 10


if __name__ == "__main__":
    main()
