"""nbgrader's older metadata, schemas 0 to 2, brought to schema 3 as `nbgrader update` does it.

Rules: nbgrader 0.9.6, `nbgraderformat/v1.py` to `v3.py`. Notebooks of real courses mix schemas cell by cell.
"""

from decimal import Decimal, InvalidOperation
from typing import Any

from autograder.nbgrader import SCHEMA, block_of
from autograder.notebook import Cell, Notebook

FLAGS = ("grade", "solution", "locked")


def upgraded(notebook: Notebook) -> Notebook:
    """The same notebook with every older cell at schema 3. What is newer or broken is left for graded_cells to refuse."""
    return {**notebook, "cells": [_upgraded(cell) for cell in notebook["cells"]]}


def _upgraded(cell: Cell) -> Cell:
    block = block_of(cell)
    version = block.get("schema_version", 0)
    if not block or isinstance(version, bool) or not isinstance(version, int) or not 0 <= version < SCHEMA:
        return cell
    block = _from_unversioned(block) if version == 0 else dict(block)
    metadata = {key: value for key, value in cell["metadata"].items() if key != "nbgrader"}
    if block:
        metadata["nbgrader"] = {"task": False, **block, "schema_version": SCHEMA}
    return {**cell, "metadata": metadata}


def _from_unversioned(block: dict[str, Any]) -> dict[str, Any]:
    """Schema 0: flags may be missing, points may be a text, empty or negative (then 0). Empty if nothing is marked."""
    flags = {flag: bool(block.get(flag)) for flag in FLAGS}
    if not any(flags.values()):
        return {}
    kept = {key: value for key, value in block.items() if key != "points"}
    return {**kept, **flags, **({"points": _points(block.get("points", 0))} if flags["grade"] else {})}


def _points(written: Any) -> Any:
    """As a number; what is none stays, so that the refusal can name it."""
    try:
        number = Decimal(str(written).strip() or "0")
    except InvalidOperation:
        return written
    return max(float(number), 0.0) if number.is_finite() else written
