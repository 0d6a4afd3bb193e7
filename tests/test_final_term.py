"""The end of the term of each graded course: final grades, and the registrar's table, equal to hand-worked figures.

Three students each. Notebooks have 6 points; what a person gives for the analysis (0 to 3) makes 3 to 6 of them.
"""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from assignments.models import Assignment
from courses.course_file.reading import read_course_file
from courses.models import User
from gradebook.final.selectors import preview_of, scale_of
from gradebook.final.services import choose_scale, freeze_grades, seen_in, show_finals
from gradebook.policy.final import STEPS, Kind, Rounding, Scale
from grading.papers.services import change_criteria
from grading.services.marks import NewMark, record_marks
from groups.members.services import join_group, make_group
from projects.selectors import project_of
from term.course_file.load import load_course
from tests import entered, groups
from tests import factories as make
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
BLUEPRINTS = Path(__file__).resolve().parents[1] / "courses" / "blueprints"
MONDAY, HOUR = date(2026, 9, 7), timedelta(hours=1)
STUDENTS = ("S1", "S2", "S3")


class Ending:
    """A course from its blueprint, its lecturer, and three students in one section and one group."""

    def __init__(self, blueprint):
        content = read_course_file((BLUEPRINTS / f"{blueprint}.yaml").read_bytes(), week_one=MONDAY)
        self.course = load_course(content, week_one=MONDAY, lecturer=make.make_user())
        type(self.course).objects.update(is_published=True)
        self.lecturer = self.course.enrolments.select_related("user", "course").get()
        section = self.course.sections.first() or self.course.sections.create(name="One")
        self.students = {number: make.enrol(self.course, section=section, login=number.lower()) for number in STUDENTS}
        for number, student in self.students.items():
            User.objects.filter(pk=student.user_id).update(student_number=number)

    def notebooks(self, analyses):
        """`analyses`: student number → points of a person; who is not named hands in nothing."""
        for assignment in self.course.assignments.notebooks().select_related("course"):
            make.make_notebook(assignment, self.lecturer)
            for number, points in analyses.items():
                submission = make.make_submission(assignment, self.students[number])
                make.run_of(submission, double="2", hidden="1")
                marks = {"analysis": NewMark(Decimal(points), "")}
                maxima = {"analysis": Decimal(3)}
                record_marks(submission=submission, by=self.lecturer, marks=marks, maxima=maxima, seen=0)

    def entered(self, title, values):
        item = Assignment.objects.get(course=self.course, title=title)
        for number, value in zip(STUDENTS, values, strict=True):
            entered.enter(item, self.lecturer, self.students[number], value)

    def project(self, **stages):
        """Stage → (mark, hours late) of the one group."""
        project = project_of(self.course.pk)
        early = project.group_set.locks_at - timedelta(days=20)
        first, *others = self.students.values()
        group = make_group(group_set=project.group_set, by=first, name="Owls", now=early)
        for student in others:
            join_group(group_set=project.group_set, by=student, code=group.code, now=early)
        for slug, (mark, late) in stages.items():
            stage = groups.stage_of(project, slug)
            change_criteria(assignment=stage, wanted=[(0, "All", Decimal(100))])
            groups.make_deliverable(stage, group, late=late * HOUR)
            groups.mark_group(stage, group, self.lecturer, mark)

    def frozen(self, scale):
        choose_scale(by=self.lecturer, scale=scale)
        preview = preview_of(self.lecturer, scale_of(self.course))
        freeze_grades(by=self.lecturer, reason="", seen=seen_in(preview))
        show_finals(by=self.lecturer, shown=True)

    def registrar(self, client):
        """Number → row, as the file that is downloaded says."""
        answer = as_person(client, self.lecturer).get(f"/courses/{self.course.slug}/gradebook/registrar.csv")
        return {row["Student number"]: row for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))}

    def reads(self, client, number):
        return words_of(as_person(client, self.students[number]).get(f"/courses/{self.course.slug}/grades/"))


def test_sustech(client):
    """Exam 40, three assignments of 15, presentation 5, demo 10; letters of the nearest whole percent."""
    term = Ending("sustech-cs324")
    term.notebooks({"S1": "3", "S2": "1.5"})
    term.entered("Final exam", (91, "78.5", "absent"))
    term.entered("Presentation", (90, 85, 40))
    term.entered("Demo on Chips or another demo", (100, 75, "exempt"))
    term.frozen(Scale(Kind.LETTERS, STEPS[Kind.LETTERS], Rounding.NEAREST))

    rows = term.registrar(client)

    # 36.4 + 45 + 4.5 + 10; 31.4 + 45 × 4.5/6 + 4.25 + 7.5 = 76.9, which is 77 to the nearest; 2 of the 90 that are left
    wanted = {
        "S1": ("91.00", "100.00", "100.00", "100.00", "90.00", "100.00", "95.90", "A"),
        "S2": ("78.50", "75.00", "75.00", "75.00", "85.00", "75.00", "76.90", "C+"),
        "S3": ("absent", "", "", "", "40.00", "exempt", "2.22", "F"),
    }
    assert {number: figures(row) for number, row in rows.items()} == wanted
    assert "Final grade A" in term.reads(client, "S1")


def test_xmu_2020(client):
    """Exam 30, assignments 30, project 40 (proposal 10, report 70, lecturer 10, peers 10): the policy's 83.92; the five steps."""
    term = Ending("xmu-dl-2020")
    term.project(proposal=(90, -1), report=(85, -1), presentation=(88, -1))
    term.entered("Peer ranking", (80, 80, 80))
    term.entered("Final exam", (78, 60, "deferred"))
    term.notebooks({"S1": "2.28", "S2": "0", "S3": "3"})
    term.frozen(Scale(Kind.FIVE, STEPS[Kind.FIVE]))

    rows = term.registrar(client)

    # 23.4 + 26.4 + 34.12; 18 + 15 + 34.12; what is deferred has no final grade yet
    found = {number: (row["Earned so far"], row["Final grade"], row["Remark"]) for number, row in rows.items()}
    assert found == {
        "S1": ("83.92", "良", ""),
        "S2": ("67.12", "及格", ""),
        "S3": ("64.12", "", "deferred: Final exam"),
    }
    term.entered("Final exam", (78, 60, "95"))
    preview = preview_of(term.lecturer, scale_of(term.course))
    freeze_grades(by=term.lecturer, reason="The late exam", seen=seen_in(preview))
    assert term.registrar(client)["S3"]["Final grade"] == "优"  # 28.5 + 30 + 34.12 = 92.62


def test_xmu_2025(client):
    """Assignments 20, left out by who hands in none; project 80: proposal 90, report 85 × 0.7, poster 88 make 71.30."""
    term = Ending("xmu-dl-2025")
    term.project(proposal=(90, -1), report=(85, 26), presentation=(88, -1))
    term.notebooks({"S1": "2.28", "S2": "3"})
    term.frozen(Scale())

    found = {number: (row["Earned so far"], row["Final grade"]) for number, row in term.registrar(client).items()}

    # 0.2 × 88 + 0.8 × 71.30; 20 + 57.04; the project alone
    assert found == {"S1": ("74.64", "74.64"), "S2": ("77.04", "77.04"), "S3": ("71.30", "71.30")}
    assert "Final grade 77.04" in term.reads(client, "S2")


def figures(row):
    """The marks, the total and the final grade, in the file's order."""
    *marks, total, _average, _least, _most, grade, _remark = row.values()
    return (*marks[-6:], total, grade)
