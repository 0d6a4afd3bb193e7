"""Bytes of any of the files that staff have → rows of text. Formats and quirks: docs/rosters.md."""

import csv
import io
import re
import zipfile
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from courses.roster.encodings import TableUnreadable, decoded
from courses.roster.pages import rows_of_page

MOST_ROWS = 20_000
DELIMITERS = "\t;,"
SAMPLE = 4000
LARGEST_SHOWN = 10**12
"""Floats below it are written as people read them: 71.3, and not 71.30000000000001."""


@dataclass
class Table:
    """Rows as they stand, blank ones too, so that the place in `rows` is the line people see; what was noticed."""

    rows: list[list[str]]
    notes: list[str] = field(default_factory=list)
    figures: set[tuple[int, int]] = field(default_factory=set)
    """(row, column), from 0, of cells that a spreadsheet holds as numbers: zeros in front of them are lost."""
    others: list["Table"] = field(default_factory=list)
    """The other sheets of a workbook."""


def read_table(raw: bytes) -> Table:
    """The table in a CSV of any separator and encoding, an XLSX, or an HTML table that calls itself .xls."""
    if not raw.strip():
        raise TableUnreadable("The file is empty.")
    if raw.startswith(b"PK"):
        table = _workbook(raw)
    elif raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableUnreadable("This is an old Excel file (.xls). Open it and save it as .xlsx or CSV.")
    elif raw.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff")):
        raise TableUnreadable("This is no table. Export the roster as CSV or XLSX.")
    elif raw.lstrip()[:1] == b"<":
        table = Table(rows_of_page(raw))
    else:
        text, notes = decoded(raw)
        table = _separated(text)
        table.notes = notes
    if len(table.rows) > MOST_ROWS:
        raise TableUnreadable(f"The file has {len(table.rows)} rows; a roster has at most {MOST_ROWS}.")
    return table


def _separated(text: str) -> Table:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.strip()) == len("sep=,"):
        return _parsed(rest, first[4])
    sample = "\n".join(text.split("\n")[:20])
    return _parsed(text, max(DELIMITERS, key=lambda mark: _regular(sample, mark)))


def _regular(sample: str, mark: str) -> int:
    """How much the lines look like a table with this separator: lines of the commonest width, times that width."""
    try:
        widths = [len(row) for row in csv.reader(io.StringIO(sample), delimiter=mark) if row]
    except csv.Error:
        return 0
    return max((widths.count(width) * (width - 1) for width in set(widths)), default=0)


def _parsed(text: str, mark: str) -> Table:
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=mark, strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise TableUnreadable(
                "The file ends in the middle of a quoted field: it is cut off. Download it again."
            ) from error
        raise TableUnreadable(f"The file is no proper CSV: {error}.") from error
    return Table([[cell.strip() for cell in row] for row in rows])


def _workbook(raw: bytes) -> Table:
    from openpyxl import load_workbook  # noqa: PLC0415  slow to load, and for such files only

    try:
        # What a formula last came to stands beside it; what was never reckoned is read as it is written.
        written = load_workbook(io.BytesIO(raw), read_only=True, data_only=False)
        reckoned = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        sheets = [_sheet(*pair) for pair in zip(written.worksheets, reckoned.worksheets, strict=True)]
    except (zipfile.BadZipFile, EOFError) as error:
        raise TableUnreadable("The file is cut off or damaged. Download it again.") from error
    except Exception as error:
        raise TableUnreadable("This is no XLSX workbook. Open it in a spreadsheet and save it as .xlsx.") from error
    sheets[0].others = [sheet for sheet in sheets[1:] if sheet.rows]
    return sheets[0]


def _sheet(written: Any, reckoned: Any) -> Table:
    table = Table([])
    pairs = zip(written.iter_rows(max_row=MOST_ROWS + 1), reckoned.iter_rows(max_row=MOST_ROWS + 1), strict=False)
    for place, (row, values) in enumerate(pairs):
        found = [cell.value if value.value is None else value.value for cell, value in zip(row, values, strict=False)]
        table.figures |= {
            (place, column)
            for column, value in enumerate(found)
            if isinstance(value, int | float) and value is not True
        }
        table.rows.append([_shown(value, cell.number_format) for value, cell in zip(found, row, strict=False)])
    return table


def _shown(value: object, style: str | None) -> str:
    """A share that is shown in percent is one: 0.85 as 85 %."""
    if isinstance(value, int | float) and value is not True and "%" in re.sub(r'"[^"]*"', "", style or ""):
        return f"{value * 100:.10g} %"
    return _text(value)


def _text(value: object) -> str:
    """A number without decimals is an identifier that a spreadsheet took for a number. A date is the day."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.12g}" if abs(value) < LARGEST_SHOWN else str(value)
    if isinstance(value, datetime):
        return str(value.date() if value.time() == time() else value)
    return str(value).strip()
