"""Marks that were entered are computed a second time, too."""

from decimal import Decimal

import pytest

from assignments.services import create_entered
from grading.models import ReleasedGrade
from grading.services.recomputation import recompute
from grading.tests.test_recomputation import tampered
from tests import entered

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def exam(world):
    exam = create_entered(course=world.course, title="Exam")
    entered.enter(exam, world.lecturer, world.student, D("80.2525"))
    entered.enter(exam, world.lecturer, world.classmate, "deferred")
    return exam


def test_what_is_shown_is_counted_and_agrees(world, exam):
    assert recompute().grades == 0
    entered.release(exam, world.lecturer)
    entered.enter(exam, world.lecturer, world.student, 90)

    found = recompute()

    assert (found.grades, found.different) == (2, 0)


def test_words_absent_and_taken_back_agree(world, exam):
    entered.release(exam, world.lecturer)
    entered.enter(exam, world.lecturer, world.student, "absent")
    entered.enter(exam, world.lecturer, world.classmate, 70)
    entered.release(exam, world.lecturer)
    entered.enter(exam, world.lecturer, world.student, None)
    entered.release(exam, world.lecturer)

    found = recompute()

    assert (found.grades, found.different) == (4, 0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"manual": 81, "total": 81}, "the marks that stood then do not sum"),
        ({"code": "exempt"}, "another word stands in place of it"),
    ],
)
def test_a_figure_that_the_facts_do_not_come_to_is_named(world, exam, change, said):
    entered.release(exam, world.lecturer)
    shown = ReleasedGrade.objects.get(student=world.student)
    tampered(shown, **change)

    found = recompute()

    assert found.different == 1
    assert said in found.differences[0]
    assert f"Released grade {shown.pk}" in found.differences[0]
