"""The notebooks that the benchmark grades: instructors' notebooks with solutions, kept as text in `notebooks/`.

`# %% KIND [ID [POINTS]]` begins a cell.
"""

import json
import re
from pathlib import Path
from typing import Any

Notebook = dict[str, Any]

FOLDER = Path(__file__).parent / "notebooks"
NAMES = ("small", "scientific", "torch")
CELL = re.compile(r"^# %% ", re.MULTILINE)
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n.*?### END HIDDEN TESTS\n?", re.DOTALL)
MARKS = re.compile(r"^ *### (?:BEGIN|END) SOLUTION\n?", re.MULTILINE)
FLAGS = {"answer": (False, True, False), "tests": (True, False, True), "read_only": (False, False, True)}


def source(name: str) -> Notebook:
    """The instructor's notebook."""
    cells = [_cell(number, text) for number, text in enumerate(CELL.split((FOLDER / f"{name}.txt").read_text())[1:])]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}


def solved(name: str) -> Notebook:
    """A student's notebook with everything right: the solution without its marks, no hidden tests."""
    notebook = source(name)
    for cell in notebook["cells"]:
        cell["source"] = MARKS.sub("", HIDDEN.sub("", cell["source"]))
    return notebook


def as_bytes(notebook: Notebook) -> bytes:
    return json.dumps(notebook).encode()


def _cell(number: int, text: str) -> dict[str, Any]:
    head, _, body = text.partition("\n")
    role, grade_id, points = [*head.split(), "", ""][:3]
    cell: dict[str, Any] = {"id": f"cell{number}", "metadata": {}, "source": body.strip("\n")}
    if role == "text":
        return {**cell, "cell_type": "markdown"}
    if role in FLAGS:
        flags = dict(zip(("grade", "solution", "locked"), FLAGS[role], strict=True))
        block = {"schema_version": 3, "grade_id": grade_id, "task": False, **flags}
        cell["metadata"]["nbgrader"] = block | ({"points": float(points)} if points else {})
    return {**cell, "cell_type": "code", "execution_count": None, "outputs": []}
