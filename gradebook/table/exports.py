"""The gradebook as a table for other programs. No cell can be taken for a formula by a spreadsheet."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from courses.models import Enrolment
from courses.policy.rounding import rounded
from gradebook.standings.selectors import Cell, Column, Gradebook, Row
from grading.policy.codes import Code

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
TWO = Decimal("0.01")
Name = tuple[str, Callable[[Enrolment], str]]


def _sections(student: Enrolment) -> str:
    return ", ".join(section.name for section in student.sections.all())


NAMES: dict[str, Sequence[Name]] = {
    "registrar": (
        ("Student number", lambda s: s.user.student_number),
        ("Name", lambda s: s.user.name),
        ("Mail", lambda s: s.user.email),
        ("Section", _sections),
    ),
    "canvas": (
        ("Student", lambda s: s.user.name),
        ("SIS User ID", lambda s: s.user.student_number),
        ("SIS Login ID", lambda s: s.user.username),
        ("Section", _sections),
    ),
    "moodle": (
        ("ID number", lambda s: s.user.student_number),
        ("Email address", lambda s: s.user.email),
    ),
    "blackboard": (
        ("Username", lambda s: s.user.username),
        ("Student ID", lambda s: s.user.student_number),
    ),
}
"""How each names people; a column of marks follows for each leaf of the scheme, and the three standing numbers."""


CANVAS_EXEMPT = "EX"


def export(book: Gradebook, kind: str, headers: Mapping[int, str]) -> bytes:
    """UTF-8 with a byte order mark, for spreadsheets; marks in percent with two decimals, empty where there is none.

    `headers`: assignment pk → how that system calls the column.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in table(book, kind, headers):
        writer.writerow([safe(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def table(book: Gradebook, kind: str, headers: Mapping[int, str]) -> list[list[str]]:
    """The same as rows of text, the first with the headings."""
    return list(_lines(book, kind, headers))


def safe(text: str) -> str:
    """Text that begins like a formula gets an apostrophe before it; figures stay figures."""
    if not text.startswith(FORMULA):
        return text
    return text if text.removeprefix("-").replace(".", "", 1).isdigit() else f"'{text}"


def _lines(book: Gradebook, kind: str, headers: Mapping[int, str]) -> Iterator[list[str]]:
    names = NAMES[kind]
    standing = ["Earned so far", "Average on graded work", "At least", "At most"]
    titles = [headers.get(column.assignment_pk) or _title(column) for column in book.columns]
    yield [*(title for title, _ in names), *titles, *standing]
    for row in book.rows:
        yield [*(read(row.student) for _, read in names), *(_mark(cell, kind) for cell in row.cells), *_standing(row)]


def _mark(cell: Cell, kind: str) -> str:
    """A word instead of a mark stands as this system writes it."""
    if cell.code == Code.EXEMPT and kind == "canvas":
        return CANVAS_EXEMPT
    if cell.code and kind == "registrar":
        return cell.code
    return "" if cell.code in (Code.EXEMPT, Code.DEFERRED) else _percent(cell)


def _title(column: Column) -> str:
    return f"{column.path} › {column.component.name}" if column.path else column.component.name


def _percent(cell: Cell) -> str:
    if cell.total is None or not cell.total[1]:
        return ""
    return _two(Fraction(cell.total[0]) / Fraction(cell.total[1]) * 100)


def _standing(row: Row) -> list[str]:
    average = row.standing.average
    numbers = (row.standing.earned, average, row.standing.lowest, row.standing.highest)
    return ["" if number is None else _two(number) for number in numbers]


def _two(number: Fraction) -> str:
    return f"{rounded(number, TWO)}"
