"""Tables of marks that were read wrongly once: what each must give. Names are invented."""

import io

import pytest
from openpyxl import Workbook

from courses.models import User
from courses.roster.tables import read_table
from courses.roster_imports import rows_of
from grading.entered.pasted import marks_in
from tests import factories as make

pytestmark = pytest.mark.django_db
PEOPLE = (("20240001", "张伟"), ("20240002", "李四"), ("00240003", "Ann Able"))


@pytest.fixture
def students(world):
    """Three, by number and name."""
    made = []
    for number, name in PEOPLE:
        student = make.enrol(world.course)
        User.objects.filter(pk=student.user_id).update(student_number=number, name=name)
        made.append(type(student).objects.select_related("user").get(pk=student.pk))
    return made


def read(students, text, name="Exam", out_of=None):
    """Student number → mark, the notes, the columns to choose from."""
    raw = text if isinstance(text, bytes) else text.encode()
    found = marks_in(read_table(raw).rows, students, name=name, out_of=out_of)
    numbers = {student.pk: student.user.student_number for student in students}
    return {numbers[pk]: mark for pk, mark in found.marks.items()}, " ".join(found.notes), found.choices


def workbook(*rows, styles=()):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for place, style in styles:
        book.active[place].number_format = style
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("序号,学号,姓名,成绩\n1,20240001,张伟,优\n2,20240002,李四,良", "Row 2: “优” is no mark."),
        ("序号,学号,姓名,成绩\n1,20240001,张伟,\n2,20240002,李四,", "Nothing was read"),
        ("学号,姓名,学分,成绩\n20240001,张伟,3,优\n20240002,李四,3,良", "Row 3: “良” is no mark."),
        ("Student ID,Name,Attempts,Grade\n20240001,张伟,1,A\n20240002,李四,2,B", "Row 2: “A” is no mark."),
        ("No.,Student ID,Name,Exam\n1,20240001,张伟,A\n2,20240002,李四,B+", "Row 3: “B+” is no mark."),
        ("No.,Student ID,Name\n1,20240001,张伟\n2,20240002,李四", "No column holds marks in figures"),
        ("序号,学号,姓名,备注,专业\n1,20240001,张伟,x,y", "No column holds marks in figures: 序号, 备注, 专业."),
    ],
)
def test_row_numbers_and_credits_are_never_marks(students, table, said):
    marks, notes, choices = read(students, table)

    assert (marks, choices) == ({}, ())
    assert said in notes


@pytest.mark.parametrize(
    ("table", "marks"),
    [
        ("学号,姓名,成绩\n20249999,张伟,30\n20240001,张伟,95", {"20240001": "95"}),
        ("学号,姓名,成绩\n20249999,张伟,30", {}),
        ("学号,姓名,邮箱,成绩\n20249999,李四,other@gradus.example,12", {}),
        ("姓名,成绩\n张伟,30", {"20240001": "30"}),
        ("学号,姓名,成绩\n,张伟,30\n-,李四,40", {"20240001": "30", "20240002": "40"}),
    ],
)
def test_a_namesake_of_another_class_is_not_meant(students, table, marks):
    assert read(students, table)[0] == marks


def test_a_name_counts_where_we_know_no_number(world):
    student = make.enrol(world.course)
    User.objects.filter(pk=student.user_id).update(name="Bo Best", student_number="")
    student = type(student).objects.select_related("user").get(pk=student.pk)

    found = marks_in([["Student ID", "Name", "Exam"], ["77", "Bo Best", "88"]], [student], name="Exam")

    assert found.marks == {student.pk: "88"}


def test_what_a_spreadsheet_has_reckoned_is_a_figure(students):
    rows = [["20240001", "张伟", 90, 71.30000000000001], ["20240002", "李四", 80, 100 / 3]]

    marks, _, _ = read(students, workbook(["学号", "姓名", "平时成绩", "总评成绩"], *rows), name="总评成绩")
    alone, _, _ = read(students, "学号,姓名,成绩\n20240001,张伟,85.10000000000001")

    assert marks == {"20240001": "71.3", "20240002": "33.3333"}
    assert alone == {"20240001": "85.1"}


@pytest.mark.parametrize("heading", ["Exam", "Exam (Percentage)"])
def test_a_share_that_is_shown_in_percent(students, heading):
    made = workbook(["学号", "姓名", heading], ["20240001", "张伟", 0.85], styles=[("C2", "0%")])

    assert read(students, made)[0] == {"20240001": "85"}


@pytest.mark.parametrize(
    ("heading", "value", "mark"),
    [
        ("Exam [Room 101]", "85", "85"),
        ("Exam [Week 10]", "8", "8"),
        ("Exam [v2]", "1.5", "1.5"),
        ("Exam [Total Pts: 20 Score] |660463", "15", "75"),
        ("Exam [满分: 50 分]", "40", "80"),
        ("Exam (total 40)", "30", "75"),
        ("Exam (%)", "35", "35"),
    ],
)
def test_only_what_speaks_of_points_is_a_maximum(students, heading, value, mark):
    table = f"学号,姓名,{heading}\n20240001,张伟,{value}"
    marks, _, choices = read(students, table)
    if choices:  # not called like what is marked: asked for, without a maximum
        assert [column.maximum for column in choices] == [None]
        marks, _, _ = read(students, table, name=heading)

    assert marks == {"20240001": mark}


def test_a_row_that_is_wider_than_the_heading_is_refused(students):
    marks, notes, _ = read(students, "Student ID,Name,Quiz,Exam\n00240003,Able, Ann,90,85\n20240001,张伟,70,60")

    assert marks == {"20240001": "60"}
    assert "Row 2: it has more cells than the heading" in notes


def test_cells_that_span_others_stand_in_each(students):
    page = (
        "<table><tr><td>学号<td>姓名<td>组<td>平时<td>期末<td>总评</tr>"
        "<tr><td>20240001</td><td>张伟</td><td rowspan=2>1组</td><td>70<td>90<td>84</tr>"
        "<tr><td>20240002</td><td>李四</td><td>60<td>80<td>74</tr></table>"
    )

    assert read(students, page, name="期末")[0] == {"20240001": "90", "20240002": "80"}


@pytest.mark.parametrize("said", ["rowspan=99999999999", "rowspan=x colspan=-3", "colspan=9999"])
def test_spans_have_an_end(said):
    rows = read_table(f"<table><tr><td {said}>a<td>b</tr><tr><td>c</tr></table>".encode()).rows

    assert sum(map(len, rows)) < 200


def test_a_cover_sheet_is_passed_over(tmp_path):
    book = Workbook()
    book.active.append(["Deep Learning, marks"])
    sheet = book.create_sheet()
    for row in (["学号", "姓名", "Exam"], ["20240001", "张伟", 77]):
        sheet.append(row)
    book.save(tmp_path / "marks.xlsx")

    rows = rows_of((tmp_path / "marks.xlsx").read_bytes())

    assert rows[1] == ["20240001", "张伟", "77"]


def test_nothing_read_is_said(students):
    assert "Nothing was read" in read(students, "hello")[1]


def test_maxima_that_differ_are_not_guessed(students):
    table = "SID,Name,Total Score,Max Points\n20240001,张伟,35,40\n20240002,李四,20,50"

    marks, notes, _ = read(students, table)

    assert marks == {}
    assert "maximum is not the same in each row" in notes
