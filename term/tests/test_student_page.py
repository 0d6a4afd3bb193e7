"""One page for one student: everything that staff may know of them, and nothing that is marked without names."""

import pytest

from assignments.models import Assignment, Extension, ExtensionRequest
from courses.identities.services import mend_identity
from courses.models import User
from term.attendance.services import make_meeting, take_roll
from tests import entered, groups
from tests import factories as make
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(world):
    """A student with work, a mark, more time, a request, a group, attendance and a mended name."""
    make.make_scheme(world.course, world.assignment)
    exam = Assignment.objects.entered().get(course=world.course)
    made = make.make_submission(world.assignment, world.student)
    make.run_of(made, analysis="passed")
    make.ask_for_regrade(make.release_of(made, world.lecturer), world.student)
    entered.enter(exam, world.lecturer, world.student, 71)
    times = {"assignment": world.assignment, "student": world.student, "reason": "Ill"}
    Extension.objects.create(**times, due_at=make.DUE, granted_by=world.ta)
    ExtensionRequest.objects.create(**times, asked_by=world.student, wanted_until=make.DUE)
    groups.make_group(groups.make_project(world.course), world.student, name="Owls")
    meeting = make_meeting(by=world.lecturer, item=exam, title="Week 1", held_on=make.DUE.date())
    take_roll(meeting=meeting, by=world.ta, states={world.student: "present"})
    user = world.student.user
    said = {"name": user.name, "student_number": "S7", "email": user.email, "username": user.username}
    mend_identity(person=world.student, by=world.lecturer, said=said)
    return world


def test_it_says_everything(client, known):
    said = words_of(as_person(client, known.lecturer).get(f"/courses/dl/students/{known.student.pk}/"))

    for fact in (
        "Numbers",
        "Exam",
        "71 of 100",
        "More time Numbers: until",
        "Asked for Numbers",
        "Regrade requests Numbers : Waits",
        "Owls",
        "Exam: 100 %",
        "Student number S7",
        "Student: Student number – S7",
    ):
        assert fact in said


def test_a_ta_reads_no_history_of_the_account(client, known):
    said = words_of(as_person(client, known.ta).get(f"/courses/dl/students/{known.student.pk}/"))

    assert "Exam" in said
    assert "History" not in said


def test_what_is_marked_without_names_is_not_told(client, known):
    Assignment.objects.filter(pk=known.assignment.pk).update(is_anonymous=True)

    said = words_of(as_person(client, known.ta).get(f"/courses/dl/students/{known.student.pk}/"))

    assert "Numbers marked without names" in said
    assert "Waits" not in said


def test_an_empty_student_has_a_page(client, world):
    assert as_person(client, world.lecturer).get(f"/courses/dl/students/{world.classmate.pk}/").status_code == 200


def test_a_namesakes_changes_stand_on_nobodys_page(client, known):
    User.objects.filter(pk=known.classmate.user_id).update(name=known.student.user.name)

    said = words_of(as_person(client, known.lecturer).get(f"/courses/dl/students/{known.classmate.pk}/"))

    assert "S7" not in said
    assert "Others here have the same name" in said
