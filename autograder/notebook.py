"""Reading and writing .ipynb files: the outer shape only, tolerant where an editor may differ, clear where not.

Standard library alone, so that it loads fast and runs inside the smallest of processes; only a notebook of an old
format, which Jupyter's own library brings to the present one, loads that.
"""

import json
from typing import Any

from autograder.report import NotebookUnreadable

Notebook = dict[str, Any]
Cell = dict[str, Any]

MAX_BYTES = 10 * 1024 * 1024
MAX_CELLS = 5_000
OLD_FORMATS = (1, 2, 3)
CELL_TYPES = ("code", "markdown", "raw")


def read_notebook(raw: bytes) -> Notebook:
    """Parse and normalise (sources joined to strings, metadata always a dict), or raise NotebookUnreadable."""
    if len(raw) > MAX_BYTES:
        raise NotebookUnreadable(
            f"The file is {len(raw) / 2**20:.0f} MB; a notebook may be at most {MAX_BYTES // 2**20} MB. "
            "Clear large outputs (Kernel → Restart & clear output of that cell), save, and hand in again."
        )
    notebook = _parse(raw)
    if "worksheets" in notebook or notebook.get("nbformat") in OLD_FORMATS:
        notebook = _upgraded(raw)
    _refuse_wrong_format(notebook)
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise NotebookUnreadable(
            "This file has no list of cells, so it is not a Jupyter notebook. Save it again as .ipynb."
        )
    if len(cells) > MAX_CELLS:
        raise NotebookUnreadable(f"The notebook has {len(cells)} cells; at most {MAX_CELLS} can be read.")
    notebook["cells"] = [_normalised(cell, number) for number, cell in enumerate(cells, start=1)]
    if not isinstance(notebook.get("metadata"), dict):
        notebook["metadata"] = {}
    return notebook


def _parse(raw: bytes) -> Notebook:
    if not raw.strip():
        raise NotebookUnreadable("The file is empty. Save the notebook and choose it again.")
    if raw.startswith(b"%PDF"):
        raise NotebookUnreadable("This is a PDF that was renamed, not a notebook. Hand in the .ipynb file itself.")
    if raw.startswith(b"PK\x03\x04"):
        raise NotebookUnreadable("This is a zip file, not a notebook. Unpack it and hand in the .ipynb file inside.")
    try:
        notebook = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise NotebookUnreadable(
            "The file is not UTF-8 text, so it is not a notebook. Save it again in Jupyter."
        ) from error
    except RecursionError as error:
        raise NotebookUnreadable("The file is nested too deeply to be a notebook. Save it again in Jupyter.") from error
    except ValueError as error:
        raise NotebookUnreadable(_why_no_json(raw, error)) from error
    if not isinstance(notebook, dict):
        raise NotebookUnreadable("This is JSON, but not a notebook. Choose the .ipynb file that Jupyter saved.")
    return notebook


def _why_no_json(raw: bytes, error: ValueError) -> str:
    if not raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return "This is not a notebook: it is text, but not valid JSON. Choose the .ipynb file that Jupyter saved."
    return (
        f"The file is not valid JSON ({_where(error)}), so it cannot be opened as a notebook. "
        "It may have been cut off while saving or downloading; save it again in Jupyter."
    )


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _where(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}"
    return str(error)[:60]


def _upgraded(raw: bytes) -> Notebook:
    """A notebook of format 1, 2 or 3 as one of format 4. The ids that are made up for its cells are left out."""
    import nbformat  # noqa: PLC0415  heavy, and only old notebooks need it

    try:
        notebook: Notebook = json.loads(nbformat.writes(nbformat.reads(raw.decode("utf-8-sig"), as_version=4)))
    except Exception as error:  # it raises whatever the damage makes it raise
        raise NotebookUnreadable(
            "This notebook is in an old format and damaged. Open it in a current Jupyter and save it (File → Save); it is "
            "then format 4 and can be handed in."
        ) from error
    for cell in notebook["cells"]:
        cell.pop("id", None)
    return {**notebook, "nbformat_minor": 4}


def _refuse_wrong_format(notebook: Notebook) -> None:
    version = notebook.get("nbformat")
    if version is None and "cells" not in notebook:
        raise NotebookUnreadable("This is JSON, but not a notebook. Choose the .ipynb file that Jupyter saved.")
    if version not in (4, None):
        raise NotebookUnreadable(f"This notebook says format {version!r}; we read format 4. Save it again in Jupyter.")


def _normalised(cell: Any, number: int) -> Cell:
    if not isinstance(cell, dict) or cell.get("cell_type") not in CELL_TYPES:
        raise NotebookUnreadable(
            f"Cell {number} is damaged (no known cell type). Open the notebook in Jupyter and save it again."
        )
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise NotebookUnreadable(
            f"The text of cell {number} is damaged. Open the notebook in Jupyter and save it again."
        )
    metadata = cell.get("metadata")
    normal = {
        **cell,
        "source": source.replace("\r\n", "\n"),
        "metadata": metadata if isinstance(metadata, dict) else {},
    }
    if cell["cell_type"] == "code":
        outputs = cell.get("outputs")
        normal["outputs"] = [o for o in outputs if isinstance(o, dict)] if isinstance(outputs, list) else []
        normal.setdefault("execution_count", None)
    return normal


def kernel_language(notebook: Notebook) -> str:
    """`python`, `R`, `julia` … as the notebook itself says; `python` when it says nothing."""
    metadata = notebook["metadata"]
    spec, info = metadata.get("kernelspec"), metadata.get("language_info")
    named = [
        block.get(key) for block, key in ((info, "name"), (spec, "language"), (spec, "name")) if isinstance(block, dict)
    ]
    language = next((name for name in named if isinstance(name, str) and name), "python")
    return "python" if language.lower().startswith(("python", "ipython", "conda", "pyodide", "xpython")) else language


def write_notebook(notebook: Notebook) -> bytes:
    """UTF-8 JSON as Jupyter writes it: one space of indentation, a newline at the end."""
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode(errors="replace")


def cleared(cell: Cell) -> Cell:
    """The cell without what it printed last time."""
    return {**cell, "outputs": [], "execution_count": None} if cell["cell_type"] == "code" else cell
