"""A notebook as HTML without scripts: cells with anchors, highlighted code, formulas as MathML, pictures inside the page.

Knows no database. The bytes are a stranger's: every piece is escaped or sanitised, and then the whole once more.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

import nh3
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters.html import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]

from assignments.kinds.notebook.anchors import anchor_of
from autograder.notebook import Cell, Notebook, kernel_language
from courses.markdown import ATTRIBUTES, PICTURES, TAGS, cleaned, harmless, rendered_cell, storable

MOST_TEXT = 60_000
"""Characters of one output; what is longer is cut, and says so."""
MOST_CODE = 400_000
"""Characters of code in a notebook that are highlighted; more is shown plain."""
MOST_PICTURE = 12 << 20
ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MAGIC = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}
PICTURE_KINDS = ("image/png", "image/jpeg", "image/gif", "image/svg+xml")
TEXT_KINDS = ("text/html", "text/markdown", "text/latex", "text/plain")
"""The richest first."""
LIVE = ("application/javascript", "application/vnd.jupyter.widget-view+json", "text/vnd.mermaid")
NOT_SHOWN = '<p class="note">An interactive output is not shown here.</p>'
FRAME = {"section", "header", "mark"}


def body_of(notebook: Notebook) -> str:
    """The cells, in order. The answer is safe to put into a page that allows no script."""
    plain = kernel_language(notebook) != "python" or sum(len(cell["source"]) for cell in notebook["cells"]) > MOST_CODE
    made = "\n".join(_cell(cell, number, plain=plain) for number, cell in enumerate(notebook["cells"], start=1))
    return nh3.clean(
        storable(made),
        tags=TAGS | PICTURES | FRAME,
        attributes={
            **ATTRIBUTES,
            "*": {"class"},
            "section": {"id", "class"},
            "mark": {"id", "class"},
            "img": {"src", "alt", "width", "height"},
        },
        attribute_filter=harmless,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )


def _cell(cell: Cell, number: int, *, plain: bool) -> str:
    kind = cell["cell_type"]
    made = [f'<section id="cell-{number}" class="cell {kind}">', f"<header>{_label(cell, number)}</header>"]
    if kind == "markdown":
        made.append(f'<div class="text">{rendered_cell(cell["source"], _attachments(cell))}</div>')
    else:
        made.append(f'<pre class="source">{_code(cell["source"], plain=plain or kind == "raw")}</pre>')
        made += [
            f'<div class="output">{shown}</div>' for output in cell.get("outputs", ()) if (shown := _output(output))
        ]
    return "".join([*made, "</section>"])


def _label(cell: Cell, number: int) -> str:
    count = cell.get("execution_count")
    said = f"cell {number}" + (f" · run as {count}" if isinstance(count, int) else "")
    block = cell["metadata"].get("nbgrader")
    grade_id = block.get("grade_id") if isinstance(block, dict) else None
    if not isinstance(grade_id, str) or not grade_id:
        return said
    return f'{said} <mark id="{anchor_of(grade_id)}">{escape(grade_id)}</mark>'


def _code(source: str, *, plain: bool) -> str:
    if plain:
        return escape(source)
    return str(highlight(source, PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True)))


def _attachments(cell: Cell) -> Mapping[str, str]:
    found = cell.get("attachments")
    pairs = found.items() if isinstance(found, dict) else ()
    return {str(name): uri for name, data in pairs if isinstance(data, dict) and (uri := _picture(data))}


def _output(output: Mapping[str, Any]) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        stream = "stderr" if output.get("name") == "stderr" else "stdout"
        return f'<pre class="{stream}">{_text(output.get("text"))}</pre>'
    if kind == "error":
        lines = output.get("traceback")
        text = lines if isinstance(lines, list) and lines else [f"{output.get('ename')}: {output.get('evalue')}"]
        return f'<pre class="error">{_text([f"{line}" for line in text], glue=chr(10))}</pre>'
    data = output.get("data")
    return _data(data) if isinstance(data, dict) else ""


def _data(data: Mapping[str, Any]) -> str:
    """The richest of the forms that need no script."""
    note = NOT_SHOWN if any(kind in data for kind in LIVE) else ""
    return note + next(_shown(data), "")


def _shown(data: Mapping[str, Any]) -> Iterator[str]:
    if uri := _picture(data):
        yield f'<img src="{uri}" alt="a picture that the cell made">'
    for kind in TEXT_KINDS:
        if kind in data:
            text = _joined(data[kind])[: MOST_TEXT * 4]
            if kind == "text/html":
                yield f'<div class="html">{cleaned(text, pictures=True)}</div>'
            elif kind == "text/plain":
                yield f'<pre class="stdout">{_text(text)}</pre>'
            else:
                yield f'<div class="text">{rendered_cell(text, {})}</div>'


def _picture(data: Mapping[str, Any]) -> str:
    """A data URI of the first form that is what it says; empty if there is none. SVG only as a picture: it runs nothing."""
    for kind in PICTURE_KINDS:
        if kind not in data:
            continue
        text = _joined(data[kind])
        if len(text) > MOST_PICTURE:
            continue
        if kind == "image/svg+xml":
            return f"data:{kind};base64,{base64.b64encode(text.encode(errors='replace')).decode()}"
        try:
            raw = base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            continue
        if raw.startswith(MAGIC[kind]):
            return f"data:{kind};base64,{base64.b64encode(raw).decode()}"
    return ""


def _joined(value: Any, glue: str = "") -> str:
    return glue.join(str(part) for part in value) if isinstance(value, list) else str(value or "")


def _text(value: Any, glue: str = "") -> str:
    """Without the codes that colour a terminal, and not without end."""
    text = ANSI.sub("", _joined(value, glue)[: MOST_TEXT * 4])
    if len(text) <= MOST_TEXT:
        return escape(text)
    return escape(text[:MOST_TEXT]) + f"\n… cut here: {len(text) - MOST_TEXT} characters more"
