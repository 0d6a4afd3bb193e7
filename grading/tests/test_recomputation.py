"""Every released grade is reckoned again by SQL: honest ones agree, and each kind of tampering is named."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from courses.immutable import trigger_name
from courses.models import Role
from courses.policy.lateness import Basis, LateRule, Steps
from courses.services import create_late_policy
from grading.models import Mark, Recomputation, ReleasedGrade
from grading.services.recomputation import recompute
from grading.tasks import recompute as task
from tests import factories as make
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
D = Decimal


def released(world, student, *, late=timedelta(hours=-1), points=2, **outcome):
    submission = make.make_submission(world.assignment, student, late=late)
    make.run_of(submission, **outcome)
    Mark.objects.create(submission=submission, grade_id="analysis", points=points, marker=world.ta)
    return make.release_of(submission, world.lecturer)


def tampered(released, **fields):
    """As somebody with the database's password could, past the trigger."""
    table = ReleasedGrade._meta.db_table
    on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {trigger_name(table)}{on_table}")
    ReleasedGrade.objects.filter(pk=released.pk).update(**fields)


@pytest.mark.parametrize("basis", Basis)
@pytest.mark.parametrize("hours", [-5, 5, 30, 100])
def test_honest_grades_agree_under_every_reading_of_the_factor(world, basis, hours):
    create_late_policy(course=world.course, rule=LateRule(steps=Steps(D(15), D("0.2")), basis=basis))
    released(world, world.student, late=timedelta(hours=hours))

    found = recompute()

    assert (found.grades, found.different, found.differences) == (1, 0, [])


def test_marks_that_came_after_the_release_do_not_disturb(world):
    grade = released(world, world.student)
    Mark.objects.create(submission=grade.submission, grade_id="analysis", points=3, marker=world.ta)

    assert recompute().different == 0


def test_overridden_tests_and_earlier_marks_agree(world):
    submission = make.make_submission(world.assignment, world.student)
    make.run_of(submission, double="0")
    for grade_id, points in (("analysis", 1), ("analysis", 3), ("double_test", 1)):
        Mark.objects.create(submission=submission, grade_id=grade_id, points=points, comment="x", marker=world.ta)
    make.release_of(submission, world.lecturer)

    assert recompute().different == 0


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"total": D("5.5")}, "its total is not its points under its factor"),
        ({"auto": D(4), "total": D(4)}, "the rows that were shown do not sum to its points"),
        ({"manual": D(3), "total": D(6)}, "the marks that stood then do not sum to its points by hand"),
        ({"factor": D("0.5"), "total": D("2.5")}, "it was on time and has a factor"),
        ({"rows": []}, "the rows that were shown do not sum to its points"),
    ],
)
def test_what_was_changed_behind_our_back_is_named(world, fields, said):
    grade = released(world, world.student)
    released(world, world.classmate)
    tampered(grade, **fields)

    found = recompute()

    assert (found.grades, found.different) == (2, 1)
    assert found.differences[0].startswith(f"Released grade {grade.pk}: ")
    assert said in found.differences[0]


def test_nothing_released_is_nothing_different():
    assert (recompute().grades, recompute().different) == (0, 0)


def test_the_operations_page_says_how_it_came_out(client, world):
    grade = released(world, world.student)
    task()
    page = words_of(as_person(client, world.lecturer).get("/operations/"))
    assert "1 released grade by a second route." in page

    tampered(grade, total=D(1))
    task()

    page = words_of(client.get("/operations/"))
    assert "1 of 1 come out otherwise by the second route." in page
    assert f"Released grade {grade.pk}:" in page


def test_an_operator_asks_for_it_by_hand(world, capsys):
    grade = released(world, world.student)
    call_command("checkgrades")
    assert "1 released grades were reckoned again; none differs." in capsys.readouterr().out

    tampered(grade, total=D(1))

    with pytest.raises(CommandError, match="1 of 1 released grades differ"):
        call_command("checkgrades")
    assert Recomputation.objects.count() == 2


def test_many_grades_take_one_question(world, django_assert_num_queries):
    for _ in range(5):
        released(world, make.enrol(world.course, Role.STUDENT, section=world.section))

    with django_assert_num_queries(2):
        assert recompute().grades == 5
