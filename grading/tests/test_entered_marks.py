"""Marks that people enter: kept, shown once released, never overwritten unseen; and whole terms that end as reckoned by hand."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import IntegrityError, InternalError, OperationalError, transaction

from assignments.models import Assignment
from assignments.services import create_entered
from courses.course_file.reading import read_course_file
from courses.services import create_late_policy
from gradebook.models import Component
from gradebook.standings.selectors import gradebook
from grading.entered.services import EnteringRefused, Entry, record_entered
from grading.models import Mark
from grading.papers.services import change_criteria
from grading.rows import number_in
from grading.services.marks import NewMark, record_marks
from grading.services.releases import release_grades
from groups.models import Group
from projects.selectors import project_of
from term.course_file.load import load_course
from tests import entered, groups
from tests import factories as make
from tests.pages import as_person, text_of, words_of

pytestmark = pytest.mark.django_db
D = Decimal
BLUEPRINTS = Path(__file__).resolve().parents[2] / "courses" / "blueprints"


@pytest.fixture
def exam(world):
    make.make_scheme(world.course, world.assignment)
    return Assignment.objects.get(title="Exam")


def entry(percent, *, seen=0, note=""):
    return Entry(None if percent is None else D(percent), note, seen)


def enter(target, by, student, percent, **more):
    return record_entered(target=target, by=by, entries={student: entry(percent, **more)})


def standing_of(viewer, student):
    return gradebook(viewer, [student]).rows[0].standing


def test_a_mark_counts_for_staff_at_once_and_for_students_once_released(world, exam):
    enter(exam, world.lecturer, world.student, 75)

    assert standing_of(world.lecturer, world.student).earned == 75
    assert standing_of(world.student, world.student).earned == 0
    entered.release(exam, world.lecturer)
    assert standing_of(world.student, world.student).earned == 75


def test_a_released_mark_stays_as_it_was_shown_until_the_next_release(world, exam):
    enter(exam, world.lecturer, world.student, 60)
    entered.release(exam, world.lecturer)
    enter(exam, world.lecturer, world.student, 90, seen=Mark.objects.latest("pk").pk)

    assert standing_of(world.student, world.student).earned == 60
    entered.release(exam, world.lecturer)
    assert standing_of(world.student, world.student).earned == 90


def test_a_mark_that_was_taken_back_is_none(world, exam):
    enter(exam, world.lecturer, world.student, 60)
    enter(exam, world.lecturer, world.student, None, seen=Mark.objects.latest("pk").pk)

    assert standing_of(world.lecturer, world.student).average is None
    assert [mark.points for mark in Mark.objects.all()] == [60, None]


def test_what_did_not_change_is_not_entered_again(world, exam):
    assert enter(exam, world.lecturer, world.student, None) == 0
    assert enter(exam, world.lecturer, world.student, 60) == 1
    assert enter(exam, world.lecturer, world.student, 60, seen=Mark.objects.latest("pk").pk) == 0


def test_a_mark_of_somebody_else_is_never_overwritten_unseen(world, exam):
    enter(exam, world.lecturer, world.student, 60)

    with pytest.raises(EnteringRefused) as refused:
        enter(exam, world.lecturer, world.student, 90, seen=0)

    assert [mark.points for mark in refused.value.meanwhile] == [60]
    assert Mark.objects.count() == 1


def test_entered_marks_are_never_edited(world, exam):
    enter(exam, world.lecturer, world.student, 60)

    with pytest.raises((IntegrityError, InternalError, OperationalError)), transaction.atomic():
        Mark.objects.update(points=90)


@pytest.mark.parametrize("broken", [{"points": D(-1)}, {"submission": None}, {"code": "gone", "points": None}])
def test_the_database_refuses(world, exam, broken):
    hangs_on = entered.enter(exam, world.lecturer, world.student, 5).submission

    with pytest.raises(IntegrityError), transaction.atomic():
        Mark.objects.create(
            **{"submission": hangs_on, "grade_id": "mark", "marker": world.lecturer, "points": 5, **broken}
        )


def test_a_component_whose_marks_are_entered_has_an_item(world, exam):
    with pytest.raises(IntegrityError), transaction.atomic():
        Component.objects.filter(assignment__kind="entered").update(assignment=None)


@pytest.mark.parametrize(("text", "number"), [("", None), (" 85 ", 85), ("8,5", D("8.5")), ("100", 100), ("0", 0)])
def test_numbers_as_people_write_them(text, number):
    assert number_in(text) == number


@pytest.mark.parametrize("text", ["a", "101", "-1", "NaN", "1e9", "8.5.1", "Infinity"])
def test_what_is_no_mark_is_said(text):
    with pytest.raises(ValueError, match=r"is no number|between 0 and 100"):
        number_in(text)


def test_the_lecturer_enters_looks_and_releases(client, world, exam):
    page = f"/courses/dl/marks/{exam.slug}/"
    key = world.student.pk

    answer = as_person(client, world.lecturer).post(
        page, {f"percent-{key}": "72,5", f"seen-{key}": "0", f"note-{key}": "Good"}, follow=True
    )
    assert "1 mark saved." in words_of(answer)
    assert "72.5 of 100, not released" in words_of(answer)
    assert "Exam 1 of 2 0" in words_of(client.get("/courses/dl/marks/"))
    client.post(f"/courses/dl/assignments/{exam.slug}/release/")
    assert "Exam 1 of 2 1" in words_of(client.get("/courses/dl/marks/"))

    mine = words_of(as_person(client, world.student).get("/courses/dl/grades/"))
    assert "72.5 of 100" in mine


def test_bad_rows_save_nothing_and_keep_what_was_typed(client, world, exam):
    page = f"/courses/dl/marks/{exam.slug}/"
    one, other = world.student.pk, world.classmate.pk

    answer = as_person(client, world.lecturer).post(
        page, {f"percent-{one}": "80", f"seen-{one}": "0", f"percent-{other}": "180", f"seen-{other}": "0"}
    )

    assert answer.status_code == 422
    assert "“180” does not lie between 0 and 100." in words_of(answer)
    assert f'name="percent-{one}" value="80"' in text_of(answer)
    assert not Mark.objects.exists()


def test_who_comes_second_sees_both_marks(client, world, exam):
    enter(exam, world.lecturer, world.student, 60)
    key, page = world.student.pk, f"/courses/dl/marks/{exam.slug}/"
    as_person(client, world.lecturer)

    answer = client.post(page, {f"percent-{key}": "90", f"seen-{key}": "0"})

    assert "Lecturer entered 60 % meanwhile. Save again to put your mark over it." in words_of(answer)
    assert f'name="percent-{key}" value="90"' in text_of(answer)
    seen = Mark.objects.latest("pk").pk
    client.post(page, {f"percent-{key}": "90", f"seen-{key}": str(seen)})
    assert Mark.objects.latest("pk").points == 90


def test_nothing_to_release_is_said(client, world, exam):
    answer = as_person(client, world.lecturer).post(f"/courses/dl/assignments/{exam.slug}/release/", follow=True)

    assert "Nothing to release: no complete grade of these students is new." in words_of(answer)


def test_another_courses_item_does_not_exist(client, world, exam):
    elsewhere = create_entered(course=make.make_course("third"), title="Elsewhere")

    assert as_person(client, world.lecturer).get(f"/courses/dl/marks/{elsewhere.slug}/").status_code == 404


class Term:
    """A course from its blueprint, one student, and everything that happens in a term."""

    def __init__(self, blueprint):
        week_one = date(2026, 9, 7)
        content = read_course_file((BLUEPRINTS / f"{blueprint}.yaml").read_bytes(), week_one=week_one)
        self.course = load_course(content, week_one=week_one, lecturer=make.make_user())
        self.lecturer = self.course.enrolments.select_related("user", "course").get()
        self.student = make.enrol(self.course)

    def hand_in(self, slug, percent, *, late=timedelta(hours=-1), again=None):
        """Work worth so many percent; `again`: lateness of an earlier version that this one replaces."""
        assignment = self.course.assignments.select_related("course").get(slug=slug)
        if not assignment.notebooks.exists():
            make.make_notebook(assignment, self.lecturer)
        for moment in (again, late):
            if moment is not None:
                submission = make.make_submission(assignment, self.student, late=moment)
        make.run_of(submission, double="0", hidden="0")
        points = D(percent) * 6 / 100
        marks = {
            cell: NewMark(min(max(points - before, D(0)), most), "")
            for cell, before, most in (
                ("double_test", D(0), D(2)),
                ("hidden_test", D(2), D(1)),
                ("analysis", D(3), D(3)),
            )
        }
        record_marks(submission=submission, by=self.lecturer, marks=marks, maxima={c: D(9) for c in marks}, seen=0)
        return assignment

    def enter(self, name, percent):
        target = self.course.assignments.get(title=name)
        enter(target, self.lecturer, self.student, percent)
        entered.release(target, self.lecturer)

    def paper(self, name, percent, *, late=timedelta(hours=-1)):
        """The student's group hands it in and is marked, and the marks are released."""
        project = project_of(self.course.pk)
        stage = groups.stage_of(project, self.course.assignments.get(title=name).slug)
        group = Group.objects.filter(group_set=project.group_set).first() or groups.make_group(project, self.student)
        groups.make_deliverable(stage, group, late=late)
        change_criteria(assignment=stage, wanted=[(0, "All of it", D(100))])
        groups.mark_group(stage, group, self.lecturer, percent)
        self.release(stage)

    def release(self, assignment):
        release_grades(assignment=assignment, by=self.lecturer, students=[self.student])

    def total(self):
        """What the student is shown at the end: earned, and nothing else possible."""
        now = standing_of(self.student, self.student)
        return tuple(round(D(n.numerator) / D(n.denominator), 2) for n in (now.earned, now.lowest, now.highest))


def test_a_term_of_xmu_2025_with_assignments():
    term = Term("xmu-dl-2025")
    for slug in ("numpy-basics", "backpropagation", "convolution"):
        term.release(term.hand_in(slug, 92))
    term.paper("Proposal", 90)
    term.paper("Report", 85, late=timedelta(hours=26))
    term.paper("Presentation or poster", 88)

    assert term.total() == (D("75.44"), D("75.44"), D("75.44"))


def test_a_term_of_xmu_2025_without_assignments():
    term = Term("xmu-dl-2025")
    term.paper("Proposal", 90)
    term.paper("Report", 85, late=timedelta(hours=26))
    term.paper("Presentation or poster", 88)

    assert term.total()[0] == D("71.30")


def test_a_term_of_xmu_2025_with_work_at_every_lateness():
    """On time; replaced late, so late; extended: 30 % of 90, 30 % of 80 × 0.7, 40 % of 70 = 71.8 of the assignments."""
    term = Term("xmu-dl-2025")
    term.release(term.hand_in("numpy-basics", 90))
    term.release(term.hand_in("backpropagation", 80, late=timedelta(hours=26), again=timedelta(hours=-1)))
    extended = term.course.assignments.get(slug="convolution")
    fields = {"due_at": extended.due_at + timedelta(days=2), "reason": "Ill", "granted_by": term.lecturer}
    extended.extensions.create(student=term.student, **fields)
    term.release(term.hand_in("convolution", 70, late=timedelta(hours=26)))
    term.paper("Proposal", 90)
    term.paper("Report", 85, late=timedelta(hours=26))
    term.paper("Presentation or poster", 88)

    assert term.total()[0] == D("0.2") * D("71.8") + D("0.8") * D("71.30")


def test_a_term_of_xmu_2020():
    term = Term("xmu-dl-2020")
    for slug in ("neural-networks", "convolution", "sequences"):
        term.release(term.hand_in(slug, 88))
    for name, percent in (("Proposal", 90), ("Report", 85), ("Presentation or poster", 88)):
        term.paper(name, percent)
    for name, percent in (("Final exam", 78), ("Peer ranking", 80)):
        term.enter(name, percent)

    assert term.total() == (D("83.92"), D("83.92"), D("83.92"))


def test_a_term_of_sustech_cs324():
    term = Term("sustech-cs324")
    create_late_policy(course=term.course, rule=make.XMU_RULE)
    term.release(term.hand_in("mlp", 84, late=timedelta(hours=2)))
    term.release(term.hand_in("cnn-rnn", 90))
    term.release(term.hand_in("gan-vae", 66))
    for name, percent in (("Final exam", 72), ("Presentation", 80), ("Demo on Chips or another demo", 95)):
        term.enter(name, percent)

    assert term.total() == (D("77.04"), D("77.04"), D("77.04"))


def test_a_mark_that_was_taken_back_after_its_release_can_be_taken_back_there_too(client, world, exam):
    enter(exam, world.lecturer, world.student, 90)
    entered.release(exam, world.lecturer)
    enter(exam, world.lecturer, world.student, None, seen=Mark.objects.latest("pk").pk)
    as_person(client, world.lecturer)

    assert "still shown to the student" in words_of(client.get(f"/courses/dl/marks/{exam.slug}/"))
    assert "Release" in words_of(client.get("/courses/dl/marks/")).partition("Shown to students")[2]
    entered.release(exam, world.lecturer)
    assert standing_of(world.student, world.student).earned == 0


def test_a_note_without_a_mark_is_kept(world, exam):
    assert record_entered(target=exam, by=world.lecturer, entries={world.student: entry(None, note="Deferred")}) == 1


def test_three_hundred_students_fit_on_the_page(client, world, exam):
    sent = {f"{name}-{number}": "0" for number in range(400) for name in ("percent", "note", "seen")}

    assert as_person(client, world.lecturer).post(f"/courses/dl/marks/{exam.slug}/", sent).status_code == 302
