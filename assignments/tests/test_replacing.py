"""What a later version does: late by itself, locked at the due time, or as late as the first one."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignments.models import Assignment
from assignments.selectors import History, history_of
from assignments.services import Choice, SubmissionRefused, receive_submission
from courses.models import Course
from courses.policy.late_rule_json import rule_as_json, rule_from_json
from courses.policy.lateness import LateRule, Replacing, SlipDays, Tier
from courses.policy.words import rule_sentence
from courses.services import create_late_policy
from gradebook.late_rule.forms import LateRuleForm, initial_of
from groups.models import Group
from tests import factories as make
from tests.factories import DUE
from tests.pages import NUMBERS, as_person, words_of

HOUR = timedelta(hours=1)


def rule(replacing, **fields):
    return LateRule(
        (Tier(1, True, Decimal("0.9")), Tier(3, False, Decimal("0.7"))), Decimal("0.5"), replacing=replacing, **fields
    )


@pytest.fixture
def hand_in(world):
    """Hands in the student's next version so late."""

    def received(late, mark):
        at = world.assignment.due_at + late
        return receive_submission(
            assignment=world.assignment, owner=world.student, by=world.student, content=make.submitted(mark=mark), name="n.ipynb",
            received_at=at, completed_at=at,
        )  # fmt: skip

    return received


@pytest.mark.django_db
class TestLocked:
    @pytest.fixture(autouse=True)
    def _rule(self, world):
        create_late_policy(course=world.course, rule=rule(Replacing.LOCKED))

    def test_work_on_time_cannot_be_replaced_late(self, world, hand_in):
        first = hand_in(-HOUR, "one")

        with pytest.raises(SubmissionRefused, match="What you handed in before still counts"):
            hand_in(HOUR, "two")
        assert history_of(world.assignment, world.student).counting == first

    def test_until_the_due_time_it_can(self, hand_in):
        hand_in(-2 * HOUR, "one")

        assert hand_in(timedelta(), "two").number == 2

    def test_who_was_late_may_replace(self, world, hand_in):
        hand_in(HOUR, "one")

        assert hand_in(2 * HOUR, "two").number == 2
        assert str(history_of(world.assignment, world.student).factor) == "0.9"

    def test_an_extension_moves_the_lock(self, world, hand_in):
        hand_in(-HOUR, "one")
        later = DUE + timedelta(days=1)
        world.assignment.extensions.create(student=world.student, due_at=later, reason="Ill", granted_by=world.ta)

        assert hand_in(2 * HOUR, "two").number == 2

    def test_grace_belongs_to_the_open_time(self, world, hand_in):
        create_late_policy(course=world.course, rule=rule(Replacing.LOCKED, grace=timedelta(minutes=10)))
        hand_in(-HOUR, "one")

        assert hand_in(timedelta(minutes=10), "two").number == 2
        with pytest.raises(SubmissionRefused):
            hand_in(timedelta(minutes=10, seconds=1), "three")

    def test_the_door_is_no_longer_open_for_those_who_were_on_time(self, world, hand_in):
        create_late_policy(course=world.course, rule=rule(Replacing.LOCKED, grace=2 * HOUR))
        Assignment.objects.filter(pk=world.assignment.pk).update(closes_at=DUE)
        world.assignment.refresh_from_db()
        hand_in(-HOUR, "one")

        assert history_of(world.assignment, world.student).closes_at == DUE
        assert history_of(world.assignment, world.classmate).closes_at == DUE

    def test_the_students_page_says_that_it_is_closed(self, client, world):
        make.make_submission(world.assignment, world.student)
        make.make_submission(world.assignment, world.classmate, late=HOUR)

        assert "takes no more work" in words_of(as_person(client, world.student).get(NUMBERS))
        assert "Replace version 1" in words_of(as_person(client, world.classmate).get(NUMBERS))


@pytest.mark.django_db
class TestLatest:
    @pytest.fixture(autouse=True)
    def _rule(self, world):
        create_late_policy(course=world.course, rule=rule(Replacing.LATEST))

    def test_a_replacement_of_work_on_time_is_on_time_and_asks_nothing(self, world, hand_in):
        hand_in(-HOUR, "one")

        second = hand_in(50 * HOUR, "two")

        history = history_of(world.assignment, world.student)
        assert (history.counting, history.factor, history.late_by) == (second, 1, timedelta())

    def test_a_replacement_of_late_work_is_as_late_as_the_first(self, world, hand_in):
        hand_in(2 * HOUR, "one")
        hand_in(80 * HOUR, "two")

        history = history_of(world.assignment, world.student)
        assert (str(history.factor), history.late_by) == ("0.9", 2 * HOUR)

    def test_the_students_page_shows_the_one_step_that_is_left(self, client, world):
        make.make_submission(world.assignment, world.student, late=2 * HOUR)

        page = as_person(client, world.student).get(NUMBERS)

        assert [str(step.factor) for step in page.context["steps"]] == ["0.9"]

    def test_slip_days_are_spent_by_the_first_version(self, world, hand_in):
        create_late_policy(course=world.course, rule=rule(Replacing.LATEST, slip_days=SlipDays(2, 2)))
        hand_in(20 * HOUR, "one")
        hand_in(200 * HOUR, "two")

        history = history_of(world.assignment, world.student)
        assert (history.slip_days, history.factor) == (1, 1)


@pytest.mark.django_db
def test_unless_said_a_late_replacement_is_late(world, hand_in):
    create_late_policy(course=world.course, rule=rule(Replacing.LATE))
    hand_in(-HOUR, "one")

    assert isinstance(hand_in(HOUR, "two"), Choice)


@pytest.mark.parametrize(
    ("replacing", "sentence"),
    [
        (Replacing.LATE, ""),
        (Replacing.LOCKED, "Work that was on time cannot be replaced after the due time."),
        (Replacing.LATEST, "A replacement is as late as the first version was, and no later."),
    ],
)
def test_each_is_stored_said_and_typed(replacing, sentence):
    written = rule(replacing)

    assert rule_from_json(rule_as_json(written)) == written
    assert ("replacing" in rule_as_json(written)) is (replacing is not Replacing.LATE)
    assert sentence in rule_sentence(written)
    form = LateRuleForm(initial_of(written))
    assert form.is_valid()
    assert form.rule == written


class _Version:
    """As much of a submission as a history looks at."""

    def __init__(self, hours):
        self.received_at = DUE + hours * HOUR


@given(st.lists(st.integers(-50, 100), min_size=1, max_size=5), st.sampled_from(Replacing))
def test_a_later_version_never_counts_more_than_an_earlier_one(hours, replacing):
    hours = sorted(hours)
    assignment = Assignment(course=Course(time_zone="Asia/Shanghai"), due_at=DUE)
    versions: list[Any] = [_Version(hours[0])]
    history = History(
        assignment=assignment,
        owner=Group(pk=1),
        own_due=DUE,
        rule=rule(replacing),
        submissions=versions,
    )

    factors = [history.factor_at(DUE + hour * HOUR) for hour in hours]

    assert factors == sorted(factors, reverse=True)
    if replacing is Replacing.LATEST:
        assert len(set(factors)) == 1
