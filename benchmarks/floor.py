"""The floor under every grader: fork a process that has the libraries loaded, `exec` the code, wait for its end.

Figures are drawn as Jupyter's inline backend draws them: a notebook without its figures is not the same work.

`python floor.py NOTEBOOK COPIES [LIBRARY …]` prints a JSON list of seconds.
"""

import importlib
import io
import json
import os
import sys
import time
from pathlib import Path


def main(notebook: str, copies: str, *libraries: str) -> None:
    """No walls, no outputs, no scores: what nobody can be faster than."""
    os.environ["MPLBACKEND"] = "agg"
    for library in libraries:
        importlib.import_module(library)
    if "torch" in libraries:
        sys.modules["torch"].set_num_threads(1)
    cells = [c["source"] for c in json.loads(Path(notebook).read_bytes())["cells"] if c["cell_type"] == "code"]
    cells = [cell.replace("%matplotlib inline", "pass") for cell in cells]
    sys.stdout.write(json.dumps([_once(cells) for _ in range(int(copies))]))


def _once(cells: list[str]) -> float:
    started = time.monotonic()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        names: dict[str, object] = {"__name__": "__main__"}
        for cell in cells:
            exec(compile(cell, "cell", "exec"), names)  # noqa: S102  our own text
            _draw()
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise SystemExit("the code of the notebook failed")
    return time.monotonic() - started


def _draw() -> None:
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        for number in pyplot.get_fignums():
            pyplot.figure(number).savefig(io.BytesIO(), format="png", bbox_inches="tight")
        pyplot.close("all")


if __name__ == "__main__":
    main(*sys.argv[1:])
