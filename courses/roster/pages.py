"""HTML tables that call themselves .xls, as registrars' systems export them → rows of text."""

import re
from html.parser import HTMLParser

from courses.roster.encodings import TableUnreadable

SAMPLE = 4000
CHARSET = re.compile(rb"charset=[\"']?([\w-]+)", re.IGNORECASE)
MOST_SPAN = 50


def rows_of_page(raw: bytes) -> list[list[str]]:
    """The rows of the tables in a page that calls itself .xls. Raises TableUnreadable."""
    found = CHARSET.search(raw[:SAMPLE])
    try:
        text = raw.decode("gb18030" if found and found[1].lower().startswith(b"gb") else "utf-8-sig")
    except (UnicodeDecodeError, LookupError) as error:
        raise TableUnreadable("The text is damaged or in an unknown encoding. Save the file as UTF-8.") from error
    reader = _Reader()
    reader.feed(text)
    reader.close()
    if not reader.rows:
        raise TableUnreadable("This is a web page without a table. Export the roster as CSV or XLSX.")
    return reader.rows


class _Reader(HTMLParser):
    """The rows of the tables in a page; a cell that spans others stands in each of them."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._cell = False
        self._wide = 1
        self._below: dict[int, tuple[int, str]] = {}
        """Column → for how many more rows a cell from above stands in it, and its text."""
        self._spans: list[tuple[int, int]] = []
        """(column, rows) of the cells of this row that reach below it."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._end_of_row()
            self.rows.append([])
        self._cell = tag in ("td", "th") or (self._cell and tag != "tr")
        if tag in ("td", "th") and self.rows:
            self._end_of_cell()
            self._from_above()
            said = dict(attrs)
            self._wide = _span(said.get("colspan"))
            if (tall := _span(said.get("rowspan"))) > 1:
                here = len(self.rows[-1])
                self._spans += [(here + more, tall - 1) for more in range(self._wide)]
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._cell = False
        if tag == "table":
            self._end_of_row()
            self._below = {}

    def handle_data(self, data: str) -> None:
        if self._cell and self.rows and self.rows[-1]:
            self.rows[-1][-1] = f"{self.rows[-1][-1]} {data.strip()}".strip()

    def _end_of_cell(self) -> None:
        if self.rows[-1]:
            self.rows[-1] += [self.rows[-1][-1]] * (self._wide - 1)
        self._wide = 1

    def _from_above(self) -> None:
        row = self.rows[-1]
        while (found := self._below.get(len(row))) is not None:
            row.append(found[1])

    def _end_of_row(self) -> None:
        if not self.rows:
            return
        self._end_of_cell()
        self._from_above()
        row = self.rows[-1]
        self._below = {column: (left - 1, text) for column, (left, text) in self._below.items() if left > 1}
        self._below |= {column: (tall, row[column]) for column, tall in self._spans if column < len(row)}
        self._spans = []


def _span(said: str | None) -> int:
    """How many rows or columns a cell takes, within reason."""
    return min(max(int(said), 1), MOST_SPAN) if said and said.isascii() and said.isdecimal() and len(said) <= 4 else 1  # noqa: PLR2004  digits
