"""Marking and releasing in the browser: what is refused, what is shown before it is saved."""

from datetime import timedelta

import pytest

from grading.models import Mark, Release, Run
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


def test_hidden_tests_and_marks_leak_nothing_before_release(client, world, submission):
    run = Run.objects.get(submission=submission)
    run.results.filter(grade_id="hidden_test").update(message="expected 42", score=0, status="failed")
    marked(client, world, submission)

    as_person(client, world.student)
    pages = [address_of(submission), NUMBERS, "/courses/dl/", "/courses/dl/grades/", "/courses/dl/assignments/"]
    seen = " ".join(text_of(client.get(page)) for page in pages)

    for secret in ("expected 42", "Well put.", "5.4", "manual)"):
        assert secret not in seen


def test_after_release_the_student_reads_the_whole_arithmetic(client, world, submission):
    marked(client, world, submission)
    as_person(client, world.lecturer).post(NUMBERS + "release/")

    as_person(client, world.student)
    page = text_of(client.get(address_of(submission)))

    assert "(3 auto + 3 manual) × 0.9, 2 h 14 min late = 5.4 of 6" in page
    assert "Well put." in page
    assert "5.4</strong> of 6" in text_of(client.get("/courses/dl/"))


def test_a_ta_marks_and_goes_on_to_the_next(client, world, submission):
    second = make.make_submission(world.assignment, world.classmate)
    make.run_of(second)
    as_person(client, world.ta)

    fields = {"points-analysis": "2.5", "comment-analysis": "Fine.", "next": "1"}
    answer = review(client, submission, **fields)
    onward = client.get(answer["Location"])

    assert onward["Location"] == address_of(second, "review/")
    assert Mark.objects.get().points == 2.5


def test_the_review_page_shows_what_was_written(client, world, submission):
    page = text_of(as_person(client, world.ta).get(address_of(submission, "review/")))

    assert '<div class="answer">Because.</div>' in page
    assert "2 h 14 min late, ×0.9" in page


def test_what_a_student_wrote_is_never_markup(client, world):
    made = make.make_submission(world.assignment, world.student)
    make.run_of(made, answers={"analysis": "<script>alert(1)</script>"})

    page = as_person(client, world.ta).get(address_of(made, "review/")).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"points-analysis": "4"}, "At most 3 points."),
        ({"points-analysis": "-1"}, "greater than or equal to 0"),
        ({"points-analysis": "many"}, "Enter a number."),
        ({"points-double_test": "0"}, "Say why, so that the student can read it."),
        ({"comment-analysis": "Good."}, "a comment alone is not saved"),
    ],
)
def test_an_impossible_mark_is_refused_at_its_field(client, world, submission, fields, says):
    as_person(client, world.ta)

    answer = review(client, submission, **fields)

    assert says in text_of(answer)
    assert not Mark.objects.exists()


def test_a_test_is_overridden_with_a_reason(client, world, submission):
    as_person(client, world.ta)

    review(client, submission, **{"points-double_test": "1", "comment-double_test": "Only by luck."})
    page = text_of(client.get(address_of(submission)))

    assert Mark.objects.get().grade_id == "double_test"
    assert "Only by luck." in page


def test_a_colleagues_newer_mark_is_shown_and_not_overwritten(client, world, submission):
    marked(client, world, submission, "2")
    as_person(client, world.lecturer)

    fields = {"seen": 0, "points-analysis": "1", "comment-analysis": "No."}
    answer = client.post(address_of(submission, "review/"), fields)

    assert answer.status_code == 409
    assert "Ta marked this in the meantime" in text_of(answer)
    assert 'value="2.000"' in text_of(answer) or 'value="2"' in text_of(answer)
    assert latest_marks(submission)["analysis"].points == 2


def test_empty_fields_are_no_mark(client, world, submission):
    marked(client, world, submission, points="", comment="")

    assert not Mark.objects.exists()


def test_a_mark_is_not_taken_back_by_emptying_its_field(client, world, submission):
    marked(client, world, submission)

    answer = review(client, submission, **{"points-analysis": "", "comment-analysis": "Well put."})

    assert "give other points instead" in text_of(answer)
    assert latest_marks(submission)["analysis"].points == 3


def test_an_override_keeps_its_reason(client, world, submission):
    as_person(client, world.ta)
    review(client, submission, **{"points-double_test": "1", "comment-double_test": "Only by luck."})

    answer = review(client, submission, **{"points-double_test": "0.5", "comment-double_test": ""})

    assert "Say why" in text_of(answer)
    assert latest_marks(submission)["double_test"].points == 1


def test_a_corrected_comment_can_be_released(client, world, submission):
    marked(client, world, submission, comment="Well put.")
    as_person(client, world.lecturer).post(NUMBERS + "release/")
    marked(client, world, submission, comment="Well put, and right.")
    as_person(client, world.lecturer)

    assert "Changed since release" in text_of(client.get(NUMBERS + "submissions/"))
    client.post(NUMBERS + "release/")

    assert "Well put, and right." in text_of(as_person(client, world.student).get(address_of(submission)))


def test_review_waits_for_the_tests(client, world):
    made = make.make_submission(world.assignment, world.student)

    assert "Not graded by the tests yet" in text_of(as_person(client, world.ta).get(address_of(made, "review/")))


def test_the_release_page_shows_what_will_be_shown(client, world, submission):
    other = make.make_submission(world.assignment, world.classmate)
    make.run_of(other)
    marked(client, world, submission)

    page = text_of(as_person(client, world.lecturer).get(NUMBERS + "release/"))

    assert "(3 auto + 3 manual) × 0.9, 2 h 14 min late = 5.4 of 6" in page
    assert "The 1 waiting are left out" in page


def test_releasing_nothing_says_so(client, world, submission):
    answer = as_person(client, world.lecturer).post(NUMBERS + "release/")

    assert "Nothing to release" in text_of(client.get(answer["Location"]))
    assert not Release.objects.exists()


def test_a_changed_grade_shows_what_was_shown_before(client, world, submission):
    marked(client, world, submission, "3")
    as_person(client, world.lecturer).post(NUMBERS + "release/")
    marked(client, world, submission, "1")

    as_person(client, world.lecturer)

    assert "(shown before: 5.4)" in text_of(client.get(NUMBERS + "release/"))
    assert "Changed since release" in text_of(client.get(NUMBERS + "submissions/"))


def test_a_refused_save_says_so_and_opens_what_must_be_mended(client, world, submission):
    as_person(client, world.ta)

    page = text_of(review(client, submission, **{"points-double_test": "1"}))

    assert "Not saved." in page
    assert '<details class="card" open>' in page


def test_saving_nothing_says_that_nothing_was_saved(client, world, submission):
    answer = marked(client, world, submission, points="", comment="")

    assert "Nothing new was entered for Student, so nothing was saved." in text_of(client.get(answer["Location"]))


def test_a_question_left_open_is_no_failed_test(client, world):
    submission = make.make_submission(world.assignment, world.student)
    make.run_of(submission, analysis="failed")

    page = text_of(as_person(client, world.student).get(address_of(submission)))

    assert "No answer" in page
    assert "Failed" not in page
