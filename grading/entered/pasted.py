"""Marks from a table: who is meant in each row, and which of its figures is the mark. Nothing is saved here."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from courses.models import Enrolment
from courses.policy.rounding import rounded
from courses.policy.words import points_text
from grading.policy.codes import code_of

MARK_WORDS = ("mark", "grade", "score", "points", "percent", "total", "result", "成绩", "分数", "得分", "总分")
MOST_NOTES = 20
HUNDRED = Decimal(100)


@dataclass
class Pasted:
    """Student pk → percent as it would stand in the field; what could not be read, in sentences."""

    marks: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def marks_in(rows: Sequence[Sequence[str]], students: Sequence[Enrolment], *, name: str, out_of: Decimal) -> Pasted:
    """Each row names a student by number, mail address, login or a name that only one has. `name`: of what is marked.

    The mark stands in the column whose heading says so, or else is the row's only figure: nothing is guessed. `out_of`: the
    full mark.
    """
    known = _keys(students)
    found = Pasted()
    heading = next((row for row in rows[:10] if _is_heading(row, name, known)), None)
    columns = _columns(heading, name) if heading is not None else []
    if len(columns) > 1:
        found.notes.append(f"Several columns could be the mark. Call the one that is meant “{name}”.")
        return found
    for number, row in enumerate(rows, start=1):
        cells = [_plain(cell) for cell in row]
        people = {known[cell] for cell in cells if cell in known}
        if not people:
            if _has_figure(row) and row is not heading:
                found.notes.append(f"Row {number}: nobody of this course is named ({' '.join(row)[:60]}).")
            continue
        texts = _marks(row, columns, {cell for cell in cells if cell in known})
        problem = _problem(people, texts, found, out_of)
        if problem:
            found.notes.append(f"Row {number}: {problem}")
        else:
            found.marks[people.pop()] = points_of(texts[0], out_of)
    if len(found.notes) > MOST_NOTES:
        found.notes = [*found.notes[:MOST_NOTES], f"and {len(found.notes) - MOST_NOTES} more rows."]
    return found


def points_of(text: str, out_of: Decimal) -> str:
    """The percentage, to four decimals, or the code, as the field takes it."""
    if code := code_of(text):
        return str(code)
    percent = Fraction(figure(text) or 0) * 100 / Fraction(out_of)
    return f"{rounded(percent, Decimal('0.0001')).normalize():f}"


def figure(text: str) -> Decimal | None:
    """`78`, `78.5`, `78,5`, `78 %`; None for anything else."""
    plain = text.strip().removesuffix("%").strip().replace(",", ".")
    if not plain.isascii() or not plain.replace(".", "", 1).isdigit() or len(plain) > 12:  # noqa: PLR2004  longer is no mark
        return None
    return Decimal(plain)


def _problem(people: set[int], texts: Sequence[str], found: Pasted, out_of: Decimal) -> str:
    if len(people) > 1:
        return "two people of this course are named."
    if next(iter(people)) in found.marks:
        return "this person stands in the table twice; the first mark is taken."
    if len(texts) > 1:
        return f"which figure is the mark: {', '.join(texts)}? Give the columns a heading."
    text = texts[0] if texts else ""
    if code_of(text):
        return ""
    value = figure(text)
    if value is None:
        return "no mark." if not text else f"“{text[:20]}” is no mark."
    return f"{text} is more than {points_text(out_of)}." if value > out_of else ""


def _keys(students: Sequence[Enrolment]) -> Mapping[str, int]:
    """What a student can be named by; what two share names nobody."""
    found: dict[str, int] = {}
    shared: set[str] = set()
    for student in students:
        user = student.user
        for text in {_plain(each) for each in (user.student_number, user.email, user.username, user.name) if each}:
            if found.setdefault(text, student.pk) != student.pk:
                shared.add(text)
    return {text: pk for text, pk in found.items() if text not in shared}


def _is_heading(row: Sequence[str], name: str, known: Mapping[str, int]) -> bool:
    """A row that names nobody, has no figure, and in which some cell says that marks stand below it."""
    cells = [_plain(cell) for cell in row]
    return bool(_columns(row, name)) and not _has_figure(row) and not any(cell in known for cell in cells)


def _columns(heading: Sequence[str], name: str) -> list[int]:
    """Where a heading is called like what is marked, or else where it has a word for marks."""
    cells = [_plain(cell) for cell in heading]
    if _plain(name) in cells:
        return [cells.index(_plain(name))]
    return [place for place, cell in enumerate(cells) if _says_mark(cell)]


def _says_mark(cell: str) -> bool:
    words = set(re.findall(r"[a-z]+", cell))
    return any(word in words if word.isascii() else word in cell for word in MARK_WORDS)


def _marks(row: Sequence[str], columns: Sequence[int], names: set[str]) -> list[str]:
    """What could be the mark: the cell under the heading, or every figure that names nobody."""
    if columns:
        return [row[columns[0]].strip()] if columns[0] < len(row) else []
    figures = [cell.strip() for cell in row if figure(cell) is not None and _plain(cell) not in names]
    return figures or [cell.strip() for cell in row[-1:] if cell.strip() and _plain(cell) not in names]


def _has_figure(row: Sequence[str]) -> bool:
    return any(figure(cell) is not None for cell in row)


def _plain(text: str) -> str:
    """Without regard to case, width and spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
