"""Marks are appended, releases freeze, and the gate lets nothing through early."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, InternalError, OperationalError, transaction

from courses.models import OutgoingMail
from gradebook.models import Component, Scheme
from gradebook.standings.selectors import gradebook
from grading.models import Mark, Release, ReleasedGrade
from grading.selectors.grades import grades_of, item_of
from grading.services.marks import MarkRefused, NewMark, latest_marks, record_marks
from grading.services.releases import NothingToRelease, release_grades
from grading.visibility import shown_total, visible_result
from tests import factories as make

pytestmark = pytest.mark.django_db
MAXIMA = {"double_test": Decimal(2), "hidden_test": Decimal(1), "analysis": Decimal(3)}


@pytest.fixture
def submission(world):
    made = make.make_submission(world.assignment, world.student, late=timedelta(hours=2, minutes=14))
    make.run_of(made)
    return made


def mark(submission, by, points="3", comment="Clear.", *, seen=None, grade_id="analysis"):
    """As if the page had just been opened, unless `seen` says what it had."""
    marks = {grade_id: NewMark(Decimal(points), comment)}
    if seen is None:
        seen = max((each.pk for each in latest_marks(submission).values()), default=0)
    return record_marks(submission=submission, by=by, marks=marks, maxima=MAXIMA, seen=seen)


def release(world):
    return release_grades(assignment=world.assignment, by=world.lecturer, students=[world.student, world.classmate])


def test_marks_are_appended_and_the_latest_counts(world, submission):
    mark(submission, world.ta, "2")
    mark(submission, world.ta, "3")

    assert Mark.objects.count() == 2
    assert latest_marks(submission)["analysis"].points == 3


def test_saving_what_already_holds_writes_nothing(world, submission):
    mark(submission, world.ta)

    assert mark(submission, world.ta) == []
    assert Mark.objects.count() == 1


def test_a_newer_mark_of_somebody_else_is_never_overwritten(world, submission):
    mark(submission, world.ta, "2")

    with pytest.raises(MarkRefused, match="marked this in the meantime"):
        mark(submission, world.lecturer, "1", seen=0)

    assert latest_marks(submission)["analysis"].points == 2
    mark(submission, world.lecturer, "1", seen=latest_marks(submission)["analysis"].pk)
    assert latest_marks(submission)["analysis"].points == 1


@pytest.mark.parametrize("points", ["3.5", "-1"])
def test_marks_outside_their_points_are_refused_whole(world, submission, points):
    with pytest.raises(MarkRefused, match="between 0 and 3"):
        mark(submission, world.ta, points)

    assert not Mark.objects.exists()


def test_the_grade_carries_its_whole_arithmetic(world, submission):
    mark(submission, world.ta, "3")

    assert item_of(submission).grade.sentence == "(3 auto + 3 manual) × 0.9, 2 h 14 min late = 5.4 of 6"


def test_release_freezes_mails_and_counts_once(world, submission):
    mark(submission, world.ta)

    made = release(world)

    frozen = ReleasedGrade.objects.get(release=made)
    assert (frozen.total, frozen.factor, frozen.late_seconds) == (Decimal("5.4"), Decimal("0.9"), 8040)
    assert made.late_policy.version == 1
    assert "5.4 of 6" in OutgoingMail.objects.get(subject__startswith="Grade released").body
    with pytest.raises(NothingToRelease):
        release(world)


def test_incomplete_grades_are_not_released(world, submission):
    with pytest.raises(NothingToRelease):
        release(world)


def rows_for(viewer, submission):
    return [(row.grade_id, row.status, row.score) for row in visible_result(viewer, item_of(submission)).rows]


def test_before_release_a_student_sees_visible_tests_only(world, submission):
    mark(submission, world.ta)
    result = visible_result(world.student, item_of(submission))

    assert rows_for(world.student, submission) == [
        ("double_test", "passed", 2), ("hidden_test", "withheld", None), ("analysis", "withheld", None),
    ]  # fmt: skip
    assert (result.sentence, result.withheld, result.score, result.points) == ("", 4, 2, 2)
    assert "Clear." not in repr(result.rows)
    assert shown_total(world.student, item_of(submission)) is None


def test_staff_see_everything_at_once(world, submission):
    mark(submission, world.ta)

    assert rows_for(world.ta, submission)[1:] == [("hidden_test", "passed", 1), ("analysis", "marked", 3)]
    assert shown_total(world.ta, item_of(submission)) == (Decimal("5.4"), 6)


def test_after_release_a_student_sees_what_was_frozen_and_no_later_mark(world, submission):
    mark(submission, world.ta, "3")
    release(world)
    mark(submission, world.ta, "0", "No.")

    shown = visible_result(world.student, item_of(submission))

    assert rows_for(world.student, submission)[2] == ("analysis", "marked", 3)
    assert shown.rows[2].comment == "Clear."
    assert shown.sentence.endswith("= 5.4 of 6")
    assert item_of(submission).state == "changed"


def test_releasing_a_change_shows_the_new_grade(world, submission):
    mark(submission, world.ta, "3")
    release(world)
    mark(submission, world.ta, "1")

    release(world)

    assert visible_result(world.student, item_of(submission)).sentence.endswith("= 3.6 of 6")
    assert Release.objects.count() == 2


def test_a_new_version_needs_grading_again_and_never_changes_what_was_shown(world, submission):
    mark(submission, world.ta)
    release(world)
    newer = make.make_submission(world.assignment, world.student, late=timedelta(hours=30))
    make.run_of(newer, double="0")

    item = grades_of([world.assignment], [world.student])[world.assignment.pk, world.student.pk]

    assert item.state == "review"
    assert shown_total(world.student, item) == (Decimal("5.4"), 6)
    assert visible_result(world.student, item_of(submission)).sentence.endswith("= 5.4 of 6")
    assert visible_result(world.student, item_of(newer)).sentence == ""


def test_gradebook_shows_shares_and_three_numbers(world, submission):
    mark(submission, world.ta)
    make.make_scheme(world.course, world.assignment)

    staff_book = gradebook(world.lecturer, [world.student])
    before = gradebook(world.student, [world.student])
    release(world)
    after = gradebook(world.student, [world.student])

    assert [(c.component.name, c.share) for c in staff_book.columns] == [("Numbers", 20), ("Exam", 80)]
    assert staff_book.rows[0].standing.earned == 18
    assert (before.rows[0].standing.earned, before.rows[0].standing.average) == (0, None)
    assert (after.rows[0].standing.earned, after.rows[0].standing.average) == (18, 90)
    assert (after.rows[0].standing.lowest, after.rows[0].standing.highest) == (18, 98)


def test_a_course_without_a_graded_component_has_an_empty_gradebook(world):
    assert gradebook(world.lecturer, [world.student]).columns == []


@pytest.mark.parametrize(
    "change", [lambda: Mark.objects.update(points=0), lambda: ReleasedGrade.objects.update(total=0)]
)
def test_marks_and_released_grades_are_never_edited(world, submission, change):
    mark(submission, world.ta)
    release(world)

    with pytest.raises((IntegrityError, InternalError, OperationalError)), transaction.atomic():
        change()


@pytest.mark.parametrize(
    "broken",
    [
        lambda w, s: Mark.objects.create(submission=s, grade_id="a", points=-1, marker=w.ta),
        lambda w, s: Scheme.objects.create(course=w.course, version=1),
        lambda w, s: Component.objects.create(scheme=w.course.schemes.get(), kind="assignment", name="x", weight=1),
        lambda w, s: Component.objects.create(scheme=w.course.schemes.get(), kind="stage", name="x", weight=1),
        lambda w, s: Component.objects.create(scheme=w.course.schemes.get(), kind="group", name="x", weight=101),
        lambda w, s: Component.objects.create(scheme=w.course.schemes.get(), kind="dream", name="x", weight=1),
        lambda w, s: Component.objects.create(
            scheme=w.course.schemes.get(), kind="group", name="x", weight=1, assignment=w.assignment
        ),
    ],
)
def test_the_database_refuses(world, submission, broken):
    make.make_scheme(world.course, world.assignment)

    with pytest.raises(IntegrityError), transaction.atomic():
        broken(world, submission)
