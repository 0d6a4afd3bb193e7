"""`python -m grading.similarity compare FOLDER` and `… cells FILE …`: strangers' notebooks read by a limited process.

The folder holds `given/`, `new/` and `old/` with notebooks named by the keys of their submissions. Both write JSON.
"""

import json
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.notebook import read_notebook
from autograder.report import NotebookUnreadable
from grading.similarity.fingerprints import Print, fingerprints, grams_of
from grading.similarity.pairs import Pair, compare

MEMORY = 3 << 30
SECONDS = 900
MOST_CODE = 400_000
"""Characters of one notebook that are looked at; nobody writes more, and whoever pastes a data set has not written it."""


def cells_of(path: Path) -> list[str]:
    """The code cells of a notebook, the longest of them cut. Raises NotebookUnreadable."""
    left, found = MOST_CODE, []
    for cell in read_notebook(path.read_bytes())["cells"]:
        if cell["cell_type"] == "code":
            found.append(cell["source"][:left])
            left -= len(found[-1])
    return found


def compared(folder: Path) -> dict[str, Any]:
    """Keys of the notebooks that could not be read, and the pairs as lists."""
    given = frozenset(value for path in (folder / "given").iterdir() for value, _ in grams_of(cells_of(path)))
    prints: dict[str, Print] = {}
    unreadable = []
    for path in sorted([*(folder / "new").iterdir(), *(folder / "old").iterdir()], key=lambda path: int(path.stem)):
        try:
            prints[path.stem] = fingerprints(cells_of(path), given)
        except NotebookUnreadable:
            unreadable.append(path.stem)
    found = compare(prints, old=[path.stem for path in (folder / "old").iterdir()])
    return {"unreadable": unreadable, "pairs": [_listed(pair) for pair in found.pairs]}


def _listed(pair: Pair[str]) -> dict[str, Any]:
    spans = [[a.cell, a.first, a.last, b.cell, b.first, b.last] for a, b in pair.spans]
    shares = {"left_share": round(pair.left_share, 4), "right_share": round(pair.right_share, 4)}
    return {"left": int(pair.left), "right": int(pair.right), "score": round(pair.score, 4), "spans": spans, **shares}


def main(what: str, paths: Sequence[str]) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    try:
        answer = compared(Path(paths[0])) if what == "compare" else [cells_of(Path(path)) for path in paths]
    except NotebookUnreadable as error:
        sys.stderr.write(str(error))
        return 1
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
