"""Rows of text → people: which columns say what, which rows are no students, and every problem with its row."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from courses.roster.tables import TableUnreadable, read_table

HEADERS = {
    "number": (
        "学号", "学号/工号", "工号", "学生学号", "sisuserid", "sid", "idnumber", "studentid", "studentnumber", "student#",
        "matriculationnumber", "matrikelnummer", "númerodeid",
    ),
    "login": ("sisloginid", "loginid", "username", "用户名", "登录名", "login", "user"),
    "mail": (
        "email", "emailaddress", "e-mail", "mail", "邮箱", "电子邮箱", "电子邮件", "direccióndecorreo", "correoelectrónico",
    ),
    "name": ("name", "student", "fullname", "studentname", "姓名", "学生姓名", "nombrecompleto"),
    "first": ("firstname", "givenname", "nombre"),
    "last": ("lastname", "surname", "familyname", "apellido(s)", "apellidos"),
    "section": ("section", "sections", "sectionname", "group", "groups", "班级", "教学班", "行政班", "班级名称", "childcourseid"),
    "role": ("role", "roles", "角色"),
    "status": ("status", "suspended", "状态"),
}  # fmt: skip
HEADER_WITHIN = 15
LONGEST = {"name": 120, "number": 40, "login": 150, "mail": 254, "section": 100}
KEYS = {"number", "login", "mail"}
"""Columns that tell who somebody is."""
CANVAS_LINES = ("manual posting", "points possible", "student, test")
STUDENTS = ("", "student", "students", "学生")
ABSENT = ("suspended", "yes", "inactive", "暂停")
RUINED = re.compile(r"\d\.\d+e\+?\d+", re.IGNORECASE)
AS_TEXT = re.compile(r'="(.*)"')
FORMULA = re.compile(r"[=+@].*|-[^\d].*")
MAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")


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


def read_roster(raw: bytes) -> Roster:
    """The roster in a file's bytes or in pasted text. Never raises: what is wrong is in `problems`."""
    try:
        table = read_table(raw)
        place, columns = _header(table.rows)
    except TableUnreadable as error:
        return Roster(problems=[str(error)])
    header = table.rows[place]
    named = {kind: header[column] for kind, column in columns.items()}
    roster = Roster(notes=list(table.notes), columns=named)
    formulas = {row for row in table.formulas if row > place}
    roster.problems += [f"Row {row} holds a formula: paste its values instead." for row in sorted(formulas)]
    for number, row in enumerate(table.rows[place + 1 :], start=place + 2):
        _take(roster, number, _cells(row, columns), row)
    roster.problems += _twice(roster.people)
    if not roster.people and not roster.problems:
        roster.problems.append("There is no student in the file.")
    return roster


def _header(rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    """Which row names the columns, and which column says what."""
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        words = [_word(cell) for cell in row]
        found = {kind: words.index(word) for kind, known in HEADERS.items() for word in known[::-1] if word in words}
        if not found.keys() & KEYS and "id" in words:
            found["number"] = words.index(
                "id"
            )  # Canvas has a column ID beside these: its own number, which nobody else knows
        named = "name" in found or {"first", "last"} <= found.keys()
        if named and found.keys() & KEYS:
            return place, found
    raise TableUnreadable(
        "No row names the columns. A roster needs a column for the name (Name, Student, 姓名) and one of student number "
        "(Student ID, SIS User ID, 学号), login (Username) or mail (Email, 邮箱)."
    )


def _word(cell: str) -> str:
    return "".join(unicodedata.normalize("NFKC", cell).split()).strip("*:：").lower().replace("_", "")


def _cells(row: Sequence[str], columns: Mapping[str, int]) -> dict[str, str]:
    return {kind: _cell(row[column]) if column < len(row) else "" for kind, column in columns.items()}


def _cell(text: str) -> str:
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    found = AS_TEXT.fullmatch(text)
    return found[1] if found else text


def _take(roster: Roster, number: int, cells: Mapping[str, str], row: Sequence[str]) -> None:
    if not any(cell.strip() for cell in row) or cells.get("name", "").lower() in CANVAS_LINES or _is_canvas_line(row):
        return
    name = _name(cells)
    if cells.get("role", "").lower() not in STUDENTS:
        roster.notes.append(f"Row {number}: {name} is “{cells['role']}”, not a student, and was left out.")
        return
    if cells.get("status", "").lower() in ABSENT:
        roster.notes.append(f"Row {number}: {name} is suspended and was left out.")
        return
    known = any(cells.get(kind) for kind in KEYS)
    if not known or not name:
        said = " ".join(cell for cell in row if cell)[:60]
        filled = sum(bool(cell) for cell in row)
        signed = filled == 1 and not re.search(r"\d", said) if known else filled <= 2  # noqa: PLR2004  a line for a signature
        (roster.notes if signed else roster.problems).append(f"Row {number}: {said}: no student was found in it.")
        return
    problems = list(_problems(number, cells, name))
    roster.problems += problems
    if not problems:
        login, mail = (cells.get(kind, "").lower() for kind in ("login", "mail"))
        person = Person(number, name, cells.get("number", ""), login, mail, _sections(cells))
        roster.people.append(person)


def _is_canvas_line(row: Sequence[str]) -> bool:
    return any(cell.strip().lower() in CANVAS_LINES for cell in row[:3]) or [c.lower() for c in row[:2]] == [
        "student",
        "test",
    ]


def _name(cells: Mapping[str, str]) -> str:
    """As people say it: Canvas writes `Student, Given`; two columns are joined."""
    if "name" in cells:
        last, comma, first = cells["name"].partition(", ")
        return f"{first} {last}".strip() if comma else last
    return f"{cells['first']} {cells['last']}".strip()


def _sections(cells: Mapping[str, str]) -> tuple[str, ...]:
    """Several are joined by "and" (Canvas) or by commas (Moodle)."""
    parts = re.split(r",\s*(?:and\s+)?|\s+and\s+|、", cells.get("section", ""))
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _problems(number: int, cells: Mapping[str, str], name: str) -> Iterator[str]:
    if RUINED.fullmatch(cells.get("number", "")):
        yield f"Row {number}: {cells['number']} is no student number: a spreadsheet has rounded it. Export it as text."
    for kind in ("number", "login", "mail", "name", "first", "last"):
        if FORMULA.fullmatch(cells.get(kind, "")):
            yield f"Row {number}: “{cells[kind]}” is a formula: paste its value instead."
    for kind, longest in LONGEST.items():
        words = _sections(cells) if kind == "section" else (name if kind == "name" else cells.get(kind, ""),)
        if any(len(word) > longest for word in words):
            yield f"Row {number}: the {kind} is longer than {longest} characters."
    if cells.get("mail") and not MAIL.fullmatch(cells["mail"]):
        yield f"Row {number}: “{cells['mail']}” is no mail address ({name})."


def _twice(people: Sequence[Person]) -> Iterator[str]:
    words = {"number": "student number", "login": "login", "mail": "mail address"}
    for kind, word in words.items():
        rows: dict[str, list[int]] = defaultdict(list)
        for person in people:
            if getattr(person, kind):
                rows[getattr(person, kind).lower()].append(person.row)
        for value, found in rows.items():
            if len(found) > 1:
                yield f"Rows {', '.join(map(str, found))} have the same {word}, {value}."
