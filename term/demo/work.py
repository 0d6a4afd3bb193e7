"""Makes the notebooks that demo students hand in: the reference with slips, an analysis, and stored results."""

import copy
from pathlib import Path
from typing import Any

from autograder.nbgrader import Role, grade_id_of, role_of
from autograder.notebook import read_notebook, write_notebook
from autograder.release import SOLUTION, student_version
from term.demo.answers import ANALYSES, PRINTED, SLIPS

NOTEBOOKS = Path(__file__).with_name("notebooks")


def instructor_notebook(name: str) -> bytes:
    """The instructor's notebook as it would be uploaded."""
    return (NOTEBOOKS / f"{name}.ipynb").read_bytes()


def handed_in(name: str, *, turn: int, analysis: int, signed: str) -> bytes:
    """A student's notebook; `turn` picks the slip, `analysis` the text (negative: none), `signed` makes it their own."""
    source = read_notebook(instructor_notebook(name))
    notebook = student_version(copy.deepcopy(source))
    slips = SLIPS[name][turn % len(SLIPS[name])]
    for given, cell in zip(source["cells"], notebook["cells"], strict=True):
        grade_id, role = grade_id_of(given), role_of(given)
        if role is Role.ANSWER:
            cell["source"] = slips.get(grade_id, _solved(given["source"]))
        elif role is Role.MANUAL and analysis >= 0:
            cell["source"] = ANALYSES[name][analysis % len(ANALYSES[name])]
    notebook["cells"].append({"cell_type": "markdown", "id": "signed", "metadata": {}, "source": f"*{signed}*"})
    _store_results(notebook, PRINTED.get(name, ""))
    return write_notebook(notebook)


def _solved(source: str) -> str:
    return "\n".join(line for line in source.split("\n") if SOLUTION.name not in line)


def _store_results(notebook: dict[str, Any], printed: str) -> None:
    """As if run from top to bottom and saved."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for count, cell in enumerate(code, start=1):
        cell["execution_count"] = count
        if printed and "print(" in cell["source"] and role_of(cell) is None:
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": printed}]
