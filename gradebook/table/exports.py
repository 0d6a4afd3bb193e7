"""The gradebook as tables that other programs take back. No cell can be taken for a formula by a spreadsheet.

Canvas: `Student, ID, SIS User ID, SIS Login ID, Section`, the line *Points Possible*, columns with Canvas's own number; its
`ID` of a person is not ours to know and stays empty. Moodle: a column that names people, then columns of points. Blackboard:
UTF-16 with tabs, `Title [Total Pts: 20 Score] |660463`, people by Username. Gradescope: as its own course grades. Each has only
the columns that were asked for: totals go to the registrar, and to Canvas marked as read only.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from courses.models import Enrolment
from courses.policy.rounding import rounded
from gradebook.models import FinalGrade
from gradebook.standings.selectors import Cell, Column, Gradebook, Row
from grading.policy.codes import Code

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
TWO = Decimal("0.01")
HUNDRED = Fraction(100)
Name = tuple[str, Callable[[Enrolment], str]]


class Unit(StrEnum):
    """In which marks are written."""

    POINTS = "points"
    PERCENT = "percent"


def _sections(student: Enrolment) -> str:
    return ", ".join(section.name for section in student.sections.all())


def _canvas_sections(student: Enrolment) -> str:
    return " and ".join(section.name for section in student.sections.all())


def _given(student: Enrolment) -> str:
    """All but the last word; a name without spaces is not taken apart."""
    return student.user.name.rpartition(" ")[0] or student.user.name


def _family(student: Enrolment) -> str:
    return student.user.name.rpartition(" ")[2] if " " in student.user.name else ""


NAMES: dict[str, Sequence[Name]] = {
    "registrar": (
        ("Student number", lambda s: s.user.student_number),
        ("Name", lambda s: s.user.name),
        ("Mail", lambda s: s.user.email),
        ("Section", _sections),
    ),
    "canvas": (
        ("Student", lambda s: s.user.name),
        ("ID", lambda _: ""),
        ("SIS User ID", lambda s: s.user.student_number),
        ("SIS Login ID", lambda s: s.user.username),
        ("Section", _canvas_sections),
    ),
    "moodle": (
        ("ID number", lambda s: s.user.student_number),
        ("Username", lambda s: s.user.username),
        ("Email address", lambda s: s.user.email),
    ),
    "blackboard": (
        ("Username", lambda s: s.user.username),
        ("Student ID", lambda s: s.user.student_number),
    ),
    "gradescope": (
        ("First Name", _given),
        ("Last Name", _family),
        ("SID", lambda s: s.user.student_number),
        ("Email", lambda s: s.user.email),
        ("Sections", _sections),
    ),
}
"""How each names people; a column for each thing that is marked follows."""
FILE_NAMES = {"blackboard": "xls"}
"""Endings that are not csv: Blackboard's own files of tabs are called so."""
CANVAS_EXEMPT = "EX"
READ_ONLY = "(read only)"


@dataclass(frozen=True)
class Wanted:
    """Which table: for whom, in which unit, under which headings (assignment pk → as that system calls it), with final grades."""

    kind: str
    unit: Unit = Unit.POINTS
    headers: Mapping[int, str] = field(default_factory=dict)
    finals: Mapping[int, FinalGrade] | None = None


def export(book: Gradebook, wanted: Wanted) -> bytes:
    """UTF-8 with a byte order mark and commas, for spreadsheets; for Blackboard UTF-16 with tabs."""
    text = io.StringIO(newline="")
    is_blackboard = wanted.kind == "blackboard"
    writer = csv.writer(text, csv.excel_tab if is_blackboard else csv.excel)
    for row in table(book, wanted):
        writer.writerow([safe(cell) for cell in row])
    return text.getvalue().encode("utf-16" if is_blackboard else "utf-8-sig")


def table(book: Gradebook, wanted: Wanted) -> list[list[str]]:
    """The same as rows of text, the first with the headings."""
    return list(_lines(book, wanted))


def safe(text: str) -> str:
    """Text that begins like a formula gets an apostrophe before it; figures stay figures."""
    if not text.startswith(FORMULA):
        return text
    return text if text.removeprefix("-").replace(".", "", 1).isdigit() else f"'{text}"


def unnamed(book: Gradebook, wanted: Wanted) -> list[str]:
    """Columns that the other system does not know yet: it asks or makes a new one for them."""
    if wanted.kind not in ("canvas", "blackboard"):
        return []
    return [column.component.name for _, column in _columns(book) if column.assignment_pk not in wanted.headers]


def _columns(book: Gradebook) -> list[tuple[int, Column]]:
    """(place, column) of each thing that is marked, once: a scheme may count one twice."""
    found: dict[int, tuple[int, Column]] = {}
    for place, column in enumerate(book.columns):
        found.setdefault(column.assignment_pk, (place, column))
    return list(found.values())


def _lines(book: Gradebook, wanted: Wanted) -> Iterator[list[str]]:
    names, columns = NAMES[wanted.kind], _columns(book)
    most = {place: _most(book, place, wanted.unit) for place, _ in columns}
    after = _Total.of(wanted)
    titles = [wanted.headers.get(c.assignment_pk) or _title(c, most[place], wanted.kind) for place, c in columns]
    pairs = _beside(wanted, titles, [most[place] for place, _ in columns])
    yield [*(title for title, _ in names), *pairs[0], *after.titles]
    if wanted.kind == "canvas":
        points = ["    Points Possible", *[""] * (len(names) - 1)]
        yield [*points, *(_two(most[place]) for place, _ in columns), *[READ_ONLY] * len(after.titles)]
    for row in book.rows:
        marks = [_mark(row.cells[place], wanted.kind, most[place]) for place, _ in columns]
        yield [*(read(row.student) for _, read in names), *_with_maxima(marks, pairs[1]), *after.cells(row)]


def _beside(wanted: Wanted, titles: Sequence[str], most: Sequence[Fraction]) -> tuple[list[str], list[str]]:
    """Gradescope has a column with the maximum behind each; the headings, and those maxima."""
    if wanted.kind != "gradescope":
        return list(titles), []
    return [each for title in titles for each in (title, f"{title} - Max Points")], [_two(number) for number in most]


def _with_maxima(marks: Sequence[str], maxima: Sequence[str]) -> list[str]:
    if not maxima:
        return list(marks)
    return [each for pair in zip(marks, maxima, strict=True) for each in pair]


@dataclass(frozen=True)
class _Total:
    """What stands behind the columns: for the registrar standing and final grade, for Canvas a total it does not read."""

    titles: Sequence[str]
    wanted: Wanted

    @classmethod
    def of(cls, wanted: Wanted) -> "_Total":
        if wanted.kind == "canvas":
            return cls(["Final Score"], wanted)
        if wanted.kind != "registrar":
            return cls([], wanted)
        final = ["Final grade", "Remark"] if wanted.finals is not None else []
        return cls(["Earned so far", "Average on graded work", "At least", "At most", *final], wanted)

    def cells(self, row: Row) -> list[str]:
        standing = row.standing
        if self.wanted.kind == "canvas":
            return [_two(standing.earned)]
        if self.wanted.kind != "registrar":
            return []
        numbers = (standing.earned, standing.average, standing.lowest, standing.highest)
        said = ["" if number is None else _two(number) for number in numbers]
        if self.wanted.finals is None:
            return said
        final = self.wanted.finals.get(row.student.pk)
        return [*said, final.grade if final else "", final.remark if final else ""]


def _most(book: Gradebook, place: int, unit: Unit) -> Fraction:
    """The full mark of a column; 100 of percent, and where nobody has a mark."""
    if unit is Unit.PERCENT:
        return HUNDRED
    totals = (row.cells[place].total for row in book.rows)
    return max((Fraction(total[1]) for total in totals if total is not None), default=Fraction()) or HUNDRED


def _mark(cell: Cell, kind: str, most: Fraction) -> str:
    """A word instead of a mark stands as this system writes it."""
    if cell.code == Code.EXEMPT and kind == "canvas":
        return CANVAS_EXEMPT
    if cell.code and kind == "registrar":
        return cell.code
    if cell.code in (Code.EXEMPT, Code.DEFERRED) or cell.share is None:
        return ""
    return _two(cell.share * most)


def _title(column: Column, most: Fraction, kind: str) -> str:
    """Where no heading of that system was written down."""
    name = column.component.name
    if kind == "blackboard":
        return f"{name} [Total Pts: {most.numerator if most.denominator == 1 else _two(most)} Score]"
    if kind == "registrar" and column.path:
        return f"{column.path} › {name}"
    return name


def _two(number: Fraction) -> str:
    return f"{rounded(number, TWO)}"
