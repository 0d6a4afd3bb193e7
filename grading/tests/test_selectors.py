"""Reads of grades: one route for one and for many, and the same answer by both."""

from datetime import timedelta
from typing import Any

import pytest

from assignments.models import PutBackVersion
from assignments.selectors import assignments_of, current_notebook, histories, history_of
from courses.models import Role
from courses.policy.lateness import LateRule
from courses.services import create_late_policy
from gradebook.models import Component
from gradebook.policy.tree import Optional
from gradebook.standings.selectors import current_components, gradebook, tree_of
from grading.models import Run
from grading.selectors.grades import grades_of, item_of
from grading.selectors.queues import check_of, queue_state, written_answers
from grading.services import runs
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_one_and_many_agree(world):
    first = make.make_submission(world.assignment, world.student, late=timedelta(hours=2))
    make.run_of(first)
    make.make_submission(world.assignment, world.classmate)

    many: Any = grades_of([world.assignment], [world.student, world.classmate])[world.assignment.pk, world.student.pk]
    one: Any = item_of(first)

    assert many.grade == one.grade
    assert many.run == one.run
    assert [r.pk for r in many.results] == [r.pk for r in one.results]


@pytest.mark.parametrize(
    ("prepare", "state"),
    [
        (lambda s: None, "queued"),
        (lambda s: runs.queue_submission(submission=s), "queued"),
        (lambda s: runs.claim_run(run_id=runs.queue_submission(submission=s).pk), "running"),
        (make.run_of, "review"),
        (lambda s: make.run_of(s, analysis="failed"), "ready"),
    ],
)
def test_states_of_a_submission(world, prepare, state):
    submission = make.make_submission(world.assignment, world.student)

    prepare(submission)

    assert item_of(submission).state == state


def test_nothing_handed_in_is_missing(world):
    item = grades_of([world.assignment], [world.student])[world.assignment.pk, world.student.pk]

    assert (item.state, item.grade, item.run) == ("missing", None, None)
    assert item.history.late_by == timedelta()
    assert item.history.factor == 1


def test_a_run_that_waits_does_not_hide_a_finished_one(world):
    submission = make.make_submission(world.assignment, world.student)
    done = make.run_of(submission)
    runs.queue_again(submission=submission)

    assert item_of(submission).run == done


def test_the_newest_finished_run_counts(world):
    submission = make.make_submission(world.assignment, world.student)
    make.run_of(submission, double="0")
    newer = make.run_of(submission)

    assert item_of(submission).run == newer
    assert item_of(submission).grade.auto == 3


def test_an_old_version_has_its_own_lateness(world):
    old = make.make_submission(world.assignment, world.student, late=timedelta(hours=-1))
    new = make.make_submission(world.assignment, world.student, late=timedelta(hours=30))

    assert item_of(old).history.factor == 1
    assert str(item_of(new).history.factor) == "0.7"
    assert history_of(world.assignment, world.student).counting == new


def test_putting_back_is_seen_by_both_routes(world):
    old = make.make_submission(world.assignment, world.student, late=timedelta(hours=-1))
    make.make_submission(world.assignment, world.student, late=timedelta(hours=1))
    later = make.DUE + timedelta(hours=2)
    PutBackVersion.objects.create(submission=old, put_back_by=world.student, put_back_at=later)

    found = histories([world.assignment], [world.student, world.classmate])

    assert found[world.assignment.pk, world.student.pk].counting == old
    assert found[world.assignment.pk, world.classmate.pk].counting is None


def test_histories_of_nobody_are_none(world):
    assert histories([], [world.student]) == {}
    assert histories([world.assignment], []) == {}


def test_a_new_late_rule_holds_at_once(world):
    make.make_submission(world.assignment, world.student, late=timedelta(hours=30))

    create_late_policy(course=world.course, rule=LateRule())

    history = history_of(world.assignment, world.student)
    assert history.factor == 1
    assert history.late_by == timedelta(hours=30)


def test_assignments_know_their_points_from_the_latest_notebook(world):
    bare = make.make_assignment(world.course, "bare")
    newer = make.make_notebook(world.assignment, world.lecturer)
    newer.max_points = 9
    newer.save()

    listed: Any = assignments_of(world.course)
    points = {a.slug: a.max_points for a in listed}

    assert points == {"numbers": 9, "bare": None}
    assert current_notebook(world.assignment) == newer
    assert current_notebook(bare) is None


def test_the_scheme_becomes_a_tree(world):
    make.make_scheme(world.course, world.assignment)

    tree = tree_of(current_components(world.course))

    assert [child.optional for child in tree.children] == [Optional.REDISTRIBUTE, Optional.NO]
    assert tree.children[0].children[0].weight == 100


def test_the_newest_scheme_holds(world):
    make.make_scheme(world.course, world.assignment)
    newer = make.make_scheme(world.course, world.assignment)

    assert {c.scheme_id for c in current_components(world.course)} == {newer.pk}


def test_no_scheme_is_no_tree(world):
    assert tree_of(current_components(world.course)) is None
    assert tree_of([]) is None


def test_a_scheme_without_leaves_is_an_empty_gradebook(world):
    scheme = world.course.schemes.create(version=1)
    Component.objects.create(scheme=scheme, kind="group", name="Course", weight=100)

    assert gradebook(world.lecturer, [world.student]).columns == []


def test_handing_in_takes_up_the_optional_part(world):
    make.make_scheme(world.course, world.assignment)
    absent = gradebook(world.student, [world.student]).rows[0].standing
    make.make_submission(world.assignment, world.student)
    present = gradebook(world.student, [world.student]).rows[0].standing

    assert (absent.lowest, absent.highest) == (0, 100)
    assert (present.lowest, present.highest) == (0, 100)


def test_answers_are_read_from_the_run(world):
    submission = make.make_submission(world.assignment, world.student)
    run = make.run_of(submission)

    assert written_answers(run) == {"analysis": "Because."}
    assert written_answers(None) == {}


def test_the_newest_check_of_a_notebook_is_shown(world):
    first = runs.queue_check(notebook=world.notebook)
    second = runs.queue_check(notebook=world.notebook)

    assert check_of(world.notebook.pk) == second != first


def test_the_queue_counts_and_names_the_oldest(world):
    run = runs.queue_submission(submission=make.make_submission(world.assignment, world.student))
    done = make.make_submission(world.assignment, world.classmate)
    make.run_of(done)

    state = queue_state()

    assert (state.waiting, state.running, state.failed, state.oldest) == (1, 0, 0, run.queued_at)
    assert Run.objects.count() == 2


def test_an_empty_queue_is_never_stuck(db):
    assert not queue_state().is_stuck


def test_who_left_stays_out_of_lists_and_keeps_the_work(world, client):
    submission = make.make_submission(world.assignment, world.student)
    make.run_of(submission)
    world.student.left_at = make.DUE
    world.student.save()
    client.force_login(world.lecturer.user)

    page = client.get("/courses/dl/assignments/numbers/submissions/").content.decode()

    assert "Student" not in page.split("<tbody>")[1].split("</tbody>")[0].replace("Student</th>", "")
    assert submission.student.role == Role.STUDENT
    assert item_of(submission).grade is not None
