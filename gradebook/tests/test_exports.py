"""The gradebook goes out as tables that no spreadsheet runs, and that their targets take back.

The importers below follow what each target publishes of its own: which columns name people, which are marks, which line is none.
"""

import csv
import io
import re
from decimal import Decimal
from fractions import Fraction

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assignments.models import Assignment
from courses.models import Section, User
from gradebook.models import ExportHeader
from gradebook.standings.selectors import gradebook
from gradebook.table.exports import NAMES, Unit, Wanted, export, safe, table, unnamed
from grading.selectors.queues import current_students
from tests import entered
from tests import factories as make
from tests.pages import as_person, words_of

D = Decimal
REGISTRAR = Wanted("registrar", Unit.PERCENT)
Marks = dict[str, dict[str, Fraction | str]]
"""Person → column → mark as a share of its maximum, or a word."""


@pytest.fixture
def exam(world):
    make.make_scheme(world.course, world.assignment)
    return Assignment.objects.entered().get(course=world.course)


@pytest.mark.django_db
class TestExports:
    @pytest.fixture
    def book(self, world, exam):
        make.run_of(make.make_submission(world.assignment, world.student), analysis="passed")
        entered.enter(exam, world.lecturer, world.student, D("71.25"))
        return gradebook(world.lecturer, current_students(world.lecturer))

    def test_a_table_has_everybody_and_their_marks_in_percent(self, world, book):
        User.objects.filter(pk=world.student.user_id).update(student_number="D1")
        book = gradebook(world.lecturer, current_students(world.lecturer))

        rows = list(csv.DictReader(io.StringIO(export(book, REGISTRAR).decode("utf-8-sig"))))

        mine = next(row for row in rows if row["Name"] == "Student")
        assert (mine["Student number"], mine["Assignments › Numbers"], mine["Exam"]) == ("D1", "50.00", "71.25")
        assert mine["Average on graded work"] == "67.00"
        assert next(row for row in rows if row["Name"] == "Classmate")["Exam"] == ""

    @pytest.mark.parametrize("kind", NAMES)
    def test_each_system_gets_its_names(self, book, kind):
        header = table(book, Wanted(kind))[0]

        assert header[: len(NAMES[kind])] == [title for title, _ in NAMES[kind]]
        assert any(title.startswith("Exam") for title in header)

    @pytest.mark.parametrize(
        "evil", ["=1+1", "+1", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")']
    )
    def test_no_cell_is_a_formula(self, world, book, evil):
        world.student.user.name = evil
        world.student.user.save()
        book = gradebook(world.lecturer, current_students(world.lecturer))

        cells = [
            cell
            for row in csv.reader(io.StringIO(export(book, REGISTRAR).decode("utf-8-sig"), newline=""))
            for cell in row
        ]

        assert f"'{evil}" in cells
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))]

    @pytest.mark.parametrize(
        ("text", "written"),
        [("-5", "-5"), ("-5.25", "-5.25"), ("-", "'-"), ("5", "5"), ("", ""), ("＝1+1", "'＝1+1"), ("＠x", "'＠x")],
    )
    def test_figures_stay_figures(self, text, written):
        assert safe(text) == written

    def test_a_ta_gets_only_their_students(self, client, world, book):
        answer = as_person(client, world.other_ta).get("/courses/dl/gradebook/canvas.csv")

        assert "Student" not in answer.content.decode("utf-8-sig").splitlines()[1:]
        assert answer["Content-Disposition"].startswith('attachment; filename="dl-canvas.csv"')

    def test_an_unknown_table_is_not_found(self, client, world, book):
        assert as_person(client, world.lecturer).get("/courses/dl/gradebook/excel.csv").status_code == 404

    def test_more_students_ask_no_more_questions(self, client, world, book):
        def asked():
            with CaptureQueriesContext(connection) as questions:
                client.get("/courses/dl/gradebook/registrar.csv")
            return len(questions)

        as_person(client, world.lecturer)
        before = asked()
        for _ in range(20):
            make.enrol(world.course, section=world.section)
        assert asked() == before


# Importers of other systems.


def canvas_takes(content: bytes) -> tuple[Marks, list[str]]:
    """Canvas, lib/gradebook_importer.rb: the first two headings have Student and ID in them; SIS columns follow; columns up
    to Section name people; a line that begins with Points Possible holds maxima; columns called Current or Final Score, Grade
    or Points are not read; `EX` is excused. A column without Canvas's own number in brackets becomes a new assignment."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    header = rows[0]
    assert "Student" in header[0]
    assert "ID" in header[1]
    assert header[2:4] == ["SIS User ID", "SIS Login ID"]
    first = header.index("Section") + 1
    points = next(row for row in rows[1:] if row[0].strip() == "Points Possible")
    own = re.compile(r"(Current|Final|Unposted .*|Override) (Score|Grade|Points)$")
    columns = [place for place in range(first, len(header)) if not own.search(header[place])]
    new = [header[place] for place in columns if not re.search(r"\(\d+\)$", header[place])]
    marks: Marks = {}
    for row in rows[1:]:
        if row is points:
            continue
        assert row[1] == "", "an ID that is not Canvas's own names somebody else"
        cells = {header[place]: (row[place], points[place]) for place in columns if row[place]}
        marks[row[2] or row[3]] = {
            title: text if text == "EX" else Fraction(text) / Fraction(most) for title, (text, most) in cells.items()
        }
    return marks, new


def moodle_takes(content: bytes, maxima: dict[str, int]) -> tuple[Marks, list[str]]:
    """Moodle, grade/import/csv: people by one column that is chosen, here ID number; every other column is mapped to an item by
    whoever imports; figures are points of the item, an empty cell changes nothing."""
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    people = {"ID number", "Username", "Email address"}
    marks: Marks = {}
    for row in rows:
        assert all(not text or 0 <= D(text) <= maxima[title] for title, text in row.items() if title not in people)
        marks[row["ID number"]] = {
            title: Fraction(text) / maxima[title] for title, text in row.items() if title not in people and text
        }
    return marks, [title for title in rows[0] if title not in people | maxima.keys()]


def blackboard_takes(content: bytes) -> tuple[Marks, list[str]]:
    """Blackboard Learn, Upload Grades: tab-delimited UTF-16 as it is downloaded; people by Username alone; a column is known by
    its id behind the bar, and one without is made anew, with the points in its heading."""
    assert content.startswith((b"\xff\xfe", b"\xfe\xff"))
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-16")), delimiter="\t"))
    people = {"Username", "Student ID", "Last Name", "First Name"}
    marks: Marks = {}
    titles = [title for title in rows[0] if title not in people]
    most = {title: re.search(r"\[Total Pts: ([\d.]+) Score\]", title) for title in titles}
    for row in rows:
        cells = {title: row[title] for title in titles if row[title]}
        marks[row["Username"]] = {t: Fraction(v) / Fraction(m[1]) for t, v in cells.items() if (m := most[t])}
    return marks, [title for title in titles if "|" not in title]


def gradescope_takes(content: bytes) -> tuple[Marks, list[str]]:
    """What reads Gradescope's course grades: SID, and for each assignment its points and `- Max Points`."""
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    people = {"First Name", "Last Name", "SID", "Email", "Sections"}
    titles = [title for title in rows[0] if title not in people and not title.endswith(" - Max Points")]
    marks: Marks = {
        row["SID"]: {t: Fraction(row[t]) / Fraction(row[f"{t} - Max Points"]) for t in titles if row[t]} for row in rows
    }
    return marks, []


@pytest.mark.django_db
class TestTargets:
    @pytest.fixture
    def marked(self, world, exam):
        """One student with a notebook at 4 of 8 and 71.25 in the exam; a classmate who is exempt from it."""
        make.run_of(make.make_submission(world.assignment, world.student), analysis="passed")
        for number, student in (("00240003", world.student), ("20240004", world.classmate)):
            User.objects.filter(pk=student.user_id).update(student_number=number)
        entered.enter(exam, world.lecturer, world.student, D("71.25"))
        entered.enter(exam, world.lecturer, world.classmate, "exempt")
        return gradebook(world.lecturer, current_students(world.lecturer))

    def shares(self, book) -> Marks:
        """What the gradebook itself says."""
        return {
            row.student.user.student_number: {
                column.component.name: cell.share
                for column, cell in zip(book.columns, row.cells, strict=True)
                if cell.share is not None and not cell.code
            }
            for row in book.rows
        }

    @pytest.mark.parametrize("unit", list(Unit))
    def test_canvas(self, world, exam, marked, unit):
        headers = {world.assignment.pk: "Numbers (4314282)", exam.pk: "Exam (4314283)"}

        marks, new = canvas_takes(export(marked, Wanted("canvas", unit, headers)))

        mine = self.shares(marked)
        assert new == []
        assert marks["00240003"] == {
            headers[world.assignment.pk]: mine["00240003"]["Numbers"],
            headers[exam.pk]: D("0.7125"),
        }
        assert marks["20240004"] == {headers[exam.pk]: "EX"}

    def test_canvas_sections_and_a_total_that_it_does_not_read(self, world, marked):
        world.student.sections.add(Section.objects.create(course=world.course, name="Lab 1"))
        book = gradebook(world.lecturer, current_students(world.lecturer))

        rows = table(book, Wanted("canvas"))

        assert rows[1][0].strip() == "Points Possible"
        assert (rows[0][-1], rows[1][-1]) == ("Final Score", "(read only)")
        assert "Informatics and Lab 1" in {row[4] for row in rows}

    def test_moodle(self, world, marked):
        maxima = {"Numbers": 6, "Exam": 100}

        marks, unasked = moodle_takes(export(marked, Wanted("moodle")), maxima)

        assert marks["00240003"] == self.shares(marked)["00240003"]
        assert marks["20240004"] == {}
        assert unasked == []

    def test_blackboard_knows_its_columns_or_says_that_it_makes_them(self, client, world, exam, marked):
        header = "Final exam [Total Pts: 100 Score] |660463"
        ExportHeader.objects.create(course=world.course, system="blackboard", assignment=exam, header=header)
        wanted = Wanted("blackboard", headers={exam.pk: header})

        marks, new = blackboard_takes(export(marked, wanted))

        assert marks["student"] == {header: Fraction("0.7125"), new[0]: self.shares(marked)["00240003"]["Numbers"]}
        assert (len(new), unnamed(marked, wanted)) == (1, ["Numbers"])
        page = words_of(as_person(client, world.lecturer).get("/courses/dl/gradebook/downloads/"))
        assert "Blackboard does not know these columns yet and will make new ones for them: Numbers." in page
        answer = client.get("/courses/dl/gradebook/blackboard.csv")
        assert answer["Content-Disposition"].startswith('attachment; filename="dl-blackboard.xls"')

    def test_gradescope(self, marked):
        marks, _ = gradescope_takes(export(marked, Wanted("gradescope")))

        assert marks["00240003"] == self.shares(marked)["00240003"]

    @pytest.mark.parametrize(
        ("name", "given", "family"),
        [("Ann B Smith", "Ann B", "Smith"), ("欧阳静远", "欧阳静远", ""), ("Plato", "Plato", "")],
    )
    def test_a_name_is_taken_apart_only_where_it_has_parts(self, world, marked, name, given, family):
        User.objects.filter(pk=world.student.user_id).update(name=name)
        book = gradebook(world.lecturer, current_students(world.lecturer))

        rows = table(book, Wanted("gradescope"))

        assert [given, family] in [row[:2] for row in rows]

    def test_what_counts_twice_is_one_column(self, world, marked):
        columns = [*marked.columns, marked.columns[0]]
        rows = [type(row)(row.student, [*row.cells, row.cells[0]], row.standing) for row in marked.rows]
        book = type(marked)(columns, rows, tree=marked.tree)

        assert table(book, Wanted("moodle"))[0].count("Numbers") == 1

    @pytest.mark.parametrize("kind", NAMES)
    @pytest.mark.parametrize("unit", [*Unit, "nonsense"])
    def test_every_table_comes_in_both_units(self, client, world, marked, kind, unit):
        answer = as_person(client, world.lecturer).get(f"/courses/dl/gradebook/{kind}.csv?as={unit}")

        assert answer.status_code == 200

    def test_one_figure_everywhere(self, client, world, exam):
        """46.005 is 46.01 in the registrar's CSV and workbook, on the page and in other tables."""
        entered.enter(exam, world.lecturer, world.student, D("46.005"))
        as_person(client, world.lecturer)

        rows = list(
            csv.DictReader(io.StringIO(client.get("/courses/dl/gradebook/registrar.csv").content.decode("utf-8-sig")))
        )
        assert next(row for row in rows if row["Name"] == "Student")["Exam"] == "46.01"
        book = openpyxl.load_workbook(io.BytesIO(client.get("/courses/dl/gradebook/registrar.xlsx").content))
        values = [cell.value for row in book.active.iter_rows() for cell in row]
        assert 46.01 in values
        assert canvas_takes(client.get("/courses/dl/gradebook/canvas.csv").content)[0]["student"]["Exam"] == D("0.4601")
