"""Rosters that damaged an identity, and more of each kind: what each must give. Everyone in them is invented."""

import io
from pathlib import Path

import pytest
from openpyxl import Workbook

from courses.roster.people import AS_NUMBERS, read_roster
from courses.roster.values import joined_name, mail_of, name_of, number_of

CASES = Path(__file__).parent / "rosters"


def people_of(raw: bytes, **options):
    roster = read_roster(raw, **options)
    assert roster.problems == []
    return [(p.name, p.number, p.login, p.mail, p.sections) for p in roster.people]


def csv(*lines: str, encoding: str = "utf-8") -> bytes:
    return ("\n".join(lines) + "\n").encode(encoding)


def workbook(*sheets) -> bytes:
    book = Workbook()
    for place, rows in enumerate(sheets):
        sheet = book.active if place == 0 else book.create_sheet()
        for row in rows:
            sheet.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("apostrophe_ids", [("Ann", "00240003", "", "", ())]),
        ("canvas_people_sis", [("Mina Alder", "20240001", "malder", "m@example.org", ("A",))]),
        ("case_mail", [("Ann", "", "", "ann@example.org", ())]),
        ("float_ids", [("Ann", "20240001", "", "", ()), ("Bob", "20240002", "", "", ())]),
        ("gbk_odd", [("安米娜", "1", "", "", ())]),
        (
            "id_name_email",
            [
                ("Ann Example", "00240003", "", "ann@example.org", ()),
                ("Bob Example", "00240004", "", "bob@example.org", ()),
            ],
        ),
        (
            "jr_canvas",
            [
                ("Ann Smith, Jr.", "20240006", "asmith", "", ("A",)),
                ("Martin Luther King, III", "20240007", "mking", "", ("A",)),
            ],
        ),
        ("mail_name", [("Mina Alder", "", "", "m@example.org", ())]),
        ("moodle_new_groups", [("Mina Alder", "20240001", "", "m@example.org", ("CS-A",))]),
        (
            "moodle_no_groups",
            [("Mina Alder", "", "", "m@example.org", ()), ("Jan Berg", "", "", "j@example.org", ("Lab 1", "Lab 2"))],
        ),
        (
            "roster_rare_char_gb18030",
            [
                ("张伟", "20260001", "", "zw@x.example", ("Informatics",)),
                ("𠮷田龘", "20260006", "", "jt@x.example", ("Informatics",)),
            ],
        ),
        ("spaces", [("Ann B", "20240001", "", "", ())]),
        ("zh_bb_two_columns", [("欧阳静远", "20240005", "jyouyang", "", ()), ("安米娜", "20240001", "amina", "", ())]),
    ],
)
def test_each_file_that_failed_is_read(name, people):
    assert people_of((CASES / f"{name}.csv").read_bytes()) == people


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("float_ids", "Rows 2, 3: student numbers were mended: a spreadsheet wrote it as a number."),
        ("spaces", "Row 2: student numbers were mended: spaces were taken out."),
        (
            "moodle_no_groups",
            "Row 3: Jan Berg is also “Peer tutor”: is taken in as a student; a second role was left out by choice.",
        ),
        ("moodle_no_groups", "Row 4: Zoe Q is not current and was left out."),
    ],
)
def test_what_was_mended_or_left_out_is_said(name, note):
    assert note in read_roster((CASES / f"{name}.csv").read_bytes()).notes


def test_a_file_without_names_says_which_to_take():
    (problem,) = read_roster((CASES / "canvas_sis_enrol.csv").read_bytes()).problems

    assert "There are no names in this file (course_id, user_id, role, section_id, status)" in problem
    assert "From Canvas take Grades → Export" in problem


def test_a_file_without_anything_to_know_people_by_says_what_it_needs():
    raw = csv("Student,ID,Section,Homework 1 (77)", '"Wei, Chen",41,A,9')

    (problem,) = read_roster(raw).problems

    assert problem.startswith("Nothing in this file tells who somebody is (Student, ID, Section, Homework 1 (77))")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Wei, Chen", "Chen Wei"),
        ("Smith, Jr., Ann", "Ann Smith, Jr."),
        ("King, Martin Luther, III", "Martin Luther King, III"),
        ("Ann Smith, Jr.", "Ann Smith, Jr."),
        ("Ann Smith, PhD", "Ann Smith, PhD"),
        ("Sato, Sr, Ken", "Ken Sato, Sr"),
        ("de la Cruz, María José", "María José de la Cruz"),
        ("欧阳, 静远", "欧阳静远"),
        ("김, 철수", "김철수"),
        ("Plato", "Plato"),
        ("李　雷", "李雷"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("ジョン スミス", "ジョン スミス"),
        ("Wei，Chen", "Chen Wei"),
        (" Ann   B ", "Ann B"),
        ("=SUM(A1:A9)", "=SUM(A1:A9)"),
        ('="Ann B"', "Ann B"),
        ("\u200bAnn\ufeff B", "Ann B"),
        ("Smith,", "Smith"),
    ],
)
def test_a_name_in_one_column(written, name):
    assert name_of(written) == name


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("静远", "欧阳", "欧阳静远"),
        ("철수", "김", "김철수"),
        ("太郎", "山田", "山田太郎"),
        ("はなこ", "さとう", "さとうはなこ"),
        ("Mina", "Alder", "Mina Alder"),
        ("Mina", "王", "Mina 王"),
        ("", "Plato", "Plato"),
        ("Plato", "", "Plato"),
        ("𠮷", "王", "王𠮷"),
    ],
)
def test_a_name_in_two_columns(first, last, name):
    assert joined_name(first, last) == name


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("'00240003", "00240003"),
        ("’00240003", "00240003"),
        ("20240001.0", "20240001"),
        ("20240001.00", "20240001"),
        ("2024 0001", "20240001"),
        ("2024\u00a00001", "20240001"),
        ("２０２４０００１", "20240001"),
        ("#20240001", "20240001"),
        ('="00240003"', "00240003"),
        ("2024-0001", "2024-0001"),
        ("S 12/7", "S12/7"),
        ("\u200b20240001", "20240001"),
        ("", ""),
    ],
)
def test_a_student_number_as_it_is_meant(written, number):
    assert number_of(written)[0] == number


@pytest.mark.parametrize(
    "written",
    [
        "m@example.org",
        "M@Example.ORG",
        "Mina Alder <m@example.org>",
        '"Alder, Mina" <M@example.org>',
        "<m@example.org>",
        "mailto:m@example.org",
        "m@example.org;",
    ],
)
def test_a_mail_address_as_it_is_meant(written):
    assert mail_of(written) == "m@example.org"


@pytest.mark.parametrize(
    ("header", "row", "person"),
    [
        (
            "姓氏,名字,学生 ID,电子邮件",
            "欧阳,静远,20240005,o@x.example",
            ("欧阳静远", "20240005", "", "o@x.example", ()),
        ),
        (
            "OrgDefinedId,Username,Last Name,First Name,Email,End-of-Line Indicator",
            "#7,#amo,Mo,Ann,a@x.example,#",
            ("Ann Mo", "7", "amo", "a@x.example", ()),
        ),
        (
            "Nachname,Vorname,Matrikelnummer,E-Mail-Adresse",
            "Groß,Jörg,1234567,j@x.example",
            ("Jörg Groß", "1234567", "", "j@x.example", ()),
        ),
        (
            "Nom,Prénom,Numéro étudiant,Adresse de courriel",
            "Roy,Ève,22,e@x.example",
            ("Ève Roy", "22", "", "e@x.example", ()),
        ),
        (
            "name,canvas_user_id,user_id,login_id,sections,group_name,canvas_group_id,group_id",
            "Mina Alder,41,20240001,malder,A,Owls,9,",
            ("Mina Alder", "20240001", "malder", "", ("A",)),
        ),
        (
            "First Name,Last Name,SID,Email,Sections,section_name",
            "Ann,Mo,7,a@x.example,,Lab 3",
            ("Ann Mo", "7", "", "a@x.example", ("Lab 3",)),
        ),
        ("\ufeffID,Name", "007,Ann", ("Ann", "007", "", "", ())),
        ("Student ID ,Student Name*,Email Address：", "7,Ann Mo,a@x.example", ("Ann Mo", "7", "", "a@x.example", ())),
    ],
)
def test_headings_of_other_systems_and_languages(header, row, person):
    assert people_of(csv(header, row)) == [person]


CANVAS = "Student,ID,SIS User ID,SIS Login ID,Section"


@pytest.mark.parametrize(
    ("sections", "found"),
    [
        (["Research and Development"], [("Research and Development",)]),
        (["Arts and Crafts", "Arts and Crafts"], [("Arts and Crafts",)] * 2),
        (["A and B", "B"], [("A", "B"), ("B",)]),
        (["Lecture and Lab 1", "Lecture and Lab 2"], [("Lecture", "Lab 1"), ("Lecture", "Lab 2")]),
        (['"A, B, and C"', "B"], [("A", "B", "C"), ("B",)]),
        (["No groups"], [()]),
    ],
)
def test_sections_in_a_canvas_file(sections, found):
    rows = [f'"Wei, Chen",4{n},2024000{n},cwei{n},{section}' for n, section in enumerate(sections)]

    assert [person[4] for person in people_of(csv(CANVAS, *rows))] == found


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ('"Lab 1, Lab 2"', ("Lab 1", "Lab 2")),
        ("Research and Development", ("Research and Development",)),
        ("No groups", ()),
        ("无", ()),
        ("-", ()),
        ("Lab 1;Lab 2", ("Lab 1", "Lab 2")),
        ("智能1班、信息2班", ("智能1班", "信息2班")),
    ],
)
def test_sections_elsewhere(cell, found):
    assert people_of(csv("Student ID,Name,Groups", f"7,Ann,{cell}"))[0][4] == found


@pytest.mark.parametrize(
    "line",
    [
        "合计：30人,,",
        "合计,30,",
        "共 30 人,,",
        "Total,30,",
        "平均,,88.5",
        "任课教师：王某,教研室主任：李某,日期：2027-01-10",
        "说明：,缺考请注明,",
        "制表人,王某,2027-01-10",
        "Printed on 2027-01-10,by the registrar,",
        "End of file,,",
        "2027-01-10 10:00,导出,admin",
    ],
)
def test_a_footer_is_no_student(line):
    roster = read_roster(csv("Student ID,Name,Section", "7,Ann,A", line))

    assert ([p.name for p in roster.people], roster.problems) == (["Ann"], [])
    assert len(roster.notes) == 1


@pytest.mark.parametrize(
    ("roles", "taken"),
    [
        ("Student", True),
        ("Student, Peer tutor", True),
        ("Peer tutor; Student", True),
        ("StudentEnrollment", True),
        ("学生", True),
        ("", True),
        ("Teacher", False),
        ("Non-editing teacher, Manager", False),
        ("TA", False),
        ("ObserverEnrollment", False),
    ],
)
def test_roles(roles, taken):
    roster = read_roster(csv("Student ID,Name,Roles", "1,First,Student", f'7,Ann,"{roles}"'))

    assert [p.name for p in roster.people] == ["First", *(["Ann"] if taken else [])]


@pytest.mark.parametrize(
    "status", ["Not current", "Suspended", "Inactive", "deleted", "completed", "已退课", "withdrawn"]
)
def test_who_is_not_current_is_left_out_and_said(status):
    roster = read_roster(csv("Student ID,Name,Status", "1,First,Active", f"7,Ann,{status}"))

    assert [p.name for p in roster.people] == ["First"]
    assert roster.notes == [f"Row 3: Ann is {status.lower()} and was left out."]


def test_numbers_of_a_workbook_lose_zeros_and_get_them_back():
    raw = workbook([["Student ID", "Name"], [240003, "Ann"], [20240001, "Bob"]])

    assert AS_NUMBERS in read_roster(raw).notes
    assert [p[1] for p in people_of(raw, digits=8)] == ["00240003", "20240001"]
    assert AS_NUMBERS not in read_roster(raw, digits=8).notes
    assert AS_NUMBERS not in read_roster(workbook([["Student ID", "Name", "Row"], ["00240003", "Ann", 1]])).notes


def test_the_sheet_that_names_people_is_read():
    raw = workbook([["About"], ["Exported in autumn"]], [["Student ID", "Name"], ["7", "Ann"]])

    assert people_of(raw) == [("Ann", "7", "", "", ())]
    assert read_roster(raw).notes == ["The workbook has several sheets; the one that names people was read."]


def test_a_formula_in_a_name_or_elsewhere_harms_nothing():
    raw = workbook([["Student ID", "Name", "Sum"], ["7", "=SUM(A1)", "=1+1"], ["8", "Bob", "=A1"]])

    assert [p[0] for p in people_of(raw)] == ["=SUM(A1)", "Bob"]


def test_who_stands_in_two_sections_stands_in_two_rows():
    raw = csv("Student ID,Name,Section", "7,Ann,A", "8,Bob,A", "7,Ann,Lab 1")

    assert people_of(raw) == [("Ann", "7", "", "", ("A", "Lab 1")), ("Bob", "8", "", "", ("A",))]


@pytest.mark.parametrize(
    "text",
    [
        "学号,姓名,备注\n1,朱镕,Café naïve\n",
        "学号,姓名\n1,𠮷野\n",
        "学号,姓名\n20240001,张䶮\n",
        "学号,姓名,Remark\n7,陈喆,Ünïcödé\n",
        "学号,姓名\n7,李堃淼\n",
    ],
)
def test_rare_characters_of_gb18030(text):
    (person,) = people_of(text.encode("gb18030"))

    assert person[0] == text.split("\n")[1].split(",")[1]


def test_a_byte_that_cannot_be_read_harms_only_its_cell():
    raw = "学号,姓名,备注\n1,张伟,X\n2,李雷,\n".encode("gb18030").replace(b"X", b"Caf\xff")

    assert [p[0] for p in people_of(raw)] == ["张伟", "李雷"]
    spoilt = "学号,姓名\n1,张伟\n2,李雷\n3,韩梅X\n".encode("gb18030").replace(b"X", b"\xff")
    assert (
        "Row 4: 韩梅� has a character that could not be read. Save the file as UTF-8." in read_roster(spoilt).problems
    )
