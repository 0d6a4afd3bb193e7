"""What people do at the same moment around the desk, on PostgreSQL: each thing once, nothing lost, nobody stuck."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from assignments.models import Assignment
from courses.models import OutgoingMail, Role
from gradebook.standings.selectors import gradebook
from gradebook.table.headers import record_headers
from grading.entered.services import EnteringRefused, Entry, record_entered, undo_last_batch
from grading.marking import services as marking
from grading.models import (
    Conflict,
    Hold,
    Mark,
    Marking,
    PlannedRelease,
    Release,
    ReleasedGrade,
    Review,
    Ruling,
    SecondMark,
    SecondReview,
    SimilarityReport,
    Withdrawal,
)
from grading.services import releases, runs
from grading.services.marks import AlreadySavedError, MarkRefused, NewMark, record_marks
from grading.services.reviews import Press, claim_next, open_review, refresh_all, refresh_reviews
from grading.services.rubrics import add_item
from grading.services.rulings import rule
from grading.similarity import services as similarity
from tests import factories as make
from tests.test_concurrency import MANY, at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
THREE = {"analysis": Decimal(3)}


@pytest.fixture(autouse=True)
def _no_bell(monkeypatch):
    """The bell would ring for nobody."""
    monkeypatch.setattr("grading.nudge._send", lambda *_, **__: None)


@pytest.fixture
def work(world):
    return make.work_that_waits(world, 10)


@pytest.fixture
def graders(world):
    return [make.enrol(world.course, Role.TA, section=world.section) for _ in range(MANY)]


def mark(submission, by, points=2, *, key=None, seen=0):
    new = {"analysis": NewMark(Decimal(points), "")}
    return record_marks(submission=submission, by=by, marks=new, maxima=THREE, seen=seen, press=key and Press(key))


def test_many_graders_are_each_given_something_else(world, work, graders):
    results = at_once(*[lambda g=g: claim_next(assignment=world.assignment, by=g) for g in graders])

    assert len({review.student_id for review in results}) == MANY
    assert Review.objects.filter(holder__isnull=False).count() == MANY


def test_more_graders_than_work_leaves_some_without(world, graders):
    submission = make.make_submission(world.assignment, world.student)
    make.run_of(submission)

    results = at_once(*[lambda g=g: claim_next(assignment=world.assignment, by=g) for g in graders])

    assert sum(review is not None for review in results) == 1


def test_one_press_sent_many_times_at_once_is_one(world, work):
    key = uuid4()

    results = at_once(*[lambda: mark(work[0], world.ta, key=key)] * MANY)

    assert sum(isinstance(r, AlreadySavedError) for r in results) == MANY - 1
    assert (Mark.objects.count(), Marking.objects.count()) == (1, 1)


def test_two_graders_on_one_piece_the_second_is_refused(world, work, graders):
    results = at_once(*[lambda g=g: mark(work[0], g, key=uuid4()) for g in graders])

    assert sum(isinstance(r, MarkRefused) for r in results) == MANY - 1
    assert Mark.objects.count() == 1
    assert not Review.objects.get(student=work[0].student).waits


def test_opening_at_once_makes_one_row_with_one_holder(world, graders):
    submission = make.make_submission(world.assignment, world.student)

    results = at_once(*[lambda g=g: open_review(submission=submission, by=g) for g in graders])

    assert len({review.holder_id for review in results}) == 1
    assert Review.objects.count() == 1


def test_deriving_while_people_mark_ends_with_the_truth(world, work):
    actions: list[Callable[..., object]] = [lambda s=s: mark(s, world.ta) for s in work[:4]]
    students = [submission.student for submission in work]
    actions += [lambda: refresh_all(world.assignment), lambda: refresh_reviews(world.assignment, students)] * 2

    results = at_once(*actions)

    assert [r for r in results if isinstance(r, Exception)] == []
    assert Review.objects.filter(waits=True).count() == 6


def test_a_run_that_ends_while_somebody_marks_ends_with_the_truth(world, work):
    again = runs.queue_again(submission=work[0])
    attempt = runs.claim_run(run_id=again.pk)

    results = at_once(
        lambda: runs.record_report(run_id=again.pk, attempt=attempt, report=make.report()),
        lambda: mark(work[0], world.ta),
    )

    assert [r for r in results if isinstance(r, Exception)] == []
    assert not Review.objects.get(student=work[0].student).waits


def test_sharing_out_twice_at_once_gives_each_piece_to_one(world, work, graders):
    results = at_once(
        *[lambda: marking.share_out_work(assignment=world.assignment, graders=graders)] * 3,
    )

    assert [r for r in results if isinstance(r, Exception)] == []
    assert Review.objects.filter(share_of=None).count() == 0
    assert sum(sum(given.values()) for given in results) == len(work)


def test_a_sample_drawn_twice_at_once_is_drawn_once(world, work, graders):
    for submission in work:
        mark(submission, world.ta)
    drawn = {"assignment": world.assignment, "percent": 50, "graders": graders, "by": world.lecturer}

    results = at_once(*[lambda: marking.draw_sample(**drawn)] * MANY)

    assert [r for r in results if isinstance(r, Exception)] == []
    assert SecondReview.objects.count() == 5


def test_a_plan_made_twice_at_once_is_one(world, work):
    plan = {"assignment": world.assignment, "section": None, "due_at": timezone.now() + timedelta(hours=1)}

    results = at_once(*[lambda: releases.plan_release(**plan, by=world.lecturer)] * MANY)

    assert len({made.pk for made in results}) == 1


def test_columns_named_twice_at_once_are_named_once(world):
    make.make_scheme(world.course, world.assignment)
    columns = gradebook(world.lecturer, []).columns
    sent = {f"canvas-{column.assignment_pk}": "Called" for column in columns}

    results = at_once(*[lambda: record_headers(course=world.course, columns=columns, sent=sent)] * MANY)

    assert results == [2] * MANY


def test_rubrics_marks_and_rulings_at_once_never_wait_for_each_other_in_a_ring(world, work):
    """With locks that forbid even a reference to the row, these three made a ring."""
    ruled = {"assignment": world.assignment, "by": world.lecturer, "reason": "x", "points": None}
    actions: list[Callable[..., object]] = []
    for number, submission in enumerate(work):
        student = submission.student
        fields = {"assignment": world.assignment, "grade_id": "analysis", "points": Decimal(1)}
        actions.append(lambda n=number, f=fields: add_item(**f, text=f"Item {n}"))
        actions.append(lambda s=submission: mark(s, world.ta, key=uuid4()))
        actions.append(lambda s=student: rule(**ruled, student=s, code="deferred"))

    results = at_once(*actions)

    assert [r for r in results if isinstance(r, Exception)] == []


def test_a_conflict_stated_twice_at_once_is_stated_once(world, work):
    stated = {"marker": world.ta, "student": world.student, "reason": "x", "by": world.lecturer}

    results = at_once(*[lambda: marking.state_conflict(**stated)] * MANY)

    assert [r for r in results if isinstance(r, Exception)] == []
    assert Conflict.objects.count() == 1


def test_a_second_mark_sent_twice_at_once_is_one(world, work, graders):
    review = SecondReview.objects.create(submission=work[0], marker=graders[0], drawn_by=world.lecturer)

    at_once(*[lambda: marking.record_second(review=review, points={"analysis": (Decimal(1), "")})] * MANY)

    assert SecondMark.objects.count() == 1


def test_a_plan_is_carried_out_once_however_many_sweep(world, work):
    mark(work[0], world.ta)
    soon = timezone.now() + timedelta(hours=1)
    releases.plan_release(assignment=world.assignment, section=None, due_at=soon, by=world.lecturer)

    at_once(*[lambda: releases.release_what_is_due(now=soon)] * MANY)

    assert (Release.objects.count(), ReleasedGrade.objects.count()) == (1, 1)
    assert PlannedRelease.objects.get().released == 1


def test_taking_back_and_releasing_at_once_happen_one_after_the_other(world, work):
    mark(work[0], world.ta)
    make.release_of(work[0], world.lecturer)
    mark(work[1], world.ta)
    students = [submission.student for submission in work]

    results = at_once(
        lambda: releases.withdraw_release(assignment=world.assignment, by=world.lecturer, reason="x"),
        lambda: releases.release_grades(assignment=world.assignment, by=world.lecturer, students=students),
    )

    assert [r for r in results if isinstance(r, Exception)] == []
    assert Withdrawal.objects.count() == 1


def test_holding_twice_at_once_is_one_hold(world, work):
    held = {"assignment": world.assignment, "student": world.student, "by": world.lecturer, "reason": "x"}

    results = at_once(*[lambda: releases.hold_back(**held)] * MANY)

    assert [r for r in results if isinstance(r, Exception)] == []
    assert Hold.objects.count() == 1


def test_a_ruling_sent_twice_at_once_is_one_with_one_mail(world, work):
    before = OutgoingMail.objects.count()
    ruled = {"assignment": world.assignment, "student": world.student, "by": world.lecturer, "reason": "x"}

    results = at_once(*[lambda: rule(**ruled, points=None, code="exempt")] * MANY)

    assert [r for r in results if isinstance(r, Exception)] == []
    assert (Ruling.objects.count(), OutgoingMail.objects.count()) == (1, before + 1)


def test_undoing_twice_at_once_undoes_once(world):
    make.make_scheme(world.course, world.assignment)
    exam = Assignment.objects.get(title="Exam")
    entries = {world.student: Entry(Decimal(50), "", 0)}
    record_entered(target=exam, by=world.lecturer, entries=entries)

    results = at_once(*[lambda: undo_last_batch(target=exam, by=world.lecturer)] * MANY)

    assert sum(r == 1 for r in results) == 1
    assert sum(isinstance(r, EnteringRefused) for r in results) == MANY - 1
    assert Mark.objects.filter(submission__assignment=exam).count() == 2


def test_asking_for_a_comparison_at_once_is_one(world):
    results = at_once(*[lambda: similarity.ask_for_comparison(assignment=world.assignment, by=world.lecturer)] * MANY)

    assert len({report.pk for report in results}) == 1
    assert SimilarityReport.objects.count() == 1


def test_many_workers_compare_once(world, work):
    report = similarity.ask_for_comparison(assignment=world.assignment, by=world.lecturer)

    at_once(*[lambda: similarity.compare_notebooks(report_id=report.pk)] * 3)

    report.refresh_from_db()
    assert (report.state, report.attempt) == ("done", 1)
