"""Roster files as staff really have them; everyone in them is invented. Formats: docs/rosters.md."""

import io
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from courses.roster.people import read_roster


def workbook(rows, *more_sheets):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for title in more_sheets:
        book.create_sheet(title)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def as_lines(*lines, end="\n"):
    return end.join(lines) + end


CANVAS = as_lines(
    "Student,ID,SIS User ID,SIS Login ID,Section,Homework 1 (77),Final Score,Final Grade",
    ",,,,,Manual Posting,,",
    "    Points Possible,,,,,10,(read only),(read only)",
    '"Wei, Chen",41,20240001,cwei,Class A and Class B,9.5,95,A',
    '"O\'Hara, Áine",42,="20240002",aohara,Class B,EX,N/A,',
    '"Student, Test",43,,,Class A,,,',
)
CANVAS_EU = as_lines(
    "LastName;FirstName;ID;SIS Login ID;Section;Homework 1 (77)",
    ";;;;;Manual Posting",
    "Müller;Jörg;51;jmueller;Übung 1;9,5",
)
MOODLE = as_lines(
    "First name,Last name,ID number,Email address,Status,Groups",
    'Noémi,Varga,N-17,noemi@gradus.example,Active,"Lab 1, Lab 2"',
    "Old,Timer,N-18,old@gradus.example,Suspended,Lab 1",
    end="\r\n",
)
MOODLE_ES = as_lines(
    'Identificador;Nombre completo;"Dirección de correo";Calificación',
    "Participante 12;Inés Pérez;ines@gradus.example;8,5",
)
BLACKBOARD = as_lines(
    '"Last Name","First Name","Username","Student ID","Quiz: one, two [Total Pts: 100 Score] |660463"',
    '"Castellan","Rui","rcast","S100","Needs Grading(82.00)"',
)
BLACKBOARD_TABS = as_lines(
    '"Last Name"\t"First Name"\t"Username"\t"Student ID"', '"Mo"\t"Zhiheng"\t"zmo"\t"S101"', end="\r\n"
)
BLACKBOARD_ZH = as_lines('"姓名"\t"用户名"\t"学号"', '"彭舒岚"\t"pengsl"\t"2024110"')
GRADESCOPE = as_lines(
    "First Name,Last Name,SID,Email,Role,Sections",
    'Ada,Okonkwo,77001,ada@gradus.example,Student,"001"',
    "Tess,Teacher,,tess@gradus.example,Instructor,",
)
JIAOWU = as_lines(
    "2026 年秋季学期成绩登记表,,,",
    "课程：深度学习,,班级：智能 1 班,",
    "序号,学　号,姓　名,班级",
    "1,２０２４０１０１,林艳秋,智能 1 班",
    "2,20240102,胡佳玲,智能 1 班",
    "任课教师签名：,,,",
)
OF_JIAOWU = [("林艳秋", "20240101", "", "", ("智能 1 班",)), ("胡佳玲", "20240102", "", "", ("智能 1 班",))]
PASTED = "学号\t姓名\t班级\n20240201\t王小明\t信息 1 班\n"
HTML = (
    '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"></head><body><table>'
    '<tr><td>学号</td><td>姓名</td></tr><tr><td style="vnd.ms-excel.numberformat:@">0240301</td><td>李 雷</td></tr>'
    "</table></body></html>"
)
XUEXITONG = workbook(
    [
        ["深度学习 统计一键导出"],
        ["课程：深度学习  班级：1 班  任课教师：某某  导出时间：2026-11-01"],
        ["序号", "学生姓名", "学号/工号", "院系", "专业", "班级", "作业(15%)", "综合成绩"],
        [1, "韩梅梅", 20240401, "信息", "智能", "1 班", 90, 88.5],
        [2, "赵六", "20240402", "信息", "智能", "1 班", 80, 78],
    ],
    "作业统计",
)
NUMBERS = workbook([["Student ID", "Name", "Email"], [20240501.0, "Ned Numeric", "ned@gradus.example"]])


def seen(roster):
    return [(p.name, p.number, p.login, p.mail, p.sections) for p in roster.people]


@pytest.mark.parametrize(
    ("raw", "people"),
    [
        (CANVAS.encode(), [("Chen Wei", "20240001", "cwei", "", ("Class A", "Class B")),
                           ("Áine O'Hara", "20240002", "aohara", "", ("Class B",))]),
        (CANVAS.encode("utf-8-sig"), [("Chen Wei", "20240001", "cwei", "", ("Class A", "Class B")),
                                      ("Áine O'Hara", "20240002", "aohara", "", ("Class B",))]),
        (CANVAS_EU.encode(), [("Jörg Müller", "", "jmueller", "", ("Übung 1",))]),
        (CANVAS_EU.encode("latin-1"), [("Jörg Müller", "", "jmueller", "", ("Übung 1",))]),
        (MOODLE.encode(), [("Noémi Varga", "N-17", "", "noemi@gradus.example", ("Lab 1", "Lab 2"))]),
        (MOODLE_ES.encode(), [("Inés Pérez", "", "", "ines@gradus.example", ())]),
        (BLACKBOARD.encode("utf-8-sig"), [("Rui Castellan", "S100", "rcast", "", ())]),
        (BLACKBOARD_TABS.encode("utf-16"), [("Zhiheng Mo", "S101", "zmo", "", ())]),
        (BLACKBOARD_TABS.encode("utf-16-le"), [("Zhiheng Mo", "S101", "zmo", "", ())]),
        (BLACKBOARD_ZH.encode("utf-16"), [("彭舒岚", "2024110", "pengsl", "", ())]),
        (GRADESCOPE.encode(), [("Ada Okonkwo", "77001", "", "ada@gradus.example", ("001",))]),
        (JIAOWU.encode("gb18030"), OF_JIAOWU),
        (JIAOWU.encode(), OF_JIAOWU),
        (PASTED.encode(), [("王小明", "20240201", "", "", ("信息 1 班",))]),
        (PASTED.replace("\n", "\r").encode(), [("王小明", "20240201", "", "", ("信息 1 班",))]),
        (HTML.encode("gb18030"), [("李雷", "0240301", "", "", ())]),
        (XUEXITONG, [("韩梅梅", "20240401", "", "", ("1 班",)), ("赵六", "20240402", "", "", ("1 班",))]),
        (NUMBERS, [("Ned Numeric", "20240501", "", "ned@gradus.example", ())]),
        (b"sep=;\nID;Name\n7;Ada\n", [("Ada", "7", "", "", ())]),
    ],
    ids=["canvas", "canvas BOM", "canvas EU", "canvas latin-1", "moodle", "moodle es", "blackboard", "blackboard utf-16",
         "blackboard without BOM", "blackboard zh", "gradescope", "jiaowu gbk", "jiaowu utf-8", "pasted", "CR", "html xls",
         "xuexitong", "numbers", "sep"],
)  # fmt: skip
def test_a_roster_of_every_format_is_read(raw, people):
    roster = read_roster(raw)

    assert roster.problems == []
    assert seen(roster) == people


@pytest.mark.parametrize(
    ("raw", "note"),
    [
        (GRADESCOPE.encode(), "Row 3: Tess Teacher is “Instructor”, not a student, and was left out."),
        (MOODLE.encode(), "Row 3: Old Timer is suspended and was left out."),
        (JIAOWU.encode(), "Row 6: 任课教师签名：: no student was found in it."),
        (f"{PASTED}任课教师签名\t\t\n".encode(), "Row 3: 任课教师签名: no student was found in it."),
        (CANVAS_EU.encode("latin-1"), "The file is not UTF-8; it was read as Western European. Look at the names."),
    ],
)
def test_what_is_left_out_or_guessed_is_said(raw, note):
    assert note.replace("：:", ":") in [said.replace("：:", ":") for said in read_roster(raw).notes]


HEADER = "Student ID,Name,Email\n"


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "The file is empty."),
        (b" \n\n", "The file is empty."),
        (b"%PDF-1.7", "This is no table. Export the roster as CSV or XLSX."),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "This is an old Excel file (.xls). Open it and save it as .xlsx or CSV."),
        (XUEXITONG[:-900], "The file is cut off or damaged. Download it again."),
        (b"PK\x03\x04" + bytes(50), "The file is cut off or damaged. Download it again."),
        ((HEADER + '1,"Ada').encode(), "The file ends in the middle of a quoted field: it is cut off. Download it again."),
        (BLACKBOARD_TABS.encode("utf-16")[:-1], "The file is cut off or damaged. Download it again."),
        (HEADER.encode(), "There is no student in the file."),
        (b"<html><body>Sign in</body></html>", "This is a web page without a table. Export the roster as CSV or XLSX."),
        (b"a,b\0c\n", "This is no text. Export the table as CSV or XLSX."),
        ((HEADER + "1,名字字字,\n").encode().replace(b"\xe5\xad", b"\xad", 1),
         "The text is damaged or in an unknown encoding. Save the file as UTF-8 and choose it again."),
        ((HEADER + "1,Ada,\n2,Bea,\n1,Cem,\n").encode(), "Rows 2, 4 have the same student number, 1."),
        ((HEADER + "1,Ada,a@x.example\n2,Bea,A@x.example\n").encode(), "Rows 2, 3 have the same mail address, a@x.example."),
        ((HEADER + "2.0240003E+07,Ada,\n").encode(),
         "Row 2: 2.0240003E+07 is no student number: a spreadsheet has rounded it. Export it as text."),
        ((HEADER + "=A1,Ada,\n").encode(), "Row 2: “=A1” is a formula: paste its value instead."),
        ((HEADER + "1,Ada,ada at home\n").encode(), "Row 2: “ada at home” is no mail address (Ada)."),
        ((HEADER + "1,,a@x.example\n").encode(), "Row 2: 1 a@x.example: no student was found in it."),
        (workbook([["Student ID", "Name"], ["=1+1", "Ada"]]), "Row 2: “=1+1” is a formula: paste its value instead."),
        (b"\n".join([b"Student ID,Name", *(b"%d,P" % n for n in range(20_001))]),
         "The file has 20002 rows; a roster has at most 20000."),
        (b"Ada,Bea\nCem,Dee\n",
         ("No row names the columns. A roster needs a column for the name (Name, Student, 姓名) and one of student number "
         "(Student ID, SIS User ID, 学号), login (Username) or mail (Email, 邮箱).")),
    ],
)  # fmt: skip
def test_every_problem_is_said_with_its_row(raw, problem):
    problems = read_roster(raw).problems

    assert problem in problems


def test_ten_thousand_rows_are_read():
    raw = "学号,姓名,班级\n" + "".join(f"{20240000 + n},学生{n},班{n % 9}\n" for n in range(10_000))

    roster = read_roster(raw.encode("gb18030"))

    assert (len(roster.people), roster.problems) == (10_000, [])
    assert roster.people[-1].number == "20249999"


@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_there_is_an_answer(raw):
    roster = read_roster(raw)

    assert roster.people or roster.problems


names = st.text(st.characters(categories=["Lu", "Ll", "Lo"]), min_size=1, max_size=12)


@given(
    st.lists(names, min_size=1, max_size=9),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_names_of_every_script_survive_every_separator_and_encoding(people, mark, encoding):
    lines = [mark.join(("Student ID", "Name")), *(mark.join((f"S{n}", name)) for n, name in enumerate(people))]

    roster = read_roster("\n".join(lines).encode(encoding))

    assert [p.number for p in roster.people] == [f"S{n}" for n in range(len(people))]
    assert roster.problems == []


def test_the_program_answers_in_json(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_bytes(PASTED.encode())

    done = subprocess.run(
        [sys.executable, "-m", "courses.roster", str(path)], capture_output=True, text=True, check=True, env={}
    )

    assert json.loads(done.stdout)["people"][0]["name"] == "王小明"
