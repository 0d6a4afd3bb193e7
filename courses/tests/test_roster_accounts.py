"""Which account a line of a roster means: never a second one, never somebody else's, and what differs is shown."""

import pytest

from courses.models import User
from courses.roster_imports import RosterRefused, apply_roster, plan_of, receive_roster
from courses.tests.test_roster_imports import IMPORT, read, state
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db


def number_of(enrolment, number):
    User.objects.filter(pk=enrolment.user_id).update(student_number=number)


@pytest.mark.parametrize(
    ("has", "line", "said"),
    [
        (
            "00240003",
            "240003,Student,,",
            "240003 and 00240003 of Student differ by zeros in front. A spreadsheet has taken the zeros",
        ),
        (
            "240003",
            "00240003,Student,,",
            "00240003 and 240003 of Student differ by zeros in front. Mend the number of that account",
        ),
        ("00240003", "240003,Student,student@gradus.example,", "differ by zeros in front"),
    ],
)
def test_zeros_in_front_never_make_a_second_account(world, has, line, said):
    number_of(world.student, has)
    before = state(world.course)
    roster = read(world, line)

    (problem,) = plan_of(roster).problems
    assert said in problem
    with pytest.raises(RosterRefused):
        apply_roster(roster=roster, leave=False)
    assert state(world.course) == before


def test_digits_put_the_zeros_back(client, world):
    number_of(world.student, "00240003")

    page = as_person(client, world.lecturer).post(
        IMPORT, {"pasted": "Student ID,Name\n240003,Student\n", "digits": "8"}, follow=True
    )

    assert page.context["plan"].problems == []
    assert [line.user for line in page.context["plan"].same] == [world.student.user]


def test_what_an_account_has_otherwise_is_shown_and_stays(client, world):
    number_of(world.student, "S1")
    roster = read(world, "S1,Somebody Else,other@gradus.example,")

    page = as_person(client, world.lecturer).get(f"{IMPORT}{roster.pk}/")

    assert "Row 2: the roster calls Student “Somebody Else”. The name stays." in words_of(page)
    assert "the roster says other@gradus.example. It stays." in words_of(page)
    apply_roster(roster=roster, leave=False)
    assert User.objects.get(pk=world.student.user_id).name == "Student"


def test_the_same_name_in_another_order_is_no_difference(world):
    User.objects.filter(pk=world.student.user_id).update(name="Ann B Smith", student_number="S1")

    assert plan_of(read(world, 'S1,"Smith, Ann B",,')).differences == []


def test_a_login_that_is_another_ones_than_the_number_is_a_contradiction(world):
    number_of(world.student, "S1")
    content = f"Student ID,Username,Name\nS1,{world.classmate.user.username},Student\n".encode()

    (problem,) = plan_of(receive_roster(by=world.lecturer, content=content, name="x.csv")).problems

    assert problem.startswith("Row 2: the student number belongs to Student, the login belongs to Classmate.")
