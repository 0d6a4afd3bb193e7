"""Dates of an assignment that are edited: what moves is shown, what was said in weeks stays said."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from assignments.models import Extension
from assignments.selectors import history_of
from courses.policy.lateness import LateRule, SlipDays
from courses.selectors import current_late_rule
from courses.services import create_late_policy
from tests import factories as make
from tests.factories import DUE
from tests.pages import NUMBERS, as_person, text_of, words_of

pytestmark = pytest.mark.django_db
PAGE = NUMBERS + "extensions/"
ASK = NUMBERS + "more-time/"
LATER = DUE + timedelta(days=2)
FORM = {"section": "", "due_at": "2026-10-30T23:59", "reason": "Ill"}


def seen_in(answer):
    return re.search(r'name="seen" value="(\w+)"', text_of(answer))[1]


@pytest.fixture
def late(world):
    """Graded work of the student, 30 hours late: ×0.7."""
    make.run_of(make.make_submission(world.assignment, world.student, late=timedelta(hours=30)), analysis="failed")
    return world


class TestDates:
    def test_editing_the_title_keeps_the_words_that_due_times_were_made_from(self, client, world):
        world.assignment.opens_when, world.assignment.due_when, world.assignment.closes_when = (
            "week 3",
            "week 7",
            "week 9",
        )
        world.assignment.closes_at = DUE + timedelta(days=14)
        world.assignment.save()
        form = {**self.FIELDS, "title": "Figures", "due_at": "2026-10-25T23:59", "closes_at": "2026-11-08T23:59"}

        as_person(client, world.lecturer).post(NUMBERS + "edit/", {**form, "opens_at": "2026-10-11T23:59:59"})

        world.assignment.refresh_from_db()
        assert (world.assignment.title, world.assignment.due_when, world.assignment.closes_when) == (
            "Figures",
            "week 7",
            "week 9",
        )

    @pytest.mark.parametrize("due_at", ["9999-12-31T23:59", "1999-12-31T23:59"])
    def test_far_years_are_slips_of_the_keyboard(self, client, world, due_at):
        refused = as_person(client, world.ta).post(PAGE, {**FORM, "student": world.student.pk, "due_at": due_at})

        assert "Choose a year from 2000 to 2100." in words_of(refused)
        assert not Extension.objects.exists()

    def test_an_item_without_slip_days_stays_one_under_another_short_name(self, client, world):
        rule = LateRule(beyond=Decimal("0.5"), slip_days=SlipDays(3, 3, ("numbers",)))
        create_late_policy(course=world.course, rule=rule)

        as_person(client, world.lecturer).post(
            NUMBERS + "edit/", {**self.FIELDS, "slug": "figures", "due_at": "2026-10-25T23:59"}
        )

        world.assignment.refresh_from_db()
        assert history_of(world.assignment, world.student).may_slip == 0
        assert current_late_rule(world.course).slip_days.not_on == ("figures",)

    @pytest.mark.parametrize("slug", ["HW_1", "a--b", "Numbers", "x" * 51])
    def test_a_short_name_can_stand_in_a_course_file(self, client, world, slug):
        refused = as_person(client, world.lecturer).post(
            NUMBERS + "edit/", {**self.FIELDS, "slug": slug, "due_at": "2026-10-25T23:59"}
        )

        assert "small letters, digits and single hyphens" in words_of(refused)

    FIELDS = {  # noqa: RUF012  never changed
        "title": "Numbers", "slug": "numbers", "position": "1", "opens_at": "2026-10-12T00:00", "closes_at": "",
        "queue": "grading", "minutes": "5", "memory_gib": "2",
    }  # fmt: skip

    def test_a_due_time_that_moves_shows_whose_work_counts_differently(self, client, late):
        form = {**self.FIELDS, "due_at": "2026-10-27T23:59"}
        shown = as_person(client, late.lecturer).post(NUMBERS + "edit/", form)
        assert "×0.7 → ×1.0" in words_of(shown)
        assert history_of(late.assignment, late.student).due_at == DUE

        client.post(NUMBERS + "edit/", {**form, "seen": seen_in(shown)})

        late.assignment.refresh_from_db()
        assert late.assignment.due_at == LATER
        assert history_of(late.assignment, late.student).factor == 1

    def test_a_title_is_saved_at_once(self, client, late):
        saved = as_person(client, late.lecturer).post(
            NUMBERS + "edit/", {**self.FIELDS, "title": "Figures", "due_at": "2026-10-25T23:59"}
        )

        late.assignment.refresh_from_db()
        assert (saved.status_code, late.assignment.title) == (302, "Figures")

    def test_another_short_name_keeps_a_way_back_while_the_effect_is_shown(self, client, late):
        form = {**self.FIELDS, "slug": "figures", "due_at": "2026-10-27T23:59"}

        shown = as_person(client, late.lecturer).post(NUMBERS + "edit/", form)

        assert f'href="{NUMBERS}"' in text_of(shown)
