"""The peers, each as it is meant to be used, in an environment of their own: nbgrader and nbclient."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from notebooks import as_bytes, solved, source

HERE = Path(__file__).parent
VENV = HERE.parent / "var" / "benchmarks" / "venv"
TORCH = "torch==2.13.0"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
NBCLIENT = """
import json, sys, tempfile, time, nbformat
from nbclient import NotebookClient
seconds = []
for _ in range(int(sys.argv[2])):
    notebook = nbformat.read(sys.argv[1], 4)
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        NotebookClient(notebook, allow_errors=True, resources={"metadata": {"path": folder}}).execute()
        seconds.append(time.monotonic() - started)
sys.stdout.write(json.dumps(seconds))
"""


def install(*, with_torch: bool) -> None:
    """Nbgrader and what the notebooks import, exact versions, once."""
    if not (VENV / "bin" / "nbgrader").exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        _pip("--require-hashes", "-r", str(HERE / "requirements.txt"))
    if with_torch and not list(VENV.glob("lib/python*/site-packages/torch")):
        _pip(TORCH)


def nbgrader(name: str, copies: int, folder: Path) -> tuple[float, float]:
    """Seconds for each notebook, the start of the command taken off; and the share of the points it gave (1 is right)."""
    root = folder / "nbgrader"
    (root / "source" / "ps1").mkdir(parents=True)
    (root / "source" / "ps1" / "p1.ipynb").write_bytes(as_bytes(source(name)))
    (root / "nbgrader_config.py").write_text("c = get_config()\nc.ExecutePreprocessor.timeout = 60\n")
    run_nbgrader(root, "generate_assignment", "ps1", "--create")
    for number in range(copies):
        handed_in = root / "submitted" / f"s{number:03}" / "ps1"
        handed_in.mkdir(parents=True)
        (handed_in / "p1.ipynb").write_bytes(as_bytes(solved(name)))
    started = time.monotonic()
    run_nbgrader(root, "autograde", "--help")
    middle = time.monotonic()
    run_nbgrader(root, "autograde", "ps1")
    seconds = (time.monotonic() - middle - (middle - started)) / copies
    run_nbgrader(root, "export")
    rows = [line.split(",") for line in (root / "grades.csv").read_text().splitlines()]
    score, most = rows[0].index("score"), rows[0].index("max_score")
    shares = [float(row[score]) / float(row[most]) for row in rows[1:]]
    shutil.rmtree(root)
    return seconds, sum(shares) / len(shares)


def nbclient(notebook: Path, copies: int) -> list[float]:
    """Seconds for each run of the cells alone, in the kernel that Jupyter starts."""
    return _numbers([VENV / "bin" / "python", "-c", NBCLIENT, notebook, str(copies)])


def floor(notebook: Path, copies: int, libraries: Sequence[str]) -> list[float]:
    """Seconds for each plain exec in a fork of a process that has the libraries."""
    return _numbers([sys.executable, HERE / "floor.py", notebook, str(copies), *libraries])


def _numbers(command: list[str | Path]) -> list[float]:
    done = subprocess.run(command, capture_output=True, check=True, env=os.environ | ONE_THREAD)
    numbers: list[float] = json.loads(done.stdout)
    return numbers


def run_nbgrader(root: Path, *arguments: str) -> None:
    """Run one command of nbgrader in a course; ends the program if it fails."""
    environment = {**os.environ, **ONE_THREAD, "PATH": f"{VENV / 'bin'}:{os.environ['PATH']}"}
    command = [VENV / "bin" / "nbgrader", *arguments]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"nbgrader {' '.join(arguments)}: {done.stderr[-2000:]}")


def _pip(*arguments: str) -> None:
    command = [VENV / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True)
