"""`python -m grading.versions OLD NEW`: what changed, as JSON, found by a process with little memory and little time."""

import json
import resource
import sys
from pathlib import Path

from autograder.notebook import read_notebook
from autograder.report import NotebookUnreadable
from grading.versions.difference import Cell, difference

MEMORY = 1 << 30
SECONDS = 20


def cells_of(path: Path) -> list[Cell]:
    """Raises NotebookUnreadable."""
    found = []
    for cell in read_notebook(path.read_bytes())["cells"]:
        block = cell["metadata"].get("nbgrader")
        grade_id = block.get("grade_id", "") if isinstance(block, dict) else ""
        found.append(Cell(cell["source"], cell["cell_type"], str(grade_id)))
    return found


def main(old: str, new: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    try:
        found = difference(cells_of(Path(old)), cells_of(Path(new)))
    except NotebookUnreadable as error:
        sys.stderr.write(str(error))
        return 1
    json.dump([vars(change) for change in found], sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
