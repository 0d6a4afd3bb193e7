"""Tables of marks as other systems write them: the right column, its maximum, or the question which is meant."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from assignments.models import Assignment
from courses.models import Enrolment, User
from courses.roster.tables import read_table
from grading.entered.columns import chosen_of, layout_of
from grading.entered.pasted import as_text, marks_in
from tests import entered
from tests import factories as make
from tests.pages import as_person, text_of, words_of

D = Decimal
REGISTRAR = (Path(__file__).parent / "marks" / "registrar_title_row.csv").read_bytes()


def people(*facts: tuple[str, str, str, str]) -> list[Enrolment]:
    """(number, name, mail, login) → students that are not stored."""
    return [
        Enrolment(pk=pk, user=User(pk=pk, student_number=number, name=name, email=mail, username=login))
        for pk, (number, name, mail, login) in enumerate(facts, start=1)
    ]


SIX = people(*((f"{n:07}", f"学生{n}", "", f"s{n}") for n in range(6)))
TWO = people(("20240001", "Chen Wei", "wei@x.example", "cwei"), ("20240002", "Áine O'Hara", "aine@x.example", "aohara"))


def rows_of(text: str | bytes) -> list[list[str]]:
    return read_table(text if isinstance(text, bytes) else text.encode()).rows


def read(text: str | bytes, students: list[Enrolment], name: str = "Exam", **options):
    return marks_in(rows_of(text), students, name=name, **options)


def test_the_registrars_sheet_asks_which_column_is_meant():
    found = read(REGISTRAR, SIX)

    assert [(column.heading, column.first) for column in found.choices] == [
        ("平时成绩", ("90", "89", "88")),
        ("期末成绩", ("95", "94", "93")),
    ]
    assert found.marks == {}


def test_the_registrars_sheet_gives_the_column_that_is_chosen_and_never_the_row_numbers():
    found = read(REGISTRAR, SIX, column=4)

    assert found.marks == {pk: str(96 - pk) for pk in range(1, 7)}
    assert (found.mean, found.lowest, found.highest, found.missing) == (D("92.5"), 90, 95, [])


def test_a_column_that_is_called_like_what_is_marked_is_meant():
    assert read(REGISTRAR, SIX, name="期末成绩").marks[1] == "95"


MOODLE = (
    "First name,Last name,ID number,Email address,Quiz: Week 1 (Real),Quiz: Week 1 (Letter),Course total (Real),"
    "Last downloaded from this course\n"
    "Chen,Wei,20240001,wei@x.example,7.50,B,81.00,1794990000\n"
    "Áine,O'Hara,20240002,aine@x.example,-,-,40.00,1794990000\n"
)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (4314282),Homework 1 (4314290),Final Score\n"
    ",,,,,Manual Posting,,\n    Points Possible,,,,,20,10,(read only)\n"
    '"Wei, Chen",41,20240001,cwei,A,15,9.5,95\n"O\'Hara, Áine",42,20240002,aohara,A,EX,8,80\n"Student, Test",43,,,A,,,\n'
)
BLACKBOARD = (
    '"Last Name","First Name","Username","Student ID",'
    '"Quiz 1 [Total Pts: 20 Score] |660463","Total [Total Pts: up to 110 Score] |660464"\n'
    '"Wei","Chen","cwei","20240001","15","90"\n"O\'Hara","Áine","aohara","20240002","Needs Grading(12.00)","80"\n'
)
GRADESCOPE = (
    "First Name,Last Name,SID,Email,Sections,Total Score,Max Points,Status,Submission ID,Submission Time,"
    "Lateness (H:M:S),View Count\n"
    "Chen,Wei,20240001,wei@x.example,A,15.0,20.0,Graded,987,2026-11-02 10:00:00 +0800,00:00:00,3\n"
    "Áine,O'Hara,20240002,aine@x.example,A,,,Missing,,,,\n"
)
WORKSHEET = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (grade),Feedback comments\n"
    "Participant 123456,Chen Wei,wei@x.example,Submitted,15.00,20.00,Yes,-,\n"
    "Participant 123457,Áine O'Hara,aine@x.example,No submission,-,20.00,Yes,-,\n"
)
XUEXITONG = (
    "序号,学生姓名,学号/工号,班级,作业(15%),考试(15%),综合成绩\n"
    "1,Chen Wei,20240001,A,90,75,88\n2,x,20240002,A,80,缺考,70\n"
)


@pytest.mark.parametrize(
    ("text", "name", "heading", "out_of", "marks"),
    [
        (MOODLE, "Week 1", "Quiz: Week 1 (Real)", 10, {1: "75"}),
        (CANVAS, "Quiz 1", "Quiz 1 (4314282)", None, {1: "75", 2: "exempt"}),
        (BLACKBOARD, "Quiz 1", "Quiz 1 [Total Pts: 20 Score] |660463", None, {1: "75"}),
        (GRADESCOPE, "Quiz 1", "Total Score", None, {1: "75"}),
        (WORKSHEET, "Quiz 1", "Grade", None, {1: "75"}),
        (XUEXITONG, "考试", "考试(15%)", None, {1: "75", 2: "absent"}),
        ("Student ID,Quiz 1 (/20)\n20240001,15\n", "Quiz 1", "Quiz 1 (/20)", None, {1: "75"}),
        ("Student ID,Quiz 1 (20 pts)\n20240001,15\n", "quiz1", "Quiz 1 (20 pts)", None, {1: "75"}),
        ("学号,测验（满分20）\n20240001,15\n", "测验", "测验(满分20)", None, {1: "75"}),
        ("Email address,Exam (Percentage)\nwei@x.example,75.00 %\n", "Exam", "Exam (Percentage)", None, {1: "75"}),
        ("Student ID;Exam\n20240001;7,5\n", "Exam", "Exam", 10, {1: "75"}),
        ("'Student ID,Score\n'20240001,75\n", "Exam", "Score", None, {1: "75"}),
        ("Student ID,Score\n20240001.0,75\n2024 0002,60\n", "Exam", "Score", None, {1: "75", 2: "60"}),
    ],
)
def test_the_column_that_is_meant_is_read_with_its_maximum(text, name, heading, out_of, marks):
    found = read(text, TWO, name=name, out_of=D(out_of) if out_of else None)

    assert found.marks == marks
    assert (found.column.heading if found.column else None) == heading


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (MOODLE, ["Quiz: Week 1 (Real)", "Course total (Real)"]),
        (CANVAS, ["Quiz 1 (4314282)", "Homework 1 (4314290)", "Final Score"]),
        (BLACKBOARD, ["Quiz 1 [Total Pts: 20 Score] |660463", "Total [Total Pts: up to 110 Score] |660464"]),
        (XUEXITONG, ["作业(15%)", "考试(15%)", "综合成绩"]),
        ("Student ID,Benchmark,Mark\n20240001,5,70\n", ["Benchmark", "Mark"]),
        ("Student ID,Class of\n20240001,24\n", ["Class of"]),
        ("Student ID,Exam (Real),Exam (Percentage)\n20240001,5,50 %\n", ["Exam (Real)", "Exam (Percentage)"]),
        ("Student ID,Midterm 2\n20240001,70\n", ["Midterm 2"]),
    ],
)
def test_where_another_column_could_be_meant_it_is_asked(text, asked):
    found = read(text, TWO, name="Exam")

    assert [column.heading for column in found.choices] == asked
    assert (found.marks, found.column) == ({}, None)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Student ID,Exam\n20240001,101\n", "Row 2: 101 is more than 100."),
        ("Student ID,Exam (/20)\n20240001,21\n", "Row 2: 21 is more than 20."),
        ("Student ID,Exam (/20)\n20240001,120 %\n", "Row 2: 120 % is more than 100."),
        ("Student ID,Exam\n20240009,50\n", "Row 2: nobody of this course is named (20240009 50)."),
        (BLACKBOARD.replace("Quiz 1", "Exam"), "Row 3: “Needs Grading(12.00)” is no mark."),
        ("Student ID,Name,Exam\n20240001,Áine O'Hara,50\n", "Row 2: two people of this course are named."),
    ],
)
def test_what_cannot_be_is_refused_with_its_row(text, note):
    assert note in read(text, TWO).notes


def test_the_file_knows_its_maximum_better_than_the_field():
    found = read(CANVAS, TWO, name="Quiz 1", out_of=D(100))

    assert found.marks[1] == "75"
    assert found.notes == ["The file says that this is out of 20; it was read so."]


def test_a_figure_that_is_somebodys_number_is_a_mark_in_its_column():
    students = people(("75", "An Li", "", "al"), ("76", "Bo Li", "", "bl"))

    assert read("Student ID,Exam\n75,76\n76,75\n", students).marks == {1: "76", 2: "75"}


def test_lost_zeros_still_tell_who_is_meant():
    students = people(("00240003", "An Li", "", "al"), ("00240004", "Bo Li", "", "bl"))

    assert read("Student ID,Exam\n240003,76\n240004.0,75\n", students).marks == {1: "76", 2: "75"}


def test_who_has_no_mark_in_the_table_is_named():
    assert [student.pk for student in read("Student ID,Exam\n20240001,50\n", TWO).missing] == [2]


@pytest.mark.parametrize("text", [MOODLE, CANVAS, BLACKBOARD, GRADESCOPE, WORKSHEET, XUEXITONG])
def test_a_table_that_is_asked_about_can_be_pasted_again(text):
    rows = rows_of(text)
    again = rows_of(as_text(rows))

    assert again == rows
    layout = layout_of(again, lambda row: "20240001" in row or "wei@x.example" in row)
    assert chosen_of(layout.marks, "nothing") is None or len(layout.marks) == 1


@pytest.mark.django_db
class TestPage:
    @pytest.fixture
    def exam(self, world):
        make.make_scheme(world.course, world.assignment)
        User.objects.filter(pk=world.student.user_id).update(student_number="0000000")
        User.objects.filter(pk=world.classmate.user_id).update(student_number="0000003")
        return Assignment.objects.entered().get(course=world.course)

    def test_from_the_question_to_the_saved_marks(self, client, world, exam):
        make.enrol(world.course, login="third", section=world.section)
        page = f"/courses/dl/marks/{exam.slug}/"
        file = SimpleUploadedFile("registrar.csv", REGISTRAR)
        asked = as_person(client, world.lecturer).post(page, {"load": "1", "file": file})
        assert "Which column is “Exam”?" in words_of(asked)
        assert "期末成绩 95, 92 …" in words_of(asked)
        assert "not saved yet" not in words_of(asked)

        again = {"load": "1", "pasted": asked.context["table"]["pasted"].value(), "column": "4"}
        shown = client.post(page, again)
        said = words_of(shown)
        assert "2 marks read and not saved yet" in said
        assert "From the column “期末成绩”, out of 100. Mean 93.5 %, from 92 to 95 %." in said
        assert "Without a mark in it: Third" in said
        assert f'name="percent-{world.student.pk}" value="95"' in text_of(shown)
        assert entered.marks_of(exam) == []

    def test_a_table_that_cannot_be_read_leaves_what_was_typed(self, client, world, exam):
        typed = {f"percent-{world.student.pk}": "55", f"note-{world.student.pk}": "", f"seen-{world.student.pk}": "0"}

        page = as_person(client, world.lecturer).post(
            f"/courses/dl/marks/{exam.slug}/", {"load": "1", "pasted": "a,b\n1", "out_of": "-1", **typed}
        )

        assert f'name="percent-{world.student.pk}" value="55"' in text_of(page)


def test_the_text_of_a_table_has_a_cell_for_each():
    assert list(csv.reader(io.StringIO(as_text([["a\tb", 'c"d'], ["", "e\nf"]])), delimiter="\t")) == [
        ["a\tb", 'c"d'],
        ["", "e\nf"],
    ]
