"""Marks from a table: who is meant in each row, and which of its figures is the mark. Nothing is saved here."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from courses.models import Enrolment
from courses.policy.words import points_text

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

    The mark stands in the column whose heading says so, or else last among the row's figures. `out_of`: the full mark.
    """
    known = _keys(students)
    column = _column(rows, name)
    found = Pasted()
    for number, row in enumerate(rows, start=1):
        cells = [_plain(cell) for cell in row]
        people = {known[cell] for cell in cells if cell in known}
        if not people:
            if _has_figure(row) and not _is_heading(cells, name):
                found.notes.append(f"Row {number}: nobody of this course is named ({' '.join(row)[:60]}).")
            continue
        text = _mark(row, column, {cell for cell in cells if cell in known})
        problem = _problem(people, text, found, out_of)
        if problem:
            found.notes.append(f"Row {number}: {problem}")
        else:
            found.marks[people.pop()] = points_of(text, out_of)
    if len(found.notes) > MOST_NOTES:
        found.notes = [*found.notes[:MOST_NOTES], f"and {len(found.notes) - MOST_NOTES} more rows."]
    return found


def points_of(text: str, out_of: Decimal) -> str:
    """The percentage, to four decimals, as the field takes it."""
    percent = (figure(text) or Decimal()) * 100 / out_of
    return f"{percent.quantize(Decimal('0.0001')).normalize():f}"


def figure(text: str) -> Decimal | None:
    """`78`, `78.5`, `78,5`, `78 %`; None for anything else."""
    plain = text.strip().removesuffix("%").strip().replace(",", ".")
    if not plain.isascii() or not plain.replace(".", "", 1).isdigit() or len(plain) > 12:  # noqa: PLR2004  longer is no mark
        return None
    return Decimal(plain)


def _problem(people: set[int], text: str, found: Pasted, out_of: Decimal) -> str:
    value = figure(text)
    if len(people) > 1:
        return "two people of this course are named."
    if next(iter(people)) in found.marks:
        return "this person stands in the table twice; the first mark is taken."
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


def _column(rows: Sequence[Sequence[str]], name: str) -> int | None:
    """Where a heading is called like what is marked, or else says that it is a mark."""
    for row in rows[:10]:
        cells = [_plain(cell) for cell in row]
        if _plain(name) in cells:
            return cells.index(_plain(name))
        if _is_heading(cells, name):
            return max(place for place, cell in enumerate(cells) if any(word in cell for word in MARK_WORDS))
    return None


def _is_heading(cells: Sequence[str], name: str) -> bool:
    return _plain(name) in cells or (
        any(any(word in cell for word in MARK_WORDS) for cell in cells) and not any(figure(cell) for cell in cells)
    )


def _mark(row: Sequence[str], column: int | None, names: set[str]) -> str:
    if column is not None:
        return row[column].strip() if column < len(row) else ""
    figures = [cell.strip() for cell in row if figure(cell) is not None and _plain(cell) not in names]
    return figures[-1] if figures else ""


def _has_figure(row: Sequence[str]) -> bool:
    return any(figure(cell) is not None for cell in row)


def _plain(text: str) -> str:
    """Without regard to case, width and spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
