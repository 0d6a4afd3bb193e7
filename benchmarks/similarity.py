"""How the comparison of notebooks grows: 100, 250, 500 and 1,000 made-up notebooks, one in twenty a copy in disguise.

    .venv/bin/python benchmarks/similarity.py

Prints, for each size, seconds, seconds per notebook as a ratio to the smallest size, and how many planted copies stand
at the top of the list. Linear growth is a ratio near 1.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from autograder.notebook import write_notebook  # the folder above is not a package of the environment
from grading.similarity.__main__ import compared
from tests.classroom import GIVEN, copied, own_work

SIZES = (100, 250, 500, 1000)


def written(path: Path, cells: list[str]) -> None:
    made = [{"cell_type": "code", "metadata": {}, "source": source, "outputs": []} for source in cells]
    path.write_bytes(write_notebook({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))


def measured(size: int) -> tuple[float, int, int]:
    """Seconds for the whole comparison, planted copies, and how many of them stand at the top."""
    copies = size // 20
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("given", "new", "old"):
            (folder / part).mkdir()
        written(folder / "given" / "1.ipynb", GIVEN)
        for student in range(size - copies):
            written(folder / "new" / f"{student}.ipynb", own_work(student))
        for student in range(copies):
            written(folder / "new" / f"{size - copies + student}.ipynb", copied(own_work(student), seed=student))
        started = time.monotonic()
        found = compared(folder)
        seconds = time.monotonic() - started
    planted = {(student, size - copies + student) for student in range(copies)}
    top = {(pair["left"], pair["right"]) for pair in found["pairs"][:copies]}
    return seconds, copies, len(planted & top)


def main() -> None:
    first = 0.0
    print("notebooks  seconds  per notebook, ratio  planted copies at the top")
    for size in SIZES:
        seconds, copies, found = measured(size)
        first = first or seconds / size
        print(f"{size:9}  {seconds:7.2f}  {seconds / size / first:19.2f}  {found} of {copies}")


if __name__ == "__main__":
    main()
