"""Who changed which setting: kept with the change itself, in words, and only if the change was kept."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from courses.models import Role, SettingChange
from courses.people import change_person, leave_course
from courses.policy.lateness import LateRule
from courses.services import create_late_policy, publish_course
from gradebook.late_rule.own import set_late_rule
from gradebook.models import Component
from gradebook.schemes.scheme import save_scheme, weights_in_words
from grading.services.releases import (
    cancel_plan,
    hold_back,
    lift_hold,
    plan_release,
    release_grades,
    withdraw_release,
)
from tests import factories as make
from tests.pages import as_person, text_of, words_of

pytestmark = pytest.mark.django_db
EDIT = "/courses/dl/assignments/numbers/edit/"
SHANGHAI = ZoneInfo("Asia/Shanghai")
HISTORY = "/courses/dl/history/"


def said():
    return [(c.subject, c.setting, c.before, c.after, c.reason) for c in SettingChange.objects.order_by("pk")]


def fields_of(client):
    """The form of the assignment as it stands."""
    form = client.get(EDIT).context["form"]
    values = {name: form[name].value() for name in form.fields}
    shown = {
        name: f"{v.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}" if isinstance(v, datetime) else v for name, v in values.items()
    }
    return {name: "" if value is None else value for name, value in shown.items() if value is not False}


@pytest.fixture(autouse=True)
def _opens_at_a_whole_minute(world):
    world.assignment.opens_at = world.assignment.opens_at.replace(second=0)
    world.assignment.save()


class TestAssignments:
    def test_what_changed_from_what_to_what_who_and_why(self, client, world):
        as_person(client, world.lecturer)
        sent = fields_of(client) | {"title": "Numbers again", "minutes": "7", "reason": "Slow machines"}
        assert client.post(EDIT, sent).status_code == 302

        assert said() == [
            ("Numbers again", "Title", "Numbers", "Numbers again", "Slow machines"),
            ("Numbers again", "Minutes for a notebook", "5", "7", "Slow machines"),
        ]
        page = words_of(client.get(EDIT))
        assert "Changed lately" in page
        assert "Numbers again: Title Numbers Numbers again Lecturer Slow machines" in page
        assert "Minutes for a notebook 5 7" in words_of(client.get(HISTORY))

    def test_a_due_time_stands_in_course_time_and_what_was_not_kept_is_no_change(self, client, world):
        make.make_submission(world.assignment, world.student)
        as_person(client, world.lecturer)
        earlier = timezone.localtime(world.assignment.due_at - timedelta(days=2), world.course.zone)
        sent = fields_of(client) | {"due_at": f"{earlier:%Y-%m-%dT%H:%M}"}
        asked = client.post(EDIT, sent)
        assert asked.status_code == 200
        assert said() == []

        client.post(EDIT, sent | {"seen": asked.context["seen"]})
        ((subject, setting, before, after, _),) = said()
        assert (subject, setting) == ("Numbers", "Due")
        assert before == f"{timezone.localtime(world.assignment.due_at, world.course.zone):%Y-%m-%d %H:%M}"
        assert after == f"{earlier:%Y-%m-%d %H:%M}"

    def test_saving_what_stands_there_is_no_change(self, client, world):
        as_person(client, world.lecturer)
        assert client.post(EDIT, fields_of(client)).status_code == 302
        assert said() == []


class TestTheOthers:
    def test_the_late_rule_in_its_sentences(self, world):
        create_late_policy(course=world.course, rule=LateRule(beyond=Decimal("0.8")), by=world.lecturer, reason="Voted")
        ((subject, _, before, after, reason),) = said()
        assert (subject, reason) == ("Late rule", "Voted")
        assert before != after

    def test_weights_by_their_path(self, world):
        scheme = make.make_scheme(world.course, world.assignment)
        tree = list(scheme.components.order_by("pk"))
        for component in tree:
            component.weight, component.drop = component.weight, 1 if component.kind == "group" else 0
        root = tree[0]
        root.drop = 0
        leaf = tree[-1]
        leaf.weight = Decimal(60)
        extra = Component(kind="group", name="Viva", weight=Decimal(40), parent_id=root.pk, position=9)
        extra.pk = -1
        save_scheme(course=world.course, components=[*tree, extra], by=world.lecturer, reason="New exam")
        found = {setting: (before, after) for setting, _, before, after, _ in said()}
        assert found["Viva"] == ("", "40 %")
        assert found["Exam"] == ("80 %", "60 %")

    def test_people(self, world):
        change_person(enrolment=world.ta, role=Role.LAB_INSTRUCTOR, sections=[], by=world.lecturer)
        leave_course(enrolment=world.student, by=world.lecturer)
        assert [row[1:4] for row in said()] == [
            ("Role", "Teaching assistant", "Lab instructor"), ("Sections", "Informatics", ""), ("In the course", "yes", "no"),
        ]  # fmt: skip

    def test_publishing(self, world):
        publish_course(course=world.course, is_published=False, by=world.lecturer)
        assert [row[1:4] for row in said()] == [("Shown to students", "yes", "no")]

    def test_releases_holds_and_plans(self, world):
        submission = make.make_submission(world.assignment, world.student)
        make.run_of(submission, analysis="passed")
        here = {"assignment": world.assignment, "by": world.lecturer}
        hold_back(**here, student=world.student, reason="Hearing")
        hold_back(**here, student=world.student, reason="Hearing")
        lift_hold(hold=world.assignment.holds.get(), by=world.lecturer)
        plan = plan_release(**here, section=None, due_at=timezone.now() + timedelta(days=1))
        assert cancel_plan(plan=plan, by=world.lecturer)
        release_grades(**here, students=[world.student])
        withdraw_release(**here, reason="A wrong test")
        settings = [row[1] for row in said()]
        name = str(world.student.user)
        assert settings == [f"Held back: {name}"] * 2 + ["Planned release"] * 2 + ["Release"] * 2
        assert said()[-1][2:] == ("shown to 1", "taken back", "A wrong test")
        assert said()[-2][3] == "released to 1"

    def test_a_part_of_the_set_up(self, client, world):
        as_person(client, world.lecturer)
        sent = {
            "row-TOTAL_FORMS": "1", "row-INITIAL_FORMS": "0", "row-0-name": "Half-term", "row-0-first_day": "2026-10-05",
            "row-0-last_day": "2026-10-09",
        }  # fmt: skip
        client.post("/courses/dl/setup/holidays/", sent)
        assert ("Name", "", "Half-term") in [row[1:4] for row in said()]


class TestThePage:
    def test_by_topic_and_by_pages(self, client, world):
        for number in range(60):
            rule = LateRule(beyond=Decimal(number + 1) / 100)
            create_late_policy(course=world.course, rule=rule, by=world.lecturer)
        leave_course(enrolment=world.student, by=world.lecturer)
        as_person(client, world.lecturer)
        first = words_of(client.get(HISTORY))
        assert "In the course yes no" in first
        assert "Page 1 of 2" in first
        assert "In the course" not in words_of(client.get(HISTORY + "?of=late-rule"))
        assert client.get(HISTORY + "?page=99").status_code == 200
        assert client.get(HISTORY + "?of=x%00y").status_code == 200

    def test_who_is_held_back_and_why_is_the_lecturers(self, client, world):
        hold_back(assignment=world.assignment, student=world.student, by=world.lecturer, reason="A hearing")
        for person in (world.ta, world.other_ta):
            assert as_person(client, person).get(HISTORY).status_code == 403
            assert "What was changed" not in words_of(client.get("/courses/dl/assignments/numbers/"))
        assert "A hearing" in words_of(as_person(client, world.lecturer).get(HISTORY))

    def test_parts_of_one_name_are_told_apart_by_their_path(self):
        def part(pk, parent, name, **more):
            return Component(pk=pk, parent_id=parent, name=name, **{"kind": "group", "weight": Decimal(50), **more})

        tree = [
            part(1, None, "Course"), part(2, 1, "Homework", optional="redistribute_if_absent"), part(3, 2, "Week 1"),
            part(4, 3, "Quiz"), part(5, 1, "Labs"), part(6, 5, "Week 1"), part(7, 6, "Quiz", weight=Decimal(70)),
        ]  # fmt: skip
        said = weights_in_words(tree)
        assert said["Homework › Week 1 › Quiz"] == "50 %"
        assert said["Labs › Week 1 › Quiz"] == "70 %"
        assert said["Homework"] == "50 %, optional: without it, judged on the rest"
        assert len(said) == 6

    def test_a_reason_is_text_that_every_database_keeps(self, client, world):
        set_late_rule(assignment=world.assignment, rule=LateRule(), by=world.lecturer)
        sent = {"course": "1", "reason": "a\x00b"}
        page = as_person(client, world.lecturer).post("/courses/dl/assignments/numbers/late-rule/", sent)
        assert "\x00" not in page.content.decode()
        assert not any("\x00" in change.reason for change in SettingChange.objects.all())

    def test_what_was_typed_stays_text(self, client, world):
        create_late_policy(course=world.course, rule=LateRule(beyond=Decimal(1)), by=world.lecturer, reason="<b>x")
        assert "&lt;b&gt;x" in text_of(as_person(client, world.lecturer).get(HISTORY)) or "<b>x" not in (
            client.get(HISTORY).content.decode()
        )

    def test_it_is_never_edited(self, world):
        leave_course(enrolment=world.student, by=world.lecturer)
        with pytest.raises(DatabaseError), transaction.atomic():
            SettingChange.objects.update(after="x")
