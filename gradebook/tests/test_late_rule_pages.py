"""The late rule in the browser: three views, a probe, and another rule whose effect is shown before it is saved."""

import re
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignments.selectors import histories
from courses.models import LatePolicy
from courses.policy.lateness import Basis, LateRule, SlipDays, Steps, Tier, timeline
from courses.selectors import current_late_rule
from courses.services import PolicyOutdated, create_late_policy
from gradebook.effects.effect import rule_effect
from gradebook.late_rule.chart import chart_of
from gradebook.late_rule.forms import LateRuleForm, initial_of
from grading.models import Release
from grading.selectors.grades import grades_of
from tests import factories as make
from tests import groups
from tests.pages import as_person, text_of, words_of

pytestmark = pytest.mark.django_db
PAGE = "/courses/dl/late-rule/"
D = Decimal
TEN_A_DAY = {"form": "steps", "percent": "10", "every": "day", "floor": "0.5", "basis": "earned"}
RULES = [
    LateRule(),
    make.XMU_RULE,
    LateRule(beyond=D("0.5")),
    LateRule(steps=Steps(D(10), D("0.5"))),
    LateRule(steps=Steps(D(1), days=0, minutes=60), cut_off_days=2),
    LateRule(steps=Steps(D(25), D("0.3"), compound=True), basis=Basis.CAP),
    LateRule((Tier(2, True, D("0.8")),), D(0), timedelta(minutes=10), Basis.POSSIBLE, slip_days=SlipDays(4, 2)),
]


@pytest.fixture
def late_work(world):
    """Graded work 2 hours and 26 hours late, one on time, one not graded yet."""
    second = make.make_assignment(world.course, "second")
    for assignment, student, late in (
        (world.assignment, world.student, timedelta(hours=2)),
        (world.assignment, world.classmate, timedelta(hours=26)),
        (second, world.student, timedelta(hours=-1)),
    ):
        submission = make.make_submission(assignment, student, late=late)
        if assignment == world.assignment:
            make.run_of(submission, analysis="failed")
    return world


def posted(client, world, **form):
    return as_person(client, world.lecturer).post(PAGE, {**TEN_A_DAY, **form})


def seen_in(answer):
    return re.search(r'name="seen" value="(\w+)"', text_of(answer))[1]


@pytest.mark.parametrize("rule", RULES)
def test_the_form_says_every_rule_that_it_can_say(rule):
    initial = initial_of(rule)
    form = LateRuleForm({key: value for key, value in initial.items() if value is not None and value is not False})

    assert form.is_valid(), form.errors
    assert form.rule == rule


@pytest.mark.parametrize(
    "rule",
    [
        LateRule((Tier(0, True, D("0.9"), 20),), D(0)),
        LateRule(slip_days=SlipDays(2, 1, ("exam",))),
        LateRule(tuple(Tier(n, True, 1 - D(n) / 10) for n in range(1, 8)), D("0.1")),
    ],
)
def test_the_page_says_when_the_form_cannot_write_the_rule(client, world, rule):
    create_late_policy(course=world.course, rule=rule)

    assert initial_of(rule) is None
    assert "parts that this form cannot write" in words_of(as_person(client, world.lecturer).get(PAGE))


def test_the_rule_stands_there_as_sentence_table_and_probe(client, world):
    page = words_of(as_person(client, world.lecturer).get(PAGE + "?hours=26"))

    assert "Late work counts ×0.9 up to 1 day late, ×0.7 up to 3 days late (not included), and ×0.5 after that." in page
    assert re.search(r"on time ×1\.0 .* 1 day ×0\.9 .* 2 days 23 h ×0\.7 later – ×0\.5", page)
    assert "1 day 2 h late counts ×0.7" in page


@pytest.mark.parametrize("hours", ["x", "", "-5", "1e99", "nan"])
def test_a_strange_probe_breaks_nothing(client, world, hours):
    assert as_person(client, world.lecturer).get(f"{PAGE}?hours={hours}").status_code == 200


def test_the_effect_is_shown_and_nothing_is_saved(client, late_work):
    answer = posted(client, late_work)

    page = words_of(answer)
    assert "1 piece of work would count differently." in page
    assert "Classmate Numbers 1 day 2 h ×0.7 → ×0.8 2.1 → 2.4" in page
    assert LatePolicy.objects.filter(course=late_work.course).count() == 1


def test_what_was_shown_is_what_comes(client, late_work):
    rule = LateRule(steps=Steps(D(10), D("0.5")))
    students = [late_work.student, late_work.classmate]
    expected = {
        (m.student.pk, m.title): (m.after.factor, m.after.total) for m in rule_effect(late_work.course, rule).moved
    }

    answer = posted(client, late_work, save="1", seen=seen_in(posted(client, late_work)))

    assert answer.status_code == 302
    assert current_late_rule(late_work.course) == rule
    items = grades_of([late_work.assignment], students)
    after = items[late_work.assignment.pk, late_work.classmate.pk]
    assert expected == {(late_work.classmate.pk, "Numbers"): (after.history.factor, after.grade.total)}
    assert rule_effect(late_work.course, rule).moved == []


def test_nobody_saves_an_effect_that_they_have_not_seen(client, late_work):
    seen = seen_in(posted(client, late_work))
    make.run_of(
        make.make_submission(late_work.assignment, late_work.student, late=timedelta(hours=30)), analysis="failed"
    )

    answer = posted(client, late_work, save="1", seen=seen)

    assert "The effect is another one by now" in words_of(answer)
    assert "2 pieces of work would count differently" in words_of(answer)
    assert LatePolicy.objects.filter(course=late_work.course).count() == 1


def test_once_grades_were_released_a_reason_is_needed(client, late_work):
    Release.objects.create(assignment=late_work.assignment, released_by=late_work.lecturer, released_at=make.DUE)
    shown = posted(client, late_work)
    assert "stay as they were shown until you release again" in words_of(shown)

    without = posted(client, late_work, save="1", seen=seen_in(shown))
    assert "Grades were released: say why the rule changes." in words_of(without)

    posted(client, late_work, save="1", seen=seen_in(shown), reason="Agreed with the class")
    assert "Agreed with the class" in words_of(client.get(PAGE))


def test_slip_days_show_their_effect_too(client, late_work):
    page = words_of(posted(client, late_work, form="none", slip_total="2", slip_each="2"))

    assert "Student Numbers 2 h → on time ×0.9 → ×1.0" in page
    found = histories([late_work.assignment], [late_work.student], LateRule(slip_days=SlipDays(2, 2)))
    assert found[late_work.assignment.pk, late_work.student.pk].slip_days == 1


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"form": "tiers"}, "Say what counts later than all of these."),
        ({"form": "tiers", "beyond": "0.5", "days_0": "1"}, "Each tier needs both its days and its factor."),
        ({"form": "tiers", "beyond": "0.9", "days_0": "1", "factor_0": "0.5"}, "never rise with lateness"),
        ({"form": "tiers", "beyond": "1.5"}, "less than or equal to 1"),
        ({"percent": ""}, "Say how many percent every step costs."),
        ({"percent": "0.001", "floor": ""}, "more than 1000 steps"),
        ({"slip_total": "2", "slip_each": "3"}, "Slip days: at least one for each item"),
        ({"form": "luck"}, "Select a valid choice"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_said(client, world, form, says):
    answer = posted(client, world, **form)

    assert answer.status_code == 422
    assert says in words_of(answer)


def test_the_effect_asks_as_few_questions_for_many_as_for_few(late_work, django_assert_max_num_queries):
    for _ in range(20):
        student = make.enrol(late_work.course, section=late_work.section)
        make.run_of(make.make_submission(late_work.assignment, student, late=timedelta(hours=30)), analysis="failed")

    with django_assert_max_num_queries(37):
        assert len(rule_effect(late_work.course, LateRule()).moved) == 22


def test_marks_of_stages_that_came_late_move_too(client, late_work):
    project = groups.bare_project(late_work.course, title="Project")
    stage = groups.make_stage(project, slug="report", title="Report", due_at=make.DUE)
    groups.make_criteria(stage, 100)
    owls = groups.make_group(project, late_work.student)
    groups.make_deliverable(stage, owls, late=timedelta(hours=26))
    groups.mark_group(stage, owls, late_work.ta, 85)

    page = words_of(posted(client, late_work))

    assert "Student Report 1 day 2 h ×0.7 → ×0.8 59.5 → 68" in page
    groups.release(stage, late_work.lecturer, late_work.student)
    assert rule_effect(late_work.course, LateRule()).released


def test_a_rule_that_a_colleague_set_meanwhile_is_not_overwritten(client, late_work):
    shown = posted(client, late_work)
    create_late_policy(course=late_work.course, rule=LateRule(), reason="A colleague")

    refused = posted(client, late_work, save="1", seen=seen_in(shown), reason="Mine")

    assert "look at it again" in words_of(refused)
    assert current_late_rule(late_work.course) == LateRule()


def test_nor_one_that_came_between_the_look_and_the_lock(late_work):
    with pytest.raises(PolicyOutdated):
        create_late_policy(course=late_work.course, rule=LateRule(), based_on=0)


def test_the_rule_is_a_picture_too_and_the_probe_stands_in_it(client, world):
    page = as_person(client, world.lecturer).get(PAGE + "?hours=26")

    chart = page.context["current"]["chart"]
    assert [str(bar.factor) for bar in chart.bars] == ["1", "0.9", "0.7", "0.5"]
    assert chart.due < chart.probe < chart.bars[-1].left
    assert 'class="probe"' in text_of(page)


@given(st.sampled_from(RULES), st.integers(-100, 2000))
def test_a_picture_has_no_gap_and_stays_in_its_frame(rule, hours):
    steps = timeline(due_at=make.DUE, rule=rule, zone=ZoneInfo("Asia/Shanghai"))

    chart = chart_of(steps, due_at=make.DUE, late_by=timedelta(hours=hours))

    assert chart.bars[0].left == 0
    assert all(0 <= bar.left <= 400 and 0 <= bar.tall <= 100 and bar.width >= 1 for bar in chart.bars)
    assert [bar.left for bar in chart.bars] == sorted(bar.left for bar in chart.bars)
    assert 0 < chart.due < 400
    assert chart.probe is None or 0 <= chart.probe <= 400
