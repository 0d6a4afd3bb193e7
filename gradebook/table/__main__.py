"""`python -m gradebook.table`: JSON rows on standard input, a workbook on standard output."""

import io
import json
import sys
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font


def workbook(rows: Sequence[Sequence[str]]) -> bytes:
    """The first row is bold and stays in sight. A cell is a number only if it is nothing else."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Gradebook")
    sheet.freeze_panes = "A2"
    for number, row in enumerate(rows):
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", text))
            cell.data_type = "s"
            if _is_mark(text):
                cell.value, cell.data_type = float(text), "n"
            if not number:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _is_mark(text: str) -> bool:
    """`75.00`, and no student number: marks have two decimals."""
    whole, point, rest = text.partition(".")
    return bool(point) and whole.isascii() and whole.isdigit() and len(rest) == 2 and rest.isascii() and rest.isdigit()  # noqa: PLR2004


if __name__ == "__main__":
    sys.stdout.buffer.write(workbook(json.load(sys.stdin)))
