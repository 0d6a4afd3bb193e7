"""Marks that were entered are computed a second time, too."""

from decimal import Decimal

import pytest

from assignments.services import create_entered
from grading.entered import selectors
from grading.entered.services import Entry, record_entered, release_entered
from grading.models import EnteredMark
from grading.services.recomputation import recompute

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def exam(world):
    exam = create_entered(course=world.course, title="Exam")
    entries = {world.student: Entry(D("80.25"), "", 0), world.classmate: Entry(None, "", 0, "deferred")}
    record_entered(target=exam, by=world.lecturer, entries=entries)
    return exam


def test_what_is_shown_is_counted_and_agrees(world, exam):
    assert recompute().grades == 0
    release_entered(target=exam, by=world.lecturer)
    seen = EnteredMark.objects.get(student=world.student).pk
    record_entered(target=exam, by=world.lecturer, entries={world.student: Entry(D(90), "", seen)})

    found = recompute()

    assert (found.grades, found.different) == (2, 0)


def test_a_figure_that_a_page_reads_otherwise_is_named(world, exam, monkeypatch):
    release_entered(target=exam, by=world.lecturer)
    right = selectors.grade_of_mark
    monkeypatch.setattr(selectors, "grade_of_mark", lambda mark: right(EnteredMark(percent=D(81), code=mark.code)))

    found = recompute()

    assert found.different == 2
    assert f"assignment {exam.pk}, student {world.student.pk}" in found.differences[0]
