"""Final grades from the preview to the registrar's column: freezing, changing with a reason, showing."""

import csv
import io
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from assignments.models import Assignment
from courses.models import SettingChange, User
from gradebook.final.selectors import preview_of, scale_of
from gradebook.final.services import FinalRefused, change_final, choose_scale, freeze_grades, seen_in, show_finals
from gradebook.models import Component, FinalGrade, Freeze
from gradebook.policy.final import STEPS, Kind, Rounding, Scale
from gradebook.standings.finals import finals_of
from tests import entered
from tests import factories as make
from tests.pages import as_person, text_of, words_of

pytestmark = pytest.mark.django_db
D = Decimal
FINAL = "/courses/dl/gradebook/final/"
FIVE = Scale(Kind.FIVE, STEPS[Kind.FIVE])


@pytest.fixture
def exam(world):
    """A scheme of assignments (20 %, optional) and an exam; what counts is the exam."""
    make.make_scheme(world.course, world.assignment)
    for number, student in (("S1", world.student), ("S2", world.classmate)):
        User.objects.filter(pk=student.user_id).update(student_number=number)
    found = Assignment.objects.entered().get(course=world.course)
    Component.objects.filter(name="Assignments").update(optional="redistribute_if_absent")
    return found


@pytest.fixture
def marked(world, exam):
    entered.enter(exam, world.lecturer, world.student, D("89.25"))
    entered.enter(exam, world.lecturer, world.classmate, D("55"))
    choose_scale(by=world.lecturer, scale=FIVE)
    return world


def line_of(world, student):
    preview = preview_of(world.lecturer, scale_of(world.course))
    return next(line for line in preview.lines if line.student == student)


def freeze(world, reason=""):
    preview = preview_of(world.lecturer, scale_of(world.course))
    return freeze_grades(by=world.lecturer, reason=reason, seen=seen_in(preview))


def grades(world):
    return {str(grade.student.user): grade.grade for grade in finals_of([world.student, world.classmate]).values()}


class TestPreview:
    def test_totals_grades_distribution_and_who_lies_near_a_border(self, marked):
        preview = preview_of(marked.lecturer, FIVE)

        assert {str(line.student.user): (line.total, line.grade) for line in preview.lines} == {
            "Student": (D("89.25"), "良"), "Classmate": (D(55), "不及格"),
        }  # fmt: skip
        assert list(preview.distribution) == [("优", 0), ("良", 1), ("中", 0), ("及格", 0), ("不及格", 1)]
        assert [(line.student, line.short_of) for line in preview.near] == [(marked.student, D("0.75"))]

    def test_what_is_not_graded_counts_nothing_and_is_said(self, marked):
        make.make_submission(marked.assignment, marked.student)

        line = line_of(marked, marked.student)

        assert (line.total, line.open_parts) == (D("71.4"), ["Numbers"])

    @pytest.mark.parametrize(
        ("word", "grade", "remark"),
        [
            ("absent", "不及格", "absent: Exam"),
            ("deferred", "", "deferred: Exam"),
            ("exempt", "不及格", "exempt: Exam"),
        ],
    )
    def test_words_in_place_of_marks(self, marked, exam, word, grade, remark):
        entered.enter(exam, marked.lecturer, marked.student, word)

        line = line_of(marked, marked.student)

        assert (line.grade, line.remark) == (grade, remark)

    def test_who_misses_a_minimum_fails(self, marked):
        Component.objects.filter(name="Exam").update(minimum=90)

        line = line_of(marked, marked.student)

        assert (line.grade, line.remark, line.short_of) == ("不及格", "below the minimum: Exam", None)


class TestFreezing:
    def test_what_is_frozen_stays_whatever_becomes_of_marks(self, marked, exam):
        assert freeze(marked) == 2
        entered.enter(exam, marked.lecturer, marked.student, D(95))

        assert grades(marked) == {"Student": "良", "Classmate": "不及格"}
        assert line_of(marked, marked.student).grade == "优"
        with pytest.raises(FinalRefused, match="say why"):
            freeze(marked)
        assert freeze(marked, "A page of the exam was found.") == 1
        assert grades(marked) == {"Student": "优", "Classmate": "不及格"}
        with pytest.raises(FinalRefused, match="Nothing has changed"):
            freeze(marked, "Again.")

    def test_what_was_not_seen_is_not_frozen(self, marked, exam):
        seen = seen_in(preview_of(marked.lecturer, FIVE))
        entered.enter(exam, marked.lecturer, marked.student, D(95))

        with pytest.raises(FinalRefused, match="other ones by now"):
            freeze_grades(by=marked.lecturer, reason="", seen=seen)
        assert not Freeze.objects.exists()

    def test_a_change_has_a_reason_and_survives_the_next_freeze(self, marked, exam):
        with pytest.raises(FinalRefused, match="not frozen yet"):
            change_final(student=marked.student, by=marked.lecturer, grade="优", reason="x")
        freeze(marked)
        with pytest.raises(FinalRefused, match="Give a reason"):
            change_final(student=marked.student, by=marked.lecturer, grade="优", reason=" ")
        change_final(student=marked.student, by=marked.lecturer, grade="优", reason="By decision of the board.")
        entered.enter(exam, marked.lecturer, marked.student, D(75))
        entered.enter(exam, marked.lecturer, marked.classmate, D(65))

        assert freeze(marked, "Late marks.") == 1
        assert grades(marked) == {"Student": "优", "Classmate": "及格"}
        with pytest.raises(FinalRefused, match="stands"):
            change_final(student=marked.student, by=marked.lecturer, grade="优", reason="x")

    def test_nothing_is_ever_edited_and_a_change_needs_its_reason(self, marked):
        freeze(marked)

        with pytest.raises(DatabaseError), transaction.atomic():
            FinalGrade.objects.update(grade="A")
        with pytest.raises(IntegrityError), transaction.atomic():
            FinalGrade.objects.create(student=marked.student, set_by=marked.lecturer, grade="A")

    def test_the_scale_is_in_the_history_of_settings(self, marked):
        change = SettingChange.objects.get(topic="final-grades")

        assert (change.before, change.after[:12]) == ("Percent, two decimals", "Five grades ")


class TestPages:
    def test_from_the_scale_to_the_registrars_column(self, client, world, exam):
        entered.enter(exam, world.lecturer, world.student, D("89.25"))
        entered.enter(exam, world.lecturer, world.classmate, "absent")
        as_person(client, world.lecturer)
        own = {"kind": "own", "steps": "Good 80\nPoor 0", "rounding": "nearest", "failed": ""}
        looked = words_of(client.post(FINAL, {**own, "look": "1"}))
        assert "What this scale would make" in looked
        assert scale_of(world.course) == Scale()
        client.post(FINAL, {**own, "choose": "1"})

        page = client.get(FINAL)
        assert "Good 1 Poor 1" in words_of(page)
        done = client.post(FINAL, {"freeze": "1", "seen": page.context["seen"]}, follow=True)
        assert "2 final grades frozen." in words_of(done)

        rows = list(
            csv.DictReader(io.StringIO(client.get("/courses/dl/gradebook/registrar.csv").content.decode("utf-8-sig")))
        )
        assert {row["Student number"]: (row["Final grade"], row["Remark"]) for row in rows} == {
            "S1": ("Good", ""), "S2": ("Poor", "absent: Exam"),
        }  # fmt: skip
        as_person(client, world.ta)
        assert "Final grade" not in client.get("/courses/dl/gradebook/registrar.csv").content.decode("utf-8-sig")

    @pytest.mark.parametrize(
        ("steps", "said"), [("A\nB 0", "is no step"), ("A 90", "from 2 to 30"), ("A 50\nB 60\nC 0", "below")]
    )
    def test_a_table_that_cannot_be_meant(self, client, marked, steps, said):
        form = {"kind": "own", "steps": steps, "rounding": "exact", "choose": "1"}

        page = as_person(client, marked.lecturer).post(FINAL, form)

        assert page.status_code == 422
        assert said in words_of(page)
        assert scale_of(marked.course) == FIVE

    def test_students_read_theirs_once_it_is_shown(self, client, marked):
        as_person(client, marked.lecturer)
        assert "Freeze the grades first" in words_of(client.post(FINAL, {"show": "1"}, follow=True))
        freeze(marked)
        assert "Final grade" not in words_of(as_person(client, marked.student).get("/courses/dl/grades/"))

        as_person(client, marked.lecturer).post(FINAL, {"show": "1"})

        mine = words_of(as_person(client, marked.student).get("/courses/dl/grades/"))
        assert "Final grade 良" in mine
        assert "不及格" not in mine
        show_finals(by=marked.lecturer, shown=False)
        assert "Final grade" not in words_of(client.get("/courses/dl/grades/"))

    def test_one_is_changed_on_its_page(self, client, marked):
        freeze(marked)
        page = f"/courses/dl/final-grade/{marked.student.pk}/"
        as_person(client, marked.lecturer)
        assert client.post(page, {"grade": "优", "reason": ""}).status_code == 422

        done = client.post(page, {"grade": "优", "reason": "Appeal upheld."}, follow=True)

        assert "Student has this final grade from now on." in words_of(done)
        assert "Appeal upheld." in words_of(client.get(page))
        assert "changed" in text_of(client.get(FINAL))

    def test_a_course_without_graded_parts(self, client, world):
        assert "Nobody to grade yet" in words_of(as_person(client, world.lecturer).get(FINAL))


@pytest.mark.parametrize(
    ("rounding", "grade"), [(Rounding.EXACT, "Fail"), (Rounding.NEAREST, "Pass"), (Rounding.UP, "Pass")]
)
def test_the_pass_line_is_met_as_the_scale_rounds(world, exam, rounding, grade):
    Component.objects.filter(parent=None).update(minimum=60)
    entered.enter(exam, world.lecturer, world.student, D("59.6"))
    choose_scale(by=world.lecturer, scale=Scale(Kind.PASS, STEPS[Kind.PASS], rounding))

    line = line_of(world, world.student)

    assert line.grade == grade
    assert ("below the pass line: 60 %" in line.remark) == (grade == "Fail")


@pytest.mark.parametrize("kind", ["percent", "points"])
def test_a_word_for_a_missed_minimum_breaks_no_page(client, world, exam, kind):
    Component.objects.filter(name="Exam").update(minimum=60)
    entered.enter(exam, world.lecturer, world.student, D(40))
    as_person(client, world.lecturer)

    said = client.post(FINAL, {"kind": kind, "rounding": "exact", "failed": "F", "choose": "1"}, follow=True)

    assert said.status_code == 200
    assert line_of(world, world.student).grade == "F"


def test_who_has_a_grade_by_hand_is_deferred_no_longer(world, exam):
    entered.enter(exam, world.lecturer, world.student, "deferred")
    choose_scale(by=world.lecturer, scale=FIVE)
    freeze(world)

    changed = change_final(student=world.student, by=world.lecturer, grade="良", reason="The oral exam")

    assert changed.remark == ""
