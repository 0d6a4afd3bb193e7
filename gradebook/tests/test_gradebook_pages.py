"""The gradebook as people use it: parts of it, orders, figures, files, and other systems' columns."""

import io
from decimal import Decimal
from fractions import Fraction

import pytest
from openpyxl import load_workbook

from assignments.models import Assignment
from gradebook.models import ExportHeader
from gradebook.standings.selectors import gradebook
from gradebook.table.__main__ import workbook
from gradebook.table.selectors import averages, figures_of
from gradebook.table.workbook import as_workbook
from tests import entered
from tests import factories as make
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
BOOK = "/courses/dl/gradebook/"


@pytest.fixture
def exam(world):
    make.make_scheme(world.course, world.assignment)
    return Assignment.objects.get(title="Exam")


@pytest.fixture
def marked(world, exam):
    """Three students of one section: 90, 50, and one without a mark; one of the other section with 70."""
    people = {"zoe": 70, "amy": 90, "bob": 50, "cyd": None}
    made = {}
    for login, percent in people.items():
        section = world.other_section if login == "zoe" else world.section
        made[login] = make.enrol(world.course, section=section, login=login)
        if percent is not None:
            entered.enter(exam, world.lecturer, made[login], percent)
    return made


def names(client, query=""):
    """The students on the page, in order."""
    page = words_of(client.get(BOOK + query))
    found = {name: page.find(f" {name} ") for name in ("Amy", "Bob", "Cyd", "Zoe")}
    return [name for name, place in sorted(found.items(), key=lambda pair: pair[1]) if place >= 0]


class TestParts:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", ["Amy", "Bob", "Cyd", "Zoe"]),
            ("?falling=on", ["Zoe", "Cyd", "Bob", "Amy"]),
            ("?q=o", ["Bob", "Zoe"]),
            ("?q=amy", ["Amy"]),
            ("?sort=average&falling=on", ["Amy", "Zoe", "Bob", "Cyd"]),
            ("?sort=average", ["Bob", "Zoe", "Amy", "Cyd"]),
            ("?sort=earned&falling=on", ["Amy", "Zoe", "Bob", "Cyd"]),
            ("?sort=nonsense&only=nonsense&section=x&page=0", ["Amy", "Bob", "Cyd", "Zoe"]),
            ("?page=99", ["Amy", "Bob", "Cyd", "Zoe"]),
        ],
    )
    def test_chosen_and_in_order(self, client, world, marked, query, expected):
        as_person(client, world.lecturer)
        assert names(client, query) == expected

    def test_a_section(self, client, world, marked):
        as_person(client, world.lecturer)
        assert names(client, f"?section={world.other_section.pk}") == ["Zoe"]

    def test_by_a_column_those_without_a_mark_last(self, client, world, marked):
        as_person(client, world.lecturer)
        column = gradebook(world.lecturer, []).columns[-1].component.pk
        assert names(client, f"?sort={column}") == ["Bob", "Zoe", "Amy", "Cyd"]
        assert names(client, f"?sort={column}&falling=on") == ["Amy", "Zoe", "Bob", "Cyd"]

    def test_those_with_something_not_graded_and_those_below_a_minimum(self, client, world, marked, exam):
        exam.components.update(minimum=60)
        as_person(client, world.lecturer)
        assert names(client, "?only=below") == ["Bob"]
        assert names(client, "?only=open&q=cyd") == ["Cyd"]

    def test_a_ta_sees_their_section_whatever_they_choose(self, client, world, marked):
        as_person(client, world.ta)
        assert names(client) == ["Amy", "Bob", "Cyd"]
        assert names(client, f"?section={world.other_section.pk}") == []
        assert "Nobody fits" in words_of(client.get(f"{BOOK}?section={world.other_section.pk}"))

    def test_fifty_on_a_page(self, client, world, exam):
        for number in range(60):
            make.enrol(world.course, section=world.section, login=f"s{number:02}")
        as_person(client, world.ta)

        first, second = words_of(client.get(BOOK)), words_of(client.get(BOOK + "?page=2"))

        assert "62 students · page 1 of 2" in first
        assert "S00" in first
        assert "S00" not in second
        assert "S59" in first + second
        assert "page 2 of 2" in words_of(client.get(BOOK + "?sort=average&page=7"))


class TestFigures:
    def test_columns_and_averages(self, client, world, marked):
        book = gradebook(world.lecturer, list(marked.values()))
        exam = figures_of(book)[-1]
        assert (exam.graded, exam.mean, exam.median) == (3, 70, 70)
        assert round(exam.spread, 2) == Decimal("16.33")
        assert {bar.label: bar.said for bar in averages(book).bars}["90–100 %"] == "1"

        page = words_of(as_person(client, world.lecturer).get(BOOK + "summary/"))
        assert "Exam" in page
        assert "70 %" in page

    def test_a_course_without_components_says_so(self, client, world):
        assert "no graded component" in words_of(as_person(client, world.ta).get(BOOK + "summary/"))
        assert "no graded component" in words_of(as_person(client, world.lecturer).get(BOOK + "columns/"))


class TestFiles:
    def columns(self, client, kind):
        return client.get(f"{BOOK}{kind}.csv").content.decode("utf-8-sig").splitlines()

    def test_columns_are_called_as_the_other_system_calls_them(self, client, world, marked, exam):
        as_person(client, world.lecturer)
        form = {f"canvas-{exam.pk}": "  Final exam   (48213) ", f"moodle-{exam.pk}": ""}

        assert "Saved: 1 column named as there." in words_of(client.post(BOOK + "columns/", form, follow=True))

        assert "Final exam (48213)" in self.columns(client, "canvas")[0]
        assert "Final exam" not in self.columns(client, "moodle")[0]
        assert 'value="Final exam (48213)"' in client.get(BOOK + "columns/").content.decode()
        client.post(BOOK + "columns/", {f"canvas-{exam.pk}": "Exam (1)"})
        assert ExportHeader.objects.get().header == "Exam (1)"
        client.post(BOOK + "columns/", {f"canvas-{exam.pk}": ""})
        assert not ExportHeader.objects.exists()

    def test_names_stay_when_the_weights_change(self, client, world, marked, exam):
        as_person(client, world.lecturer).post(BOOK + "columns/", {f"canvas-{exam.pk}": "Exam (1)"})
        make.make_scheme(world.course, world.assignment)

        assert "Exam (1)" in self.columns(client, "canvas")[0]

    @pytest.mark.parametrize(
        ("kind", "code", "written"),
        [
            ("canvas", "exempt", "EX"), ("canvas", "deferred", ""), ("canvas", "absent", "0.00"),
            ("registrar", "exempt", "exempt"), ("registrar", "absent", "absent"), ("moodle", "exempt", ""),
        ],
    )  # fmt: skip
    def test_words_stand_as_the_system_writes_them(self, client, world, marked, exam, kind, code, written):
        entered.enter(exam, world.lecturer, marked["amy"], code)
        rows = self.columns(as_person(client, world.lecturer), kind)
        place = rows[0].split(",").index("Exam")
        amy = next(row for row in rows if "amy" in row.casefold())
        assert amy.split(",")[place] == written

    def test_a_workbook_has_numbers_and_no_formula(self, client, world, marked):
        marked["amy"].user.name = "=HYPERLINK(1)"
        marked["amy"].user.student_number = "00123"
        marked["amy"].user.save()

        answer = as_person(client, world.lecturer).get(BOOK + "registrar.xlsx")

        sheet = load_workbook(io.BytesIO(answer.content)).active
        rows = {row[0].value: row for row in sheet.iter_rows()}
        amy = rows["00123"]
        assert answer["Content-Disposition"].startswith('attachment; filename="dl-registrar.xlsx"')
        assert (amy[1].value, amy[1].data_type) == ("=HYPERLINK(1)", "s")
        assert amy[0].data_type == "s"
        assert 90 in [cell.value for cell in amy if cell.data_type == "n"]
        assert sheet.freeze_panes == "A2"

    @pytest.mark.parametrize("text", ["1e5", "12.345", "1.5", "١٢.00", "-1.00", "+SUM(A1)", "@x", "\x0bx", ""])
    def test_what_is_no_mark_stays_text(self, text):
        sheet = load_workbook(io.BytesIO(workbook([["Head"], [text]]))).active
        value = sheet["A2"].value
        assert value in (text, None, text.replace("\x0b", ""))
        assert not isinstance(value, float)

    def test_another_process_writes_it(self):
        assert as_workbook([["A"], ["1.00"]]).startswith(b"PK")


def test_shares_of_cells_are_exact(world, marked):
    row = gradebook(world.lecturer, [marked["bob"]]).rows[0]
    assert row.cells[-1].share == Fraction(1, 2)
    assert row.cells[0].share is None
