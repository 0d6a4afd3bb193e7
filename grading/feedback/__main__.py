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

import nbformat
import nh3
from nbconvert import HTMLExporter
from nbformat.validator import isvalid

from autograder.notebook import Cell, Notebook, read_notebook
from autograder.report import NotebookUnreadable
from courses.markdown import ATTRIBUTES, PICTURES, TAGS, harmless

MEMORY = 2 << 30
SECONDS = 30
Said = Mapping[str, Mapping[str, Iterable[str]]]


def main(notebook: str, said: str) -> int:
    """The body of the page; 1 and a sentence where the file is no notebook."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        body = body_of(read_notebook(Path(notebook).read_bytes()), json.loads(Path(said).read_text()))
    except NotebookUnreadable as error:
        sys.stderr.write(str(error))
        return 1
    sys.stdout.buffer.write(body.encode(errors="replace"))
    return 0


def body_of(notebook: Notebook, said: Said) -> str:
    """The cells in order, each with what was said of it behind it. Safe to put into a page that allows no script."""
    cells = [made for number, cell in enumerate(notebook["cells"], start=1) for made in _with_words(cell, number, said)]
    whole = nbformat.from_dict({"metadata": {}, "cells": cells, "nbformat": 4, "nbformat_minor": 4})
    exporter = HTMLExporter(template_name="basic", exclude_anchor_links=True)
    made, _ = exporter.from_notebook_node(whole)
    return nh3.clean(
        made,
        tags=TAGS | PICTURES | {"section", "header", "mark", "h1", "h2"},
        attributes={**ATTRIBUTES, "*": {"class"}, "img": {"src", "alt", "width", "height"}},
        attribute_filter=harmless,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )


def _with_words(cell: Cell, number: int, said: Said) -> list[Cell]:
    block = cell["metadata"].get("nbgrader")
    grade_id = str(block.get("grade_id", "")) if isinstance(block, dict) else ""
    words = [*said["cells"].get(grade_id, ()), *said["notes"].get(str(number), ())]
    return [_clean(cell), *([_words(words)] if words else [])]


def _words(words: Iterable[str]) -> Cell:
    """As a cell of its own: escaped, so that nothing in it is Markdown or HTML."""
    lines = "".join(f"<p>{_plain(text)}</p>" for text in words)
    return {"cell_type": "markdown", "metadata": {}, "source": f'<div class="feedback">{lines}</div>'}


def _plain(text: str) -> str:
    """Letters that Markdown could read become entities."""
    kept = "".join(letter if letter.isalnum() or letter in " .,:;?!" else f"&#{ord(letter)};" for letter in text)
    return kept.replace("&#10;", "<br>") if kept else escape(text)


def _clean(cell: Cell) -> Cell:
    """What is shown of a cell, without what is none by Jupyter's own rules: nbconvert takes the whole or nothing."""
    kept: Cell = {"cell_type": cell["cell_type"], "source": cell["source"], "metadata": {}}
    if cell["cell_type"] == "code":
        count = cell.get("execution_count")
        kept["execution_count"] = count if isinstance(count, int) else None
        kept["outputs"] = [each for each in cell["outputs"] if isvalid(each, ref="output", version=4, version_minor=4)]
    elif "attachments" in cell:
        whole = {**kept, "attachments": cell["attachments"]}
        return whole if isvalid(whole, ref=f"{cell['cell_type']}_cell", version=4, version_minor=4) else kept
    return kept


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
