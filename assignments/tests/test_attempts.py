"""A limit on how many versions are taken: for notebooks and papers, of students and groups."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assignments.behalf import receive_on_behalf
from assignments.selectors import history_of
from assignments.services import Choice, NothingChanged, SubmissionRefused, confirm_replacement, receive_submission
from papercheck.tests.papers import made
from tests import factories as make
from tests import groups
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def two(world):
    """Two versions are taken."""
    world.assignment.attempts = 2
    world.assignment.save()
    return world.assignment


def hand_in(assignment, owner, by, mark, *, late=-HOUR):
    at = assignment.due_at + late
    return receive_submission(
        assignment=assignment, owner=owner, by=by, content=make.submitted(mark=mark), name="x.ipynb", received_at=at,
        completed_at=at,
    )  # fmt: skip


def test_so_many_and_no_more_and_what_counts_stays(world, two):
    hand_in(two, world.student, world.student, "1")
    assert history_of(two, world.student).attempts_left == 1
    hand_in(two, world.student, world.student, "2")

    with pytest.raises(SubmissionRefused, match="2 versions may be handed in here"):
        hand_in(two, world.student, world.student, "3")
    assert history_of(two, world.student).counting.number == 2
    assert hand_in(two, world.classmate, world.classmate, "1").number == 1


def test_the_same_bytes_again_use_nothing_up(world, two):
    hand_in(two, world.student, world.student, "1")

    with pytest.raises(NothingChanged):
        hand_in(two, world.student, world.student, "1")
    assert history_of(two, world.student).attempts_left == 1


def test_a_replacement_that_waits_is_counted_when_it_is_confirmed(world, two):
    hand_in(two, world.student, world.student, "1")
    choice = hand_in(two, world.student, world.student, "2", late=HOUR)
    assert isinstance(choice, Choice)
    two.attempts = 1
    two.save()

    with pytest.raises(SubmissionRefused, match="1 version may be"):
        confirm_replacement(pending=choice.pending, by=world.student, at=two.due_at + HOUR)


def test_what_staff_hand_in_for_somebody_is_none_of_them(client, world):
    stage = groups.stage_of(groups.make_project(world.course, due_at=timezone.now().replace(microsecond=0) - HOUR))
    stage.attempts = 1
    stage.save()
    owls = groups.make_group(stage.groups.project, world.student, name="Owls")
    groups.hand_in(stage, owls, world.student)
    with pytest.raises(SubmissionRefused):
        groups.hand_in(stage, owls, world.student, content=made.paper(pages=2))

    receive_on_behalf(
        assignment=stage, owner=owls, by=world.ta, content=made.paper(pages=2), name="x.pdf",
        received_at=stage.due_at - HOUR, reason="By mail.",
    )  # fmt: skip

    assert history_of(stage, owls).attempts_left == 0
    page = words_of(as_person(client, world.student).get("/courses/dl/assignments/proposal/"))
    assert "No more versions are taken: 1 may be handed in here." in page


def test_the_page_says_how_many_are_left(client, world, two):
    now = timezone.now()
    type(two).objects.update(opens_at=now - HOUR, due_at=now + HOUR)
    make.make_submission(two, world.student)

    assert "1 of 2 versions left; the latest counts." in words_of(
        as_person(client, world.student).get("/courses/dl/assignments/numbers/")
    )


def test_the_database_takes_no_limit_of_none(two):
    with pytest.raises(IntegrityError), transaction.atomic():
        type(two).objects.update(attempts=0)
