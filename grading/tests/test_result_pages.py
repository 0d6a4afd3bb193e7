"""What people read of results, standing and operations; what is never shown early."""

from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from assignments.models import PutBackVersion
from grading.models import Run, Worker
from grading.services import runs
from grading.services.marks import latest_marks
from tests import factories as make
from tests.pages import NUMBERS, address_of, as_person, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def submission(world):
    made = make.make_submission(world.assignment, world.student, late=timedelta(hours=2, minutes=14))
    make.run_of(made)
    return made


def review(client, submission, **fields):
    seen = max((mark.pk for mark in latest_marks(submission).values()), default=0)
    return client.post(address_of(submission, "review/"), {"seen": seen, **fields})


def marked(client, world, submission, points="3", comment="Well put."):
    as_person(client, world.ta)
    return review(client, submission, **{"points-analysis": points, "comment-analysis": comment})


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("queued", "Queued since"),
        ("running", "Running since"),
        ("failed", "Our grader failed three times"),
        ("done", "2 of 2 points, 4 more after release"),
    ],
)
def test_the_student_watches_the_run(client, world, state, says):
    made = make.make_submission(world.assignment, world.student)
    run = runs.queue_submission(submission=made)
    if state == "done":
        make.run_of(made)
    elif state == "running":
        runs.claim_run(run_id=run.pk)
    elif state == "failed":
        for attempt in (1, 2, 3):
            runs.claim_run(run_id=run.pk)
            runs.give_back(run_id=run.pk, attempt=attempt, reason="x")

    page = text_of(as_person(client, world.student).get(address_of(made)))

    assert says in page
    assert ("hx-trigger" in page) is (state in ("queued", "running"))


def test_the_polled_answer_is_a_fragment(client, world, submission):
    answer = as_person(client, world.student).get(address_of(submission), headers={"HX-Request": "true"})

    page = text_of(answer)
    assert page.startswith('<div id="status"')
    assert "<html" not in page
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("verdict", "says"),
    [
        ("timed_out", "It ran too long."),
        ("out_of_memory", "It ran out of memory."),
        ("too_much_output", "It printed too much."),
        ("crashed", "It crashed."),
        ("unreadable", "It could not be graded."),
    ],
)
def test_each_verdict_has_its_words(client, world, verdict, says):
    made = make.make_submission(world.assignment, world.student)
    make.run_of(made, verdict=verdict, message="This cell ran longer than 60 seconds and was stopped.")

    page = text_of(as_person(client, world.student).get(address_of(made)))

    assert says in page
    assert "What was scored before that stands." in page


def test_staff_run_the_tests_again(client, world, submission):
    as_person(client, world.ta)

    first = client.post(address_of(submission, "run/"))
    again = client.post(address_of(submission, "run/"))

    assert Run.objects.filter(submission=submission, state="queued").count() == 1
    assert first["Location"] == again["Location"] == address_of(submission)
    assert "It is already waiting or running." in text_of(client.get(address_of(submission)))


def test_a_new_run_that_waits_does_not_hide_what_the_last_one_found(client, world, submission):
    runs.queue_again(submission=submission)

    page = text_of(as_person(client, world.student).get(address_of(submission)))

    assert "2 of 2 points" in page


def test_the_student_puts_the_previous_version_back(client, world):
    first = make.make_submission(world.assignment, world.student, late=timedelta(hours=-9))
    second = make.make_submission(world.assignment, world.student)
    moment = second.received_at + timedelta(minutes=5)

    as_person(client, world.student)
    with (
        mock.patch("courses.middleware.timezone.now", return_value=moment),
        mock.patch("grading.views.timezone.now", return_value=moment),
    ):
        assert "Put it back" in text_of(client.get(address_of(second)))
        client.post(address_of(first, "put-back/"))

    assert PutBackVersion.objects.get().submission == first
    page = text_of(client.get(address_of(second)))
    assert "Version 1 counts, not this one." in page


def test_putting_back_too_late_is_refused_with_a_sentence(client, world):
    first = make.make_submission(world.assignment, world.student, late=timedelta(hours=-9))
    make.make_submission(world.assignment, world.student)
    as_person(client, world.student)

    answer = client.post(address_of(first, "put-back/"))

    assert "within 30 minutes" in text_of(client.get(answer["Location"]))
    assert not PutBackVersion.objects.exists()


def test_staff_put_back_with_a_reason(client, world):
    first = make.make_submission(world.assignment, world.student, late=timedelta(hours=-9))
    make.make_submission(world.assignment, world.student)
    as_person(client, world.ta)

    refused = client.post(address_of(first, "put-back/"), {"reason": " "})
    assert "Give a reason" in text_of(client.get(refused["Location"]))
    client.post(address_of(first, "put-back/"), {"reason": "Wrong file uploaded"})

    assert PutBackVersion.objects.get().reason == "Wrong file uploaded"


def test_the_submission_list_shows_each_state(client, world, submission):
    waiting = make.enrol(world.course, section=world.section)
    runs.queue_submission(submission=make.make_submission(world.assignment, waiting))

    page = text_of(as_person(client, world.ta).get(NUMBERS + "submissions/"))

    assert "2 of 3 handed in, 1 to review" in page
    for word in ("To review", "Queued", "Not handed in", "2 h 14 min · ×0.9", "2.7 of 6"):
        assert word in page


def test_a_ta_without_students_reads_why_the_list_is_empty(client, world):
    page = text_of(as_person(client, world.other_ta).get(NUMBERS + "submissions/"))

    assert "No students in your sections" in page


def test_the_gradebook_shows_weights_and_never_a_bare_percentage(client, world, submission):
    make.make_scheme(world.course, world.assignment)
    marked(client, world, submission)

    page = text_of(as_person(client, world.lecturer).get("/courses/dl/gradebook/"))

    assert "20 %" in page
    assert "80 %" in page
    assert "Still possible" in page
    assert "18–98" in page


def test_a_course_without_grades_looks_right(client, world):
    for person, page, says in (
        (world.lecturer, "/courses/dl/gradebook/", "This course has no graded component"),
        (world.student, "/courses/dl/grades/", "This course has no graded component"),
        (world.student, "/courses/dl/project/", "This course has no project"),
    ):
        text = text_of(as_person(client, person).get(page))
        assert says in text
        assert "NaN" not in text
    assert "Earned so far" not in text_of(as_person(client, world.student).get("/courses/dl/"))


def test_the_standing_page_explains_optional_assignments(client, world):
    make.make_scheme(world.course, world.assignment)

    page = text_of(as_person(client, world.student).get("/courses/dl/grades/"))

    assert "If you hand in none of it, you are judged on the rest alone" in page
    assert "0–100" in page


def test_staff_are_told_when_grading_stands_still(client, world):
    runs.queue_submission(submission=make.make_submission(world.assignment, world.student))
    as_person(client, world.ta)
    assert "Grading stands still" in text_of(client.get("/courses/dl/"))

    Worker.objects.create(name="host", seen_at=timezone.now(), tier="B", is_closed=True)

    assert "Grading stands still" not in text_of(client.get("/courses/dl/"))


def test_the_operations_page_shows_every_wall(client, world):
    walls = {"network_is_unreachable": True, "no_capabilities": False}
    Worker.objects.create(name="host", seen_at=timezone.now(), tier="B", is_closed=False, walls=walls)

    page = text_of(as_person(client, world.lecturer).get("/operations/"))

    assert "Sandbox open: grades nothing" in page
    assert "network is unreachable" in page
    assert "<strong>open</strong>" in page


def test_the_operations_page_without_workers_says_that_work_is_safe(client, world):
    page = text_of(as_person(client, world.lecturer).get("/operations/"))

    assert "No worker has been heard of" in page


CHECK = {
    "verdict": "", "ok": False, "max_score": "6", "seconds": 1.2, "errors": ["double_test: does not pass"],
    "warnings": ["weak: an untouched notebook earns 2 of 2 here."],
    "cells": [{"grade_id": "double_test", "reference": "failed", "untouched": "failed", "points": "2"}],
}  # fmt: skip


def test_the_check_page_waits_then_shows_errors_and_warnings(client, world):
    run = runs.queue_check(notebook=world.notebook)
    as_person(client, world.lecturer)
    assert "are being run" in text_of(client.get(NUMBERS + "notebook/check/"))

    attempt = runs.claim_run(run_id=run.pk)
    runs.record_report(run_id=run.pk, attempt=attempt, report=CHECK)
    page = text_of(client.get(NUMBERS + "notebook/check/"))

    assert "Mend this before students start." in page
    assert "double_test: does not pass" in page
    assert "an untouched notebook earns" in page


def test_the_check_page_is_404_without_a_notebook(client, world):
    make.make_assignment(world.course, "bare")

    assert as_person(client, world.lecturer).get("/courses/dl/assignments/bare/notebook/check/").status_code == 404


def test_the_staff_home_counts_states(client, world, submission):
    page = text_of(as_person(client, world.ta).get("/courses/dl/"))

    assert "Handed in: 1 of 2" in page
    assert "1 to review" in page
    assert "your sections" in page


def test_staff_read_what_the_grader_noticed_and_students_do_not(client, world):
    submission = make.make_submission(world.assignment, world.student)
    flags = [{"kind": "test_cell_changed", "grade_id": "double_test", "detail": "The tests were changed."}]
    make.run_of(submission, flags=flags, checks={"reproducible": "14/16", "in_order": False, "has_analysis": True})

    staff = text_of(as_person(client, world.ta).get(address_of(submission)))
    student = text_of(as_person(client, world.student).get(address_of(submission)))

    assert "The tests were changed." in staff
    assert "14/16" in staff
    assert "not run in order" in staff
    assert "The tests were changed." not in student


def test_a_run_that_failed_after_a_good_one_says_so_and_keeps_the_results(client, world):
    submission = make.make_submission(world.assignment, world.student)
    make.run_of(submission)
    again = runs.queue_again(submission=submission)
    for attempt in (1, 2, 3):
        runs.claim_run(run_id=again.pk)
        runs.give_back(run_id=again.pk, attempt=attempt, reason="x")

    page = text_of(as_person(client, world.student).get(address_of(submission)))

    assert "Our grader failed three times" in page
    assert "2 of 2 points" in page
