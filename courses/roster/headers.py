"""Which row of a table names its columns, and which column says what. For rosters and for tables of marks alike."""

import unicodedata
from collections.abc import Mapping, Sequence

HEADERS: Mapping[str, tuple[str, ...]] = {
    "number": (
        "学号", "学号/工号", "学生学号", "学号id", "学生id", "学生编号", "工号", "sisuserid", "sid", "userid",
        "studentid", "idnumber", "studentnumber", "studentno", "studentidnumber", "student#", "orgdefinedid",
        "universityid", "campusid", "matriculationnumber", "matrikelnummer", "matrikel-nr", "matrikelnr", "matrnr",
        "númerodeid", "matrícula", "numéroétudiant",
    ),
    "login": (
        "sisloginid", "loginid", "username", "用户名", "登录名", "登录id", "login", "user", "benutzername",
        "nombredeusuario", "netid", "uniid",
    ),
    "mail": (
        "email", "emailaddress", "e-mail", "e-mailaddress", "mail", "mailaddress", "邮箱", "电子邮箱", "电子邮件",
        "邮箱地址", "电子邮件地址", "direccióndecorreo", "correoelectrónico", "correo", "e-mail-adresse",
        "adressedecourriel", "adresseemail",
    ),
    "name": (
        "fullname", "姓名", "学生姓名", "name", "student", "studentname", "displayname", "sortablename",
        "nombrecompleto", "nomcomplet",
    ),
    "first": (
        "firstname", "givenname", "givennames", "forename", "名字", "名", "nombre", "vorname", "prénom",
    ),
    "last": (
        "lastname", "surname", "familyname", "姓氏", "姓", "apellido(s)", "apellidos", "nachname", "nom",
    ),
    "section": (
        "section", "sections", "sectionname", "group", "groups", "groupname", "小组", "班级", "教学班", "行政班",
        "班级名称", "教学班名称", "班", "childcourseid", "childsubjectid", "gruppe", "gruppen", "groupe", "groupes", "grupo",
        "grupos",
    ),
    "role": (
        "role", "roles", "角色", "rolle", "rollen", "rôle", "rôles", "rol",
    ),
    "status": (
        "status", "enrolmentstatus", "enrollmentstatus", "suspended", "状态", "estado", "estatus", "statut",
    ),
}  # fmt: skip
"""Of several columns of one kind the one that stands first here is meant, where it says something."""
CANVAS = {"sisuserid", "sisloginid", "integrationid", "rootaccount", "canvasuserid", "canvasgroupid", "sortablename"}
"""A file with one of these columns is from Canvas: its `ID` is Canvas's own number, which nobody else knows."""
HEADER_WITHIN = 15
KEYS = ("number", "login", "mail")
"""Columns that tell who somebody is."""

Columns = Mapping[str, Sequence[int]]
"""What a column says → where it stands, the best first."""


def word_of(cell: str) -> str:
    """A heading without regard to width, case, spaces and decoration."""
    return "".join(unicodedata.normalize("NFKC", cell).split()).strip("*:：\ufeff\u200b").lower().replace("_", "")


def columns_of(row: Sequence[str]) -> Columns:
    """What each cell of this row names, if it names a column of people."""
    words = [word_of(cell) for cell in row]
    found = {
        kind: places
        for kind, known in HEADERS.items()
        if (places := [place for word in known for place, here in enumerate(words) if here == word])
    }
    is_canvas = bool(CANVAS & set(words)) or {"student", "id", "section"} <= set(words)
    if "number" not in found and "id" in words and not is_canvas:
        found["number"] = [words.index("id")]
    return found


def names_people(columns: Columns) -> bool:
    """Whether there is a column for the name."""
    return "name" in columns or {"first", "last"} <= columns.keys()


def has_key(columns: Columns) -> bool:
    """Whether there is a column that tells who somebody is."""
    return any(kind in columns for kind in KEYS)


def header_of(rows: Sequence[Sequence[str]]) -> tuple[int, Columns] | None:
    """The row that names people, by name and by something that tells who they are; else the best there is; None: no row."""
    found = [(place, columns_of(row)) for place, row in enumerate(rows[:HEADER_WITHIN])]
    whole = [each for each in found if names_people(each[1]) and has_key(each[1])]
    some = [each for each in found if names_people(each[1]) or has_key(each[1])]
    return next(iter([*whole, *some]), None)
