"""Rows of text → people: which rows are students and which are none, what was mended, and every problem with its row."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from courses.roster.encodings import NOT_READ, TableUnreadable
from courses.roster.headers import CANVAS, KEYS, Columns, columns_of, has_key, header_of, names_people, word_of
from courses.roster.tables import Table, read_table
from courses.roster.values import (
    NO_SECTION,
    could_be_number,
    is_number,
    is_wider,
    joined_name,
    login_of,
    mail_of,
    name_of,
    number_of,
    plain,
    sections_in,
)

LONGEST = {"name": 120, "number": 40, "login": 150, "mail": 254, "section": 100}
CANVAS_LINES = ("manual posting", "points possible", "student, test")
STUDENTS = {
    "",
    "student",
    "students",
    "studentenrollment",
    "learner",
    "学生",
    "estudiante",
    "étudiant",
    "studierende/r",
    "studierende",
    "student/in",
    "teilnehmer/in",
    "étudiants",
    "estudiantes",
    "alumno",
}
ABSENT = {
    "suspended", "yes", "true", "1", "inactive", "not current", "not active", "deleted", "completed", "concluded",
    "withdrawn", "dropped", "rejected", "unavailable", "暂停", "已暂停", "退课", "已退课", "退选", "休学",
    "退学", "inaktiv", "gesperrt", "suspendu", "suspendido", "inactivo", "inactif",
}  # fmt: skip
REMARKS = re.compile(
    r"(total|sum|average|mean|overall average|count|median|notes?|printed|generated|exported|end of|合计|总计|小计|共|平均|"
    r"备注|说明|注|制表|打印|任课教师|教师签名|签名|日期|教研室|院系)(?![a-z])",
    re.IGNORECASE,
)
RUINED = re.compile(r"\d\.\d+e\+?\d+", re.IGNORECASE)
FORMULA = re.compile(r"[=+@].*|-[^\d].*")
MAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
WIDER = "it has more cells than the heading. Put what has a comma into quotation marks."
PREVIEW = "_previewuser"
"""How Blackboard calls the student that a teacher sees the course as."""
ROUNDED = "a spreadsheet has rounded the student number. Export it as text."
MOST_DIGITS = 15
"""A spreadsheet rounds longer numbers."""
WORDS = {"number": "student number", "login": "login", "mail": "mail address"}
NO_HEADER = (
    "No row names the columns. A roster needs a column for the name (Name, Student, 姓名) and one of student number "
    "(Student ID, SIS User ID, 学号), login (Username) or mail (Email, 邮箱)."
)
NO_NAMES = (
    "There are no names in this file ({columns}), so nobody could be recognised. From Canvas take Grades → Export, or the "
    "list of people; from other systems the list of participants."
)
NO_KEYS = (
    "Nothing in this file tells who somebody is ({columns}): it needs a student number (Student ID, SIS User ID, 学号), a login "
    "(Username) or a mail address (Email, 邮箱). In Canvas an account that may see SIS ids exports them."
)
AS_NUMBERS = (
    "A spreadsheet keeps the student numbers as numbers: zeros in front of them are lost. If yours begin with zeros, read the "
    "file again and say how many digits a number has."
)


@dataclass(frozen=True)
class Person:
    """One student of a roster. `row` is where, counted from 1."""

    row: int
    name: str
    number: str = ""
    login: str = ""
    mail: str = ""
    sections: tuple[str, ...] = ()


@dataclass
class Roster:
    """What a file says. With `problems` nothing of it may be used; `notes` are what was noticed and left out."""

    people: list[Person] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def read_roster(raw: bytes, *, digits: int = 0) -> Roster:
    """The roster in a file's bytes or in pasted text. Never raises: what is wrong is in `problems`.

    `digits`: shorter student numbers have lost zeros in front, which are put back.
    """
    try:
        table = read_table(raw)
        table, place, columns = _people_of(table)
    except TableUnreadable as error:
        return Roster(problems=[str(error)])
    return _Reading(table, place, columns, digits).roster()


def _people_of(table: Table) -> tuple[Table, int, Columns]:
    """The sheet, the row and the columns that name people. Raises TableUnreadable."""
    for sheet in (table, *table.others):
        found = header_of(sheet.rows)
        if found is not None and names_people(found[1]) and has_key(found[1]):
            if table.others:
                sheet.notes.append(_which_sheet(table, sheet))
            return sheet, *found
    found = header_of(table.rows)
    if found is None:
        raise TableUnreadable(NO_HEADER)
    said = ", ".join(cell for cell in table.rows[found[0]] if cell)[:200]
    raise TableUnreadable((NO_KEYS if names_people(found[1]) else NO_NAMES).format(columns=said))


def _which_sheet(table: Table, sheet: Table) -> str:
    which = "first one" if sheet is table else "one that names people"
    return f"The workbook has several sheets; the {which} was read."


class _Reading:
    """One pass over the rows below the heading."""

    def __init__(self, table: Table, place: int, columns: Columns, digits: int) -> None:
        self._table, self._place, self._columns, self._digits = table, place, columns, digits
        self._is_canvas = bool(CANVAS & set(map(word_of, table.rows[place])))
        self._mended: dict[str, list[int]] = defaultdict(list)
        self._roster = Roster(notes=list(table.notes))
        cells = [
            row[column] for row in table.rows[place + 1 :] for column in columns.get("section", ()) if column < len(row)
        ]
        self._sections = sections_in(cells, is_canvas=self._is_canvas)

    def roster(self) -> Roster:
        found = self._roster
        header = self._table.rows[self._place]
        found.columns = {kind: header[places[0]] for kind, places in self._columns.items()}
        for number, row in enumerate(self._table.rows[self._place + 1 :], start=self._place + 2):
            if any(cell.strip() for cell in row) and not _is_canvas_line(row):
                self._take(number, row)
        found.problems += _side_by_side(self._table.rows[self._place :])
        found.notes += _seldom_seated(found.people)
        found.notes += [f"{_rows(rows)}: {said}." for said, rows in self._mended.items()]
        if self._numbers_are_figures():
            found.notes.append(AS_NUMBERS)
        found.people, problems = _once(found.people)
        found.problems += problems
        if not found.people and not found.problems:
            found.problems.append("There is no student in the file.")
        return found

    def _take(self, number: int, row: Sequence[str]) -> None:
        cells = {kind: self._cell(kind, row) for kind in self._columns}
        name = _whole_name(cells)
        cells |= {"name": name, **self._keys(cells)}
        if self._is_set_aside(number, row, cells):
            return
        if _is_remark(row, cells):
            self._roster.notes.append(f"Row {number}: {_said(row)}: no student was found in it.")
        elif not name or not any(cells.get(kind) for kind in KEYS):
            self._roster.problems.append(f"Row {number}: {_said(row)}: no student was found in it.")
        elif why := self._left_out(number, cells):
            self._roster.notes.append(f"Row {number}: {name} {why} and was left out.")
        elif problems := list(_problems(number, cells, self._seats(row))):
            self._roster.problems += problems
        else:
            if mended := number_of(self._cell("number", row) if "number" in self._columns else "")[1]:
                self._mended[f"student numbers were mended: {mended}"].append(number)
            self._roster.people.append(
                Person(number, name, **{k: cells.get(k, "") for k in KEYS}, sections=self._seats(row))
            )

    def _is_set_aside(self, number: int, row: Sequence[str], cells: Mapping[str, str]) -> bool:
        """A row that cannot be taken as it stands, whoever is in it."""
        if is_wider(row, self._table.rows[self._place]):
            self._roster.problems.append(f"Row {number}: {WIDER}")
        elif len(cells["number"]) > MOST_DIGITS and self._is_figure(number):
            self._roster.problems.append(f"Row {number}: {ROUNDED}")
        elif cells["login"].endswith(PREVIEW):
            self._roster.notes.append(f"Row {number}: {_said(row)}: the preview of a student was left out.")
        else:
            return False
        return True

    def _cell(self, kind: str, row: Sequence[str]) -> str:
        """The first that says something of the columns that say this."""
        said = (plain(row[place]) for place in self._columns[kind] if place < len(row))
        return next((text for text in said if text), "")

    def _keys(self, cells: Mapping[str, str]) -> dict[str, str]:
        number, _ = number_of(cells.get("number", ""))
        if number.isdecimal() and len(number) < self._digits:
            number = number.zfill(self._digits)
        return {"number": number, "login": login_of(cells.get("login", "")), "mail": mail_of(cells.get("mail", ""))}

    def _left_out(self, number: int, cells: Mapping[str, str]) -> str:
        """Why this is no student of the course now; empty: it is one. A second role is noted."""
        roles = [role.strip() for role in re.split(r"[,;|]", cells.get("role", ""))]
        others = [role for role in roles if role.lower() not in STUDENTS]
        if len(others) == len(roles):
            return f"is “{cells['role']}”, not a student,"
        if others:
            said = "is taken in as a student; a second role was left out by choice"
            self._roster.notes.append(f"Row {number}: {cells['name']} is also “{', '.join(others)}”: {said}.")
        status = cells.get("status", "").lower()
        if status in ABSENT:
            return f"is {'suspended' if status in {'yes', 'true', '1'} else status}"
        return ""

    def _seats(self, row: Sequence[str]) -> tuple[str, ...]:
        cells = [plain(row[place]) for place in self._columns.get("section", ()) if place < len(row)]
        said = next((cell for cell in cells if cell.casefold() not in NO_SECTION), "")
        return self._sections.get(said, ())

    def _is_figure(self, number: int) -> bool:
        """Whether the spreadsheet holds the student number of this row as a number."""
        return any((number - 1, column) in self._table.figures for column in self._columns.get("number", ()))

    def _numbers_are_figures(self) -> bool:
        places = self._columns.get("number", ())[:1]
        return not self._digits and any(row > self._place and column in places for row, column in self._table.figures)


def _seldom_seated(people: Sequence[Person]) -> list[str]:
    """What merged cells leave behind: the first of each section is in it, and nobody below."""
    alone = sum(not person.sections for person in people)
    if not len(people) / 2 < alone < len(people):
        return []
    return [f"{alone} of {len(people)} are in no section. If its cells were merged in the spreadsheet, fill each one."]


def _side_by_side(rows: Sequence[Sequence[str]]) -> list[str]:
    """A table printed in two halves, one beside the other: its right half would be lost."""
    words = [word_of(cell) for cell in rows[0]]
    twice = {
        word for word in words if word and words.count(word) > 1 and columns_of([word]).keys() & {"number", "name"}
    }
    for word in twice:
        places = [place for place, here in enumerate(words) if here == word]
        for row in rows[1:]:
            said = {plain(row[place]) for place in places if place < len(row)} - {""}
            if len(said) > 1:
                return [
                    f"There are two columns “{rows[0][places[0]]}” side by side: put the right half below the left one."
                ]
    return []


def _whole_name(cells: Mapping[str, str]) -> str:
    """The whole name, or given and family name joined; a name beside only one of these two is the other one."""
    name, first, last = (cells.get(kind, "") for kind in ("name", "first", "last"))
    if not name or (first and last):
        return name_of(name) if name else joined_name(first, last)
    if first and not _stands_in(first, name):
        return joined_name(first, name)
    return joined_name(name, last) if last and not _stands_in(last, name) else name_of(name)


def _stands_in(part: str, name: str) -> bool:
    return part.casefold() in name.casefold()


def _is_canvas_line(row: Sequence[str]) -> bool:
    first = [cell.strip().lower() for cell in row[:3]]
    return any(cell in CANVAS_LINES for cell in first) or first[:2] == ["student", "test"]


def _is_remark(row: Sequence[str], cells: Mapping[str, str]) -> bool:
    """A line for a signature, a sum, a date: it has no student number, login or mail, or says what it is."""
    filled = [plain(cell) for cell in row if plain(cell)]
    key = could_be_number(cells["number"]) or bool(MAIL.fullmatch(cells["mail"])) or is_number(cells["login"])
    if not key:
        return len(filled) <= 2 or bool(REMARKS.match(filled[0])) or any(":" in cell for cell in filled)  # noqa: PLR2004
    is_sure = bool(cells["mail"]) or (is_number(cells["number"]) and bool(re.search(r"\d", cells["number"])))
    labelled = any(REMARKS.match(said) for said in (filled[0], cells["name"])) and not is_sure
    labelled = labelled or (bool(REMARKS.fullmatch(cells["name"])) and not cells["mail"])
    return labelled or (len(filled) == 1 and not re.search(r"\d", filled[0]))


def _problems(number: int, cells: Mapping[str, str], seats: Sequence[str]) -> Iterator[str]:
    if RUINED.fullmatch(cells["number"]):
        yield f"Row {number}: {cells['number']} is no student number: a spreadsheet has rounded it. Export it as text."
    spoilt = [kind for kind in KEYS if FORMULA.fullmatch(cells[kind])]
    yield from (f"Row {number}: “{cells[kind]}” is a formula: paste its value instead." for kind in spoilt)
    for kind, longest in LONGEST.items():
        if any(len(word) > longest for word in (seats if kind == "section" else (cells[kind],))):
            yield f"Row {number}: the {kind} is longer than {longest} characters."
    if any(NOT_READ in cells[kind] for kind in ("name", *KEYS)):
        yield f"Row {number}: {cells['name']} has a character that could not be read. Save the file as UTF-8."
    for kind, is_one in (("number", is_number), ("mail", MAIL.fullmatch)):
        if cells[kind] and kind not in spoilt and not is_one(cells[kind]):
            yield f"Row {number}: “{cells[kind]}” is no {WORDS[kind]} ({cells['name']})."


def _once(people: Sequence[Person]) -> tuple[list[Person], list[str]]:
    """Each person once, with all their sections, where lists name them once for each; and who else shares a key."""
    found: dict[tuple[str, ...], Person] = {}
    for person in people:
        same = (person.name, person.number, person.login, person.mail)
        first = found.setdefault(same, person)
        if first is not person:
            found[same] = replace(first, sections=tuple(dict.fromkeys((*first.sections, *person.sections))))
    kept = list(found.values())
    return kept, list(_twice(kept))


def _twice(people: Sequence[Person]) -> Iterator[str]:
    for kind, word in WORDS.items():
        rows: dict[str, list[int]] = defaultdict(list)
        for person in people:
            if getattr(person, kind):
                rows[getattr(person, kind).lower()].append(person.row)
        for value, found in rows.items():
            if len(found) > 1:
                yield f"Rows {', '.join(map(str, found))} have the same {word}, {value}."


def _rows(numbers: Sequence[int]) -> str:
    """`Row 3`, `Rows 3, 4 and 27 more`."""
    if len(numbers) == 1:
        return f"Row {numbers[0]}"
    more = f" and {len(numbers) - 3} more" if len(numbers) > 3 else ""  # noqa: PLR2004  enough to look at
    return f"Rows {', '.join(map(str, numbers[:3]))}{more}"


def _said(row: Sequence[str]) -> str:
    return " ".join(cell for cell in row if cell)[:60]
