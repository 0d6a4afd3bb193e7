"""Marking one cell of everybody: the queue, the desk and what is saved know of that cell alone."""

from decimal import Decimal

import pytest

from grading.models import Mark, TestResult
from grading.services.marks import NewMark, record_marks
from grading.services.reviews import claim_next
from tests import factories as make
from tests.pages import NUMBERS, address_of, as_person, text_of, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def work(world):
    """Three students with two cells that wait: analysis and proof."""
    people = [world.student, world.classmate, make.enrol(world.course, section=world.section)]
    made = [make.make_submission(world.assignment, student) for student in people]
    for submission in made:
        run = make.run_of(submission)
        waits = {"status": "needs_review", "points": 4, "by_hand": True, "position": 9}
        TestResult.objects.create(run=run, grade_id="proof", **waits)
    return made


def mark(submission, by, cell):
    new = {cell: NewMark(Decimal(1), "")}
    record_marks(submission=submission, by=by, marks=new, maxima={cell: Decimal(4)}, seen=0)


def test_the_queue_gives_those_whose_cell_waits(world, work):
    mark(work[0], world.ta, "proof")
    mark(work[1], world.ta, "analysis")
    given, after = set(), 0
    for _ in range(3):
        review = claim_next(assignment=world.assignment, by=world.ta, after=str(after or ""), cell="proof")
        given.add(review.student_id)
        after = review.student_id

    assert given == {work[1].student_id, work[2].student_id}


def test_the_desk_shows_and_saves_that_cell_alone_and_stays_with_it(client, world, work):
    as_person(client, world.ta)
    page = client.get(address_of(work[0], "review/"))
    assert "only this, of everybody" in words_of(page)

    page = text_of(client.get(address_of(work[0], "review/?cell=proof")))
    assert 'name="points-proof"' in page
    assert 'name="points-analysis"' not in page
    assert "Tests, and overriding one" not in page

    form = {"seen": 0, "points-proof": "3", "comment-proof": "", "points-analysis": "1", "next": "1"}
    answer = client.post(address_of(work[0], "review/?cell=proof"), form)
    assert answer["Location"].endswith(f"?after={work[0].student_id}&cell=proof")
    assert [(m.grade_id, m.points) for m in Mark.objects.all()] == [("proof", 3)]
    following = client.get(answer["Location"])
    assert following["Location"].endswith("/review/?cell=proof")


def test_when_that_cell_is_done_it_is_said(client, world, work):
    for submission in work:
        mark(submission, world.ta, "proof")
    as_person(client, world.ta)

    page = words_of(client.get(NUMBERS + "review/?cell=proof", follow=True))

    assert "“proof” waits nowhere that is free for you." in page
    assert "3 to review" in page


@pytest.mark.parametrize("cell", ["nonsense", "double_test", "<b>", "\x00"])
def test_a_cell_that_nobody_marks_breaks_nothing(client, world, work, cell):
    as_person(client, world.ta)
    assert client.get(NUMBERS + "review/", {"cell": cell}, follow=True).status_code == 200
    answer = client.get(address_of(work[0], "review/"), {"cell": cell})
    assert answer.status_code == 200
    assert "<b>" not in answer.content.decode().partition("<main")[2].replace("<b>0</b>", "")
