"""`python -m grading.feedback NOTEBOOK SAID`: a notebook as HTML, by Jupyter's own nbconvert, with what was said of it in it.

Made by a process with little memory, little time and no secret. `SAID`: JSON, {"cells": {grade id: [text]}, "notes":
{cell number: [text]}}. What nbconvert wrote is sanitised at the end: its own sanitising can be passed by.
"""

import json
import resource
import sys
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

import nbformat
import nh3
from nbconvert import HTMLExporter
from nbformat.validator import isvalid

from autograder.notebook import Cell, Notebook, read_notebook
from autograder.report import NotebookUnreadable
from courses.markdown import ATTRIBUTES, PICTURES, TAGS, harmless, storable

MEMORY = 2 << 30
SECONDS = 30
TOO_MUCH = 3
MOST_CHECKED = 500
"""Outputs that are looked at one by one where Jupyter takes not all of them as they are."""
Said = Mapping[str, Mapping[str, Iterable[str]]]


def main(notebook: str, said: str) -> int:
    """The body of the page; TOO_MUCH and a sentence where the file is no notebook, or too much of one."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    try:
        body = body_of(read_notebook(Path(notebook).read_bytes()), json.loads(Path(said).read_text()))
    except (NotebookUnreadable, MemoryError, RecursionError) as error:
        sys.stderr.write(str(error))
        return TOO_MUCH
    sys.stdout.buffer.write(body.encode())
    return 0


def body_of(notebook: Notebook, said: Said) -> str:
    """The cells in order, each with what was said of it behind it. Safe to put into a page that allows no script."""
    kept = _valid([_bare(cell) for cell in notebook["cells"]])
    cells = [
        made
        for number, (cell, bare) in enumerate(zip(notebook["cells"], kept, strict=True), start=1)
        for made in (bare, *_said_of(cell, number, said))
    ]
    whole = nbformat.from_dict(_notebook(cells))
    exporter = HTMLExporter(template_name="basic", exclude_anchor_links=True)
    made, _ = exporter.from_notebook_node(whole)
    return nh3.clean(
        storable(made),
        tags=TAGS | PICTURES | {"section", "header", "mark", "h1", "h2"},
        attributes={**ATTRIBUTES, "*": {"class"}, "img": {"src", "alt", "width", "height"}},
        attribute_filter=harmless,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )


def _said_of(cell: Cell, number: int, said: Said) -> list[Cell]:
    block = cell["metadata"].get("nbgrader")
    grade_id = str(block.get("grade_id", "")) if isinstance(block, dict) else ""
    words = [*said["cells"].get(grade_id, ()), *said["notes"].get(str(number), ())]
    return [_words(words)] if words else []


def _words(words: Iterable[str]) -> Cell:
    """As a cell of its own: escaped, so that nothing in it is Markdown or HTML."""
    lines = "".join(f"<p>{_plain(text)}</p>" for text in words)
    return {"cell_type": "markdown", "metadata": {}, "source": f'<div class="feedback">{lines}</div>'}


def _plain(text: str) -> str:
    """Letters that Markdown could read become entities."""
    kept = "".join(letter if letter.isalnum() or letter in " .,:;?!" else f"&#{ord(letter)};" for letter in text)
    return kept.replace("&#10;", "<br>") if kept else escape(text)


def _notebook(cells: Iterable[Cell]) -> dict[str, Any]:
    return {"metadata": {}, "cells": list(cells), "nbformat": 4, "nbformat_minor": 4}


def _bare(cell: Cell) -> Cell:
    """What is shown of a cell."""
    kept: Cell = {"cell_type": cell["cell_type"], "source": cell["source"], "metadata": {}}
    if cell["cell_type"] == "code":
        count = cell.get("execution_count")
        kept["execution_count"] = count if isinstance(count, int) else None
        kept["outputs"] = cell["outputs"]
    elif "attachments" in cell:
        kept["attachments"] = cell["attachments"]
    return kept


def _valid(cells: list[Cell]) -> list[Cell]:
    """Without what is none by Jupyter's own rules: nbconvert takes the whole or nothing."""
    if isvalid(_notebook(cells), version=4, version_minor=4):
        return cells
    room = MOST_CHECKED
    for cell in cells:
        if "outputs" in cell:
            checked, room = cell["outputs"][:room], room - len(cell["outputs"][:room])
            cell["outputs"] = [each for each in checked if isvalid(each, ref="output", version=4, version_minor=4)]
        elif "attachments" in cell and not isvalid(_notebook([cell]), version=4, version_minor=4):
            del cell["attachments"]
    return cells


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
