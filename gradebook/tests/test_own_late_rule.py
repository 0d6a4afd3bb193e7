"""A late rule of one assignment's own: it holds there instead of the course's, which keeps its slip days."""

from datetime import timedelta
from decimal import Decimal

import pytest

from assignments.models import Assignment
from assignments.selectors import history_of
from courses.models import SettingChange
from courses.policy.lateness import Basis, LateRule, SlipDays, Steps
from courses.services import create_late_policy
from gradebook.late_rule.own import set_late_rule
from grading.models import ReleasedGrade
from grading.selectors.grades import grades_of
from grading.services.recomputation import recompute
from tests import factories as make
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
D = Decimal
PAGE = "/courses/dl/assignments/numbers/late-rule/"
HARD = LateRule(steps=Steps(D(50), D(0)))
LATE = timedelta(hours=2)


def own(world, rule, assignment=None):
    set_late_rule(assignment=assignment or world.assignment, rule=rule, by=world.lecturer)
    return Assignment.objects.select_related("course", "group_set").get(pk=(assignment or world.assignment).pk)


def factor(assignment, student):
    return history_of(assignment, student).factor


class TestWhatHolds:
    def test_it_holds_here_and_the_courses_elsewhere(self, world):
        other = make.make_assignment(world.course, "other", opens_at=world.assignment.opens_at)
        for each in (world.assignment, other):
            make.make_submission(each, world.student, late=LATE)
        here = own(world, HARD)
        assert factor(here, world.student) == D("0.5")
        assert factor(other, world.student) == D("0.9")
        assert factor(own(world, None), world.student) == D("0.9")

    def test_a_rule_that_deducts_nothing_is_a_rule(self, world):
        make.make_submission(world.assignment, world.student, late=LATE)
        assert factor(own(world, LateRule()), world.student) == 1

    def test_what_the_course_would_have_changes_nothing_here(self, world):
        make.make_submission(world.assignment, world.student, late=LATE)
        here = own(world, HARD)
        items = grades_of([here], [world.student], rule=LateRule())
        assert items[here.pk, world.student.pk].history.factor == D("0.5")

    def test_no_slip_day_is_spent_on_it_and_the_others_have_all(self, world):
        create_late_policy(course=world.course, rule=LateRule(beyond=D("0.5"), slip_days=SlipDays(1, 1)))
        other = make.make_assignment(world.course, "other", opens_at=world.assignment.opens_at)
        for each in (world.assignment, other):
            make.make_submission(each, world.student, late=LATE)
        here = own(world, HARD)
        mine, others = history_of(here, world.student), history_of(other, world.student)
        assert (mine.slip_days, mine.may_slip, mine.factor) == (0, 0, D("0.5"))
        assert (others.slip_days, others.factor) == (1, 1)

    def test_alone_with_a_budget_of_slip_days(self, world):
        create_late_policy(course=world.course, rule=LateRule(beyond=D("0.5"), slip_days=SlipDays(1, 1)))
        assert history_of(own(world, HARD), world.student).may_slip == 0

    @pytest.mark.parametrize("basis", Basis)
    def test_a_release_remembers_it_and_the_second_computation_uses_it(self, world, basis):
        submission = make.make_submission(world.assignment, world.student, late=LATE)
        make.run_of(submission, analysis="passed", double_test="failed")
        submission.assignment = own(world, LateRule(steps=Steps(D(25), D(0)), basis=basis))
        released = make.release_of(submission, world.lecturer)
        assert released.release.own_rule["steps"]["percent"] == "25"
        own(world, None)
        found = recompute()
        assert (found.grades, found.different) == (1, 0)
        assert ReleasedGrade.objects.get().factor == D("0.75")


class TestThePage:
    def sent(self, **change):
        return {"form": "steps", "percent": "50", "every": "day", "floor": "0", "reason": "", **change}

    def test_its_effect_is_shown_first_and_kept_with_the_history(self, client, world):
        submission = make.make_submission(world.assignment, world.student, late=LATE)
        make.run_of(submission, analysis="passed")
        as_person(client, world.lecturer)
        assert "The course’s rule holds" in words_of(client.get(PAGE))
        asked = client.post(PAGE, self.sent())
        assert "×0.9 → ×0.5" in words_of(asked)
        assert Assignment.objects.get().late_rule is None
        client.post(PAGE, self.sent(seen=asked.context["seen"]))
        assert Assignment.objects.get().own_rule == HARD
        assert "A rule of its own" in words_of(client.get(PAGE))
        assert "its own" in words_of(client.get("/courses/dl/assignments/numbers/"))

        asked = client.post(PAGE, {"course": "1"})
        assert "×0.5 → ×0.9" in words_of(asked)
        client.post(PAGE, {"course": "1", "seen": asked.context["seen"]})
        assert Assignment.objects.get().late_rule is None
        assert SettingChange.objects.filter(setting="Late rule").first().after == "the course’s"

    def test_after_a_release_it_wants_a_reason(self, client, world):
        submission = make.make_submission(world.assignment, world.student)
        make.run_of(submission, analysis="passed")
        make.release_of(submission, world.lecturer)
        answer = as_person(client, world.lecturer).post(PAGE, self.sent())
        assert answer.status_code == 422
        assert "say why the rule changes" in words_of(answer)
        client.post(PAGE, self.sent(reason="Voted"))
        assert Assignment.objects.get().own_rule == HARD
        assert SettingChange.objects.get(setting="Late rule").reason == "Voted"

    @pytest.mark.parametrize("change", [{"form": ""}, {"form": "x"}, {"percent": "200"}, {"percent": ""}])
    def test_what_is_no_rule_is_said(self, client, world, change):
        assert as_person(client, world.lecturer).post(PAGE, self.sent(**change)).status_code == 422
        assert Assignment.objects.get().late_rule is None

    def test_slip_days_are_not_asked(self, client, world):
        assert "Slip days in the term" not in words_of(as_person(client, world.lecturer).get(PAGE))
        client.post(PAGE, self.sent(slip_total="3"))
        assert Assignment.objects.get().own_rule == HARD


def test_a_rule_that_the_form_cannot_say_is_not_replaced_unseen(client, world):
    rule = LateRule(steps=Steps(Decimal(10), Decimal(0), minutes=30, days=0))
    set_late_rule(assignment=world.assignment, rule=rule, by=world.lecturer)
    page = words_of(as_person(client, world.lecturer).get("/courses/dl/assignments/numbers/late-rule/"))
    assert "has parts that this form cannot write" in page
