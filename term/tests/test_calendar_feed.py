"""A person's calendar: own due times, when lateness costs more, classes; nothing that others may not know."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from assignments.extensions import grant_extension
from courses.policy.lateness import LateRule, SlipDays
from courses.selectors import calendar_key_of
from courses.services import create_late_policy
from term.calendar_feed.events import events_of
from tests import factories as make
from tests import groups
from tests.factories import DUE
from tests.pages import as_person, text_of

pytestmark = pytest.mark.django_db
NOW = DUE - timedelta(days=3)


def titles(enrolment, at=NOW):
    return [event.title for event in events_of(enrolment, at)]


def feed(client, enrolment):
    client.logout()
    answer = client.get(f"/calendar/{calendar_key_of(enrolment.user).key}.ics")
    return answer, Calendar.from_ical(answer.content)


class TestEvents:
    def test_a_student_reads_the_due_time_and_what_lateness_costs_from_when(self, world):
        found = [(e.title, e.starts) for e in events_of(world.student, NOW)]

        assert found == [
            ("Due: Numbers · Deep Learning", DUE),
            ("Late work counts ×0.9 from now: Numbers · Deep Learning", DUE + timedelta(seconds=1)),
            ("Late work counts ×0.7 from now: Numbers · Deep Learning", DUE + timedelta(days=1, seconds=1)),
            ("Late work counts ×0.5 from now: Numbers · Deep Learning", DUE + timedelta(days=3)),
        ]

    def test_an_extension_moves_all_of_them_for_its_student_alone(self, world):
        later = DUE + timedelta(days=2)
        grant_extension(assignment=world.assignment, by=world.ta, due_at=later, reason="Ill", student=world.student)

        mine, theirs = events_of(world.student, NOW), events_of(world.classmate, NOW)

        assert (mine[0].title, mine[0].starts) == ("Due (your extension): Numbers · Deep Learning", later)
        assert mine[1].starts == later + timedelta(seconds=1)
        assert theirs[0].starts == DUE
        assert mine[0].uid != theirs[0].uid

    def test_a_moved_due_time_keeps_its_name_so_that_calendars_move_it(self, world):
        before = events_of(world.student, NOW)[0].uid
        world.assignment.due_at = DUE + timedelta(days=1)
        world.assignment.save()

        assert events_of(world.student, NOW)[0].uid == before

    def test_what_was_handed_in_costs_nothing_more(self, world):
        make.make_submission(world.assignment, world.student)

        assert titles(world.student) == ["Due: Numbers · Deep Learning ✓"]

    def test_without_a_discount_only_the_due_time_stands(self, world):
        create_late_policy(course=world.course, rule=LateRule())

        assert titles(world.student) == ["Due: Numbers · Deep Learning"]

    def test_what_has_not_opened_does_not_exist_for_students(self, world):
        before = world.assignment.opens_at - timedelta(seconds=1)

        assert titles(world.student, before) == []
        assert titles(world.lecturer, before) == ["Due: Numbers · Deep Learning"]

    def test_nothing_is_said_to_cost_less_after_the_door_is_closed(self, world):
        world.assignment.closes_at = DUE + timedelta(hours=1)
        world.assignment.save()

        assert titles(world.student) == [
            "Due: Numbers · Deep Learning", "Late work counts ×0.9 from now: Numbers · Deep Learning",
        ]  # fmt: skip

    def test_slip_days_are_no_extension(self, world):
        create_late_policy(course=world.course, rule=LateRule(slip_days=SlipDays(2, 2)))
        make.make_submission(world.assignment, world.student, late=timedelta(hours=5))

        assert titles(world.student) == ["Due: Numbers · Deep Learning ✓"]

    def test_stages_of_the_project_are_due(self, world):
        groups.make_stage(groups.bare_project(world.course, title="P"), slug="p", title="Proposal", due_at=DUE)

        assert "Due: Proposal · Deep Learning" in titles(world.student)

    def test_classes_of_the_own_section_in_teaching_weeks_without_holidays(self, world):
        world.course.weeks = 4
        world.course.save()
        world.section.slots.create(name="Lecture", weekday=1, starts="08:00", ends="09:40", place="A1")
        world.other_section.slots.create(name="Elsewhere", weekday=1, starts="08:00", ends="09:40")
        world.course.holidays.create(name="Festival", first_day=date(2026, 9, 15), last_day=date(2026, 9, 15))

        classes: list[Any] = [e for e in events_of(world.student, NOW) if e.title.startswith("Lecture")]

        assert [e.starts for e in classes] == [datetime(2026, 9, day, tzinfo=UTC) for day in (8, 22, 29)]
        assert {(e.place, e.ends - e.starts) for e in classes} == {("A1", timedelta(minutes=100))}
        assert not [title for title in titles(world.student) if "Elsewhere" in title]
        assert [t for t in titles(world.lecturer) if "Elsewhere" in t]

    def test_a_break_that_pauses_moves_the_classes_after_it(self, world):
        world.course.weeks = 2
        world.course.save()
        world.section.slots.create(name="Lecture", weekday=0, starts="08:00", ends="09:40")
        world.course.holidays.create(name="Break", first_day=date(2026, 9, 14), last_day=date(2026, 9, 20), pauses=True)

        found: list[Any] = events_of(world.student, NOW)
        classes = [e.starts.date() for e in found if e.title.startswith("Lecture")]

        assert classes == [date(2026, 9, 7), date(2026, 9, 21)]


class TestFeed:
    def test_a_calendar_program_reads_it_without_signing_in(self, client, world):
        world.course.holidays.create(name="Festival", first_day=date(2026, 10, 1), last_day=date(2026, 10, 7))
        answer, calendar = feed(client, world.student)

        entries = {str(entry["summary"]): entry for entry in calendar.walk("VEVENT")}
        due = entries["Due: Numbers · Deep Learning"]
        assert answer["Content-Type"].startswith("text/calendar")
        assert due["dtstart"].dt == DUE
        assert "dtend" not in due
        assert str(due["description"]).endswith("/courses/dl/assignments/numbers/")
        assert entries["Festival: Deep Learning"]["dtend"].dt == date(2026, 10, 8)
        assert len({str(entry["uid"]) for entry in calendar.walk("VEVENT")}) == len(entries)

    def test_it_shows_no_mark_and_nobody_else(self, client, world):
        make.run_of(make.make_submission(world.assignment, world.classmate), analysis="passed")

        answer, _ = feed(client, world.student)

        assert world.classmate.user.name not in answer.content.decode()

    def test_a_wrong_key_is_not_found(self, client, world):
        assert client.get("/calendar/wrong.ics").status_code == 404

    def test_a_closed_account_has_no_feed(self, client, world):
        key = calendar_key_of(world.student.user).key
        world.student.user.is_active = False
        world.student.user.save()

        assert client.get(f"/calendar/{key}.ics").status_code == 404

    def test_another_address_closes_the_old_one(self, client, world):
        old = calendar_key_of(world.student.user).key
        page = text_of(as_person(client, world.student).post("/calendar/", follow=True))

        assert client.get(f"/calendar/{old}.ics").status_code == 404
        assert f"/calendar/{calendar_key_of(world.student.user).key}.ics" in page

    def test_who_left_reads_nothing_of_the_course(self, client, world):
        world.student.left_at = NOW
        world.student.save()

        _, calendar = feed(client, world.student)

        assert calendar.walk("VEVENT") == []

    def test_a_title_cannot_break_out_of_its_line(self, client, world):
        world.assignment.title = "A\r\nATTENDEE:mailto:x@y.example;,\\"
        world.assignment.save()

        answer, calendar = feed(client, world.student)

        assert b"\nATTENDEE" not in answer.content
        assert len(calendar.walk("VEVENT")) == 4

    def test_more_assignments_ask_no_more_questions(self, client, world):
        def asked():
            with CaptureQueriesContext(connection) as questions:
                client.get(address)
            return len(questions)

        address = f"/calendar/{calendar_key_of(world.student.user).key}.ics"
        before = asked()
        for number in range(20):
            make.make_assignment(world.course, f"more-{number}")

        assert asked() == before
