"""Slip days at hand-in: what handing in would cost is reckoned with the days that are left."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignments import services
from assignments.models import Assignment, PendingReplacement
from assignments.selectors import histories, history_of
from courses.models import OutgoingMail
from courses.policy.lateness import LateRule, SlipDays, Tier
from courses.policy.slip_days import Item, spendings
from courses.services import create_late_policy
from tests import factories as make
from tests import groups
from tests.factories import DUE
from tests.pages import NUMBERS, as_person, words_of

RULE = LateRule((Tier(1, True, Decimal("0.9")),), Decimal("0.5"), slip_days=SlipDays(2, 2))
DAY = timedelta(days=1)


@pytest.fixture
def budget(world):
    """Two days in the term, and a second assignment a week later."""
    create_late_policy(course=world.course, rule=RULE)
    world.second = make.make_assignment(world.course, "second", due_at=DUE + timedelta(weeks=1))
    make.make_notebook(world.second, world.lecturer)
    return world


def hand_in(world, late, mark, assignment=None):
    at = (assignment or world.assignment).due_at + late
    content = make.submitted(mark=mark)
    return services.receive_submission(
        assignment=assignment or world.assignment, owner=world.student, by=world.student, content=content, name="n.ipynb",
        received_at=at, completed_at=at,
    )  # fmt: skip


@pytest.mark.django_db
def test_slip_days_move_a_students_own_due_times_until_they_are_spent(world):
    rule = LateRule((Tier(1, True, Decimal("0.9")),), Decimal("0.5"), slip_days=SlipDays(2, 2))
    create_late_policy(course=world.course, rule=rule)
    second = make.make_assignment(world.course, "second", due_at=DUE + timedelta(weeks=1))
    make.make_submission(world.assignment, world.student, late=timedelta(hours=20))
    make.make_submission(second, world.student, late=timedelta(hours=40))

    found = histories([second], [world.student, world.classmate])
    first = history_of(world.assignment, world.student)

    assert (first.slip_days, first.factor, first.is_extended) == (1, 1, False)
    late = found[second.pk, world.student.pk]
    assert (late.slip_days, late.factor, late.late_by) == (1, Decimal("0.9"), timedelta(hours=16))
    assert found[second.pk, world.classmate.pk].slip_days == 0


@pytest.mark.django_db
class TestHandingIn:
    def test_a_late_first_version_takes_the_days_it_needs(self, budget):
        submission = hand_in(budget, 1.5 * DAY, "one")

        history = history_of(budget.assignment, budget.student)
        assert (history.counting, history.slip_days, history.factor) == (submission, 2, 1)

    def test_a_replacement_that_would_spend_days_is_asked_about(self, budget):
        hand_in(budget, -DAY, "one")

        choice = hand_in(budget, 0.5 * DAY, "two")

        assert isinstance(choice, services.Choice)
        assert (choice.new_factor, choice.new_slip_days, choice.history.slip_days) == (1, 1, 0)

    def test_the_page_says_what_it_would_spend(self, client, budget):
        hand_in(budget, -DAY, "one")
        hand_in(budget, 0.5 * DAY, "two")
        PendingReplacement.objects.update(received_at=DUE + 0.5 * DAY)

        page = words_of(as_person(client, budget.student).get(NUMBERS + "replace/"))

        assert "This would spend slip days" in page
        assert "Slip days spent here: 0" in page
        assert "Slip days spent here: 1" in page
        assert "on time, with slip days" in page

    def test_a_replacement_on_time_asks_nothing(self, budget):
        hand_in(budget, -2 * DAY, "one")

        assert hand_in(budget, -DAY, "two").number == 2

    def test_a_replacement_that_spends_no_more_asks_nothing(self, budget):
        hand_in(budget, 0.2 * DAY, "one")

        assert hand_in(budget, 0.6 * DAY, "two").number == 2

    def test_days_spent_on_an_earlier_assignment_are_gone(self, budget):
        hand_in(budget, 1.5 * DAY, "one")

        later = history_of(budget.second, budget.student)

        assert (later.may_slip, later.last_due) == (0, budget.second.due_at)
        assert str(later.factor_at(budget.second.due_at + DAY)) == "0.9"

    def test_an_assignment_that_closes_when_it_is_due_waits_for_the_days(self, budget):
        Assignment.objects.filter(pk=budget.assignment.pk).update(closes_at=DUE)
        budget.assignment.refresh_from_db()

        assert hand_in(budget, 1.9 * DAY, "one").number == 1
        with pytest.raises(services.SubmissionRefused, match="closed"):
            hand_in(budget, 2.1 * DAY, "two")

    def test_handing_in_older_work_takes_no_day_from_newer_work(self, budget):
        hand_in(budget, 1.5 * DAY, "newer", budget.second)

        hand_in(budget, 9 * DAY + timedelta(hours=1), "older")

        assert history_of(budget.second, budget.student).factor == 1
        assert history_of(budget.assignment, budget.student).slip_days == 0

    def test_without_days_left_it_closes_when_it_says(self, budget):
        hand_in(budget, 1.5 * DAY, "one")
        Assignment.objects.filter(pk=budget.second.pk).update(closes_at=budget.second.due_at)
        budget.second.refresh_from_db()

        with pytest.raises(services.SubmissionRefused, match="closed"):
            hand_in(budget, timedelta(seconds=1), "two", budget.second)

    def test_the_receipt_names_the_due_time_that_held(self, budget):
        hand_in(budget, 0.5 * DAY, "one")

        mail = OutgoingMail.objects.get(subject__startswith="Received").body
        assert "Due:       Mon 26 Oct 2026, 23:59:59" in mail
        assert "Lateness:  on time, ×1.0" in mail

    def test_the_students_page_says_how_many_may_be_spent(self, client, budget):
        page = words_of(as_person(client, budget.student).get(NUMBERS))

        assert "You may spend up to 2 slip days here" in page
        assert "until Tue 27 Oct, 23:59:59" in page


late_items = st.lists(st.tuples(st.integers(0, 40), st.none() | st.integers(-5, 20)), min_size=1, max_size=6)


@given(late_items, st.integers(1, 6), st.integers(1, 6))
def test_nothing_is_spent_beyond_what_may_be_and_nothing_beyond_the_budget(items, total, each):
    budget = SlipDays(max(total, each), each)
    asked = [
        Item(str(n), DUE + due * DAY, None if late is None else DUE + (due + late) * DAY)
        for n, (due, late) in enumerate(items)
    ]

    found = spendings(asked, LateRule(slip_days=budget), zone=DUE.tzinfo)

    assert sum(spent.days for spent in found.values()) <= budget.total
    assert all(0 <= spent.days <= spent.may <= budget.each for spent in found.values())


@given(late_items, st.integers(0, 5), st.integers(-3, 10))
def test_what_a_hand_in_would_take_is_what_it_takes(items, place, late):
    """The preview at hand-in equals what is spent once the work is there."""
    budget = SlipDays(4, 3)
    asked = [Item(str(n), DUE + due * DAY, None) for n, (due, _) in enumerate(items)]
    chosen = asked[place % len(asked)]
    may = spendings(asked, LateRule(slip_days=budget), zone=DUE.tzinfo)[chosen.key].may
    at = chosen.due_at + late * DAY

    handed_in = [Item(i.key, i.due_at, at if i is chosen else None) for i in asked]
    after = spendings(handed_in, LateRule(slip_days=budget), zone=DUE.tzinfo)[chosen.key]

    assert after.days == max(0, min(late, may))


GROUPS = LateRule((Tier(1, True, Decimal("0.9")),), Decimal("0.5"), slip_days=SlipDays(2, 2, for_groups=True))


@pytest.mark.django_db
@pytest.mark.parametrize(("rule", "spent", "factors"), [(RULE, [0, 0], ["0.9", "0.5"]), (GROUPS, [1, 1], ["1", "0.9"])])
def test_a_group_has_its_own_budget_where_the_rule_says_so(world, rule, spent, factors):
    create_late_policy(course=world.course, rule=rule)
    project = groups.make_project(world.course)
    owls = groups.make_group(project, world.student, world.classmate, name="Owls")
    bees = groups.make_group(project, make.enrol(world.course, section=world.section), name="Bees")
    proposal, report = groups.stage_of(project, "proposal"), groups.stage_of(project, "report")
    make.make_submission(world.assignment, world.student, late=timedelta(hours=40))
    groups.make_deliverable(proposal, owls, late=timedelta(hours=20))
    groups.make_deliverable(report, owls, late=timedelta(hours=40))

    found = [history_of(stage, owls) for stage in (proposal, report)]

    assert [history.slip_days for history in found] == spent
    assert [history.factor for history in found] == [Decimal(factor) for factor in factors]
    assert history_of(proposal, bees).slip_days == 0
    assert history_of(world.assignment, world.student).slip_days == 2
    assert history_of(proposal, owls).may_slip == (2 if rule is GROUPS else 0)
