"""Where a note is meant to hang, as it was typed or drawn."""

from collections.abc import Callable, Mapping
from typing import Any

from assignments.kinds.files.listing import LONGEST_NAME, MOST_LINES
from autograder.notebook import MAX_CELLS

LONGEST = 4000
MOST_DIGITS = 5
MOST_PAGES = 2000
PLACES = ("cell", "output", "page", "file", "line")
"""What can be typed; a place of a page is drawn."""
PLACE = ("left", "top", "width", "height")
Anchor = dict[str, Any]
"""The columns of grading.models.Note that say where; none: on the whole work."""


class NoteRefused(Exception):
    """It cannot be noted like this; the message is for the marker."""


def anchor_in(shown_as: str, sent: Mapping[str, str]) -> Anchor:
    """The place of a note on work that is shown as `cells`, `pages` or `lines`. Raises NoteRefused.

    What is shown in no way of ours has no places.
    """
    reader = READERS.get(shown_as)
    return reader(sent) if reader else {}


def _cell(sent: Mapping[str, str]) -> Anchor:
    cell = _number(sent.get("cell", ""), "a cell", MAX_CELLS)
    output = _number(sent.get("output", ""), "an output", MAX_CELLS)
    if not cell:
        raise NoteRefused("Which cell? Its number stands above it in the notebook.")
    return {"cell": cell, "output": output or None}


def _page(sent: Mapping[str, str]) -> Anchor:
    """Without a page on the whole paper; the place of a page only if it lies on it, as it is drawn and not typed."""
    page = _number(sent.get("page", ""), "a page", MOST_PAGES)
    if not page:
        return {}
    place = [_thousandths(sent.get(name, "")) for name in PLACE]
    drawn = [each for each in place if each is not None]
    if len(drawn) < len(PLACE) or not all(drawn[2:]):
        return {"page": page}
    return {"page": page, **dict(zip(PLACE, drawn, strict=True))}


def _line(sent: Mapping[str, str]) -> Anchor:
    """Without a file on the whole work; without a line at the top of the file."""
    file = sent.get("file", "").replace("\x00", "")[:LONGEST_NAME]
    return {"file": file, "line": _number(sent.get("line", ""), "a line", MOST_LINES) or 1} if file else {}


def refuse_nowhere(anchor: Anchor, report: Mapping[str, Any]) -> None:
    """Raises NoteRefused for a file that does not lie in the work, or a line that it does not have. `report`: its listing."""
    if not anchor.get("file"):
        return
    file = next((each for each in report.get("files", ()) if each["name"] == anchor["file"]), None)
    if file is None:
        raise NoteRefused("There is no such file in this work.")
    if anchor["line"] > max(file["lines"] or 1, 1):
        raise NoteRefused(f"{file['name']} has {file['lines'] or 'no'} lines.")


def _number(text: str, what: str, most: int) -> int:
    plain = text.strip()
    if not plain:
        return 0
    if not plain.isascii() or not plain.isdigit() or len(plain) > MOST_DIGITS or int(plain) > most:
        raise NoteRefused(f"“{plain[:20]}” is no number of {what}.")
    return int(plain)


def _thousandths(text: str) -> int | None:
    known = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS and int(text) <= 1000  # noqa: PLR2004  thousandths
    return int(text) if known else None


READERS: dict[str, Callable[[Mapping[str, str]], Anchor]] = {"cells": _cell, "pages": _page, "lines": _line}
