"""Marks from a table are looked at before they are saved; the gradebook goes out as tables that no spreadsheet runs."""

import io
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from assignments.models import Assignment
from courses.models import Enrolment, User
from grading.entered.columns import figure
from grading.entered.pasted import marks_in, points_of
from tests import entered
from tests import factories as make
from tests.pages import as_person, text_of, words_of

D = Decimal
HUNDRED = D(100)


def people(*facts) -> list[Enrolment]:
    """(number, name, mail, login) → students that are not stored."""
    return [
        Enrolment(pk=pk, user=User(pk=pk, student_number=number, name=name, email=mail, username=login))
        for pk, (number, name, mail, login) in enumerate(facts, start=1)
    ]


THREE = people(
    ("D1", "An Ruoxi", "an@gradus.example", "an"),
    ("D2", "白明澈", "bai@gradus.example", "bai"),
    ("003", "Cai Yutong", "", "cai"),
)


@pytest.mark.parametrize(
    ("text", "value"), [("78", "78"), ("78.5", "78.5"), ("78,5", "78.5"), ("78 %", "78"), ("0", "0"), (" 9 ", "9")]
)
def test_a_figure_is_read_as_people_write_it(text, value):
    assert figure(text) == D(value)


@pytest.mark.parametrize("text", ["", "A", "1.2.3", "-5", "1e5", "٣", "nan", "9" * 13, "12 points"])
def test_other_text_is_no_figure(text):
    assert figure(text) is None


@pytest.mark.parametrize(
    ("rows", "marks"),
    [
        ([["D1", "78"]], {1: "78"}),
        ([["Student ID", "Name", "Score"], ["D1", "An Ruoxi", "78,5"], ["D2", "白明澈", "80"]], {1: "78.5", 2: "80"}),
        ([["学号", "姓名", "成绩"], ["D2", "白明澈", "80"]], {2: "80"}),
        ([["an@gradus.example", "66"]], {1: "66"}),
        ([["AN", "66"]], {1: "66"}),
        ([["Cai Yutong", "50"]], {3: "50"}),
        ([["003", "50"]], {3: "50"}),
        ([["Name", "Quiz", "exam ", "Total"], ["An Ruoxi", "10", "70", "80"]], {1: "70"}),
        ([["Exam of 2025"], [], ["An Ruoxi", "70"]], {1: "70"}),
        ([["Name", "Mark", "Row"], ["An Ruoxi", "70", "1"]], {1: "70"}),
    ],
)
def test_the_mark_of_each_is_found(rows, marks):
    assert marks_in(rows, THREE, name="Exam", out_of=HUNDRED).marks == marks


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ([["D9", "70"]], "Row 1: nobody of this course is named (D9 70)."),
        ([["D1", "D2", "70"]], "Row 1: two people of this course are named."),
        ([["D1", "70"], ["an", "80"]], "Row 2: this person stands in the table twice; the first mark is taken."),
        ([["D1", ""]], "Row 1: no mark."),
        ([["D1", "78", "5"]], "Row 1: which figure is the mark: 78, 5? Give the columns a heading."),
        ([["Name", "Score"], ["D1", "present"]], "Row 2: “present” is no mark."),
        ([["D1", "101"]], "Row 1: 101 is more than 100."),
    ],
)
def test_what_cannot_be_read_is_said_with_its_row(rows, note):
    assert marks_in(rows, THREE, name="Exam", out_of=HUNDRED).notes == [note]


def test_a_student_whose_name_has_a_word_for_marks_is_no_heading():
    students = people(("1", "Score Mark", "", "sm"), ("2", "An Li", "", "al"))

    found = marks_in([["Score Mark", "0"], ["An Li", "70"]], students, name="Exam", out_of=HUNDRED)

    assert found.marks == {1: "0", 2: "70"}


def test_a_name_that_two_share_names_nobody():
    twins = people(("1", "Li Wei", "", "a"), ("2", "Li Wei", "", "b"))

    found = marks_in([["Li Wei", "70"], ["2", "Li Wei", "80"]], twins, name="Exam", out_of=HUNDRED)

    assert found.marks == {2: "80"}


def test_many_problems_are_counted():
    found = marks_in([[f"X{n}", "1"] for n in range(50)], THREE, name="Exam", out_of=HUNDRED)

    assert (len(found.notes), found.notes[-1]) == (21, "and 30 more rows.")


@pytest.mark.parametrize(
    ("text", "out_of", "percent"), [("7", "10", "70"), ("1", "3", "33.3333"), ("12,5", "25", "50")]
)
def test_marks_out_of_other_figures_become_percentages(text, out_of, percent):
    assert points_of(text, D(out_of)) == percent


@given(st.lists(st.lists(st.text(max_size=12), max_size=5), max_size=8))
def test_any_table_is_read_without_breaking(rows):
    found = marks_in(rows, THREE, name="Exam", out_of=HUNDRED)

    assert all(0 <= D(percent) <= 100 for percent in found.marks.values())


@pytest.fixture
def exam(world):
    make.make_scheme(world.course, world.assignment)
    return Assignment.objects.entered().get(course=world.course)


@pytest.mark.django_db
class TestPage:
    def load(self, client, world, exam, **form):
        form = {"load": "1", "out_of": "100", **form}
        return as_person(client, world.lecturer).post(f"/courses/dl/marks/{exam.slug}/", form)

    def test_pasted_marks_stand_in_the_fields_and_are_not_saved(self, client, world, exam):
        page = self.load(client, world, exam, pasted="student,78\nclassmate,80\n")

        assert "2 marks read and not saved yet" in words_of(page)
        assert f'name="percent-{world.student.pk}" value="78"' in text_of(page)
        assert entered.marks_of(exam) == []

    def test_what_was_typed_above_and_not_saved_stays(self, client, world, exam):
        typed = {
            f"percent-{world.classmate.pk}": "55",
            f"note-{world.classmate.pk}": "late",
            f"seen-{world.classmate.pk}": "0",
        }

        page = self.load(client, world, exam, pasted="student,78", **typed)

        assert f'name="percent-{world.classmate.pk}" value="55"' in text_of(page)

    def test_a_workbook_is_read_too(self, client, world, exam):
        book, raw = openpyxl.Workbook(), io.BytesIO()
        book.active.append(["Login", "Exam"])
        book.active.append(["student", 39])
        book.save(raw)

        page = self.load(client, world, exam, file=SimpleUploadedFile("marks.xlsx", raw.getvalue()), out_of="50")

        assert f'name="percent-{world.student.pk}" value="78"' in text_of(page)

    def test_what_it_was_before_is_shown_beside_it(self, client, world, exam):
        entered.enter(exam, world.lecturer, world.student, 60)

        assert "was 60, not saved yet" in words_of(self.load(client, world, exam, pasted="student,78"))

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({"pasted": ""}, "Choose a file or paste"),
            ({"pasted": "student,78", "out_of": "0"}, "greater than or equal to 0.01"),
            ({"file": SimpleUploadedFile("x.pdf", b"%PDF-1.7")}, "This is no table."),
        ],
    )
    def test_what_is_no_table_is_said(self, client, world, exam, form, said):
        page = self.load(client, world, exam, **form)

        assert said in words_of(page)
        assert page.status_code == 422
