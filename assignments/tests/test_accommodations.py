"""More time for one student in the whole course."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from assignments.accommodations import (
    AccommodationRefused,
    accommodations_of,
    grant_accommodation,
    withdraw_accommodation,
)
from assignments.models import Accommodation
from assignments.policy import accommodated_due
from assignments.selectors import histories, history_of
from courses.models import OutgoingMail
from courses.policy.calendar import end_of_minute
from tests import factories as make
from tests import groups
from tests.pages import as_person, words_of

D = Decimal
BERLIN = ZoneInfo("Europe/Berlin")
OPENS = datetime(2026, 10, 1, 8, 0, tzinfo=BERLIN)
DUE = datetime(2026, 10, 11, 8, 0, 59, tzinfo=BERLIN)
PAGE = "/courses/dl/more-time/"


class TestTheRule:
    @pytest.mark.parametrize(
        ("opens_at", "times", "days", "expected"),
        [
            (OPENS, "1.5", 0, datetime(2026, 10, 16, 8, 1, 59, tzinfo=BERLIN)),
            (OPENS, "2", 0, datetime(2026, 10, 21, 8, 1, 59, tzinfo=BERLIN)),
            (OPENS, "1", 3, datetime(2026, 10, 14, 8, 0, 59, tzinfo=BERLIN)),
            (OPENS, "1.1", 3, datetime(2026, 10, 14, 8, 0, 59, tzinfo=BERLIN)),
            (None, "1.5", 0, DUE), (None, "1.5", 2, datetime(2026, 10, 13, 8, 0, 59, tzinfo=BERLIN)),
            (OPENS, "1", 20, datetime(2026, 10, 31, 8, 0, 59, tzinfo=BERLIN)),  # over the end of summer time
        ],
    )  # fmt: skip
    def test_worked_figures(self, opens_at, times, days, expected):
        found = accommodated_due(opens_at=opens_at, due_at=DUE, times=D(times), days=days, zone=BERLIN)
        assert found == expected

    @given(
        st.integers(1, 10**7), st.decimals(1, 5, places=2), st.integers(0, 60),
        st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    )  # fmt: skip
    def test_it_never_takes_time_and_more_is_never_less(self, span, times, days, due_at):
        due_at = due_at.replace(second=59, microsecond=0)
        opens_at = due_at - timedelta(seconds=span)
        given_time = {"opens_at": opens_at, "due_at": due_at, "zone": BERLIN}
        found = accommodated_due(**given_time, times=times, days=days)
        assert found >= due_at
        assert found >= due_at + timedelta(seconds=int(span * (times - 1)) - 60)
        assert accommodated_due(**given_time, times=min(times + 1, D(5)), days=days) >= found
        assert accommodated_due(**given_time, times=times, days=days + 1) >= found


@pytest.mark.django_db
class TestGranting:
    def grant(self, world, times="1.5", days=0, reason="Certified"):
        return grant_accommodation(student=world.student, by=world.lecturer, times=D(times), days=days, reason=reason)

    def due(self, world, who=None):
        return history_of(world.assignment, who or world.student).own_due

    def test_it_moves_this_students_due_times_and_nobody_elses(self, world):
        self.grant(world)
        span = world.assignment.due_at - world.assignment.opens_at
        assert self.due(world) == end_of_minute(world.assignment.due_at + span / 2)
        assert self.due(world, world.classmate) == world.assignment.due_at
        assert history_of(world.assignment, world.student).is_extended

    def test_late_work_is_late_no_more_and_late_again(self, world):
        make.make_submission(world.assignment, world.student, late=timedelta(hours=3))
        assert history_of(world.assignment, world.student).factor < 1
        made = self.grant(world)
        assert history_of(world.assignment, world.student).factor == 1
        withdraw_accommodation(accommodation=made, by=world.lecturer)
        withdraw_accommodation(accommodation=made, by=world.lecturer)
        assert history_of(world.assignment, world.student).factor < 1
        assert OutgoingMail.objects.filter(subject__startswith="Your time in").count() == 2

    def test_a_longer_extension_holds_and_so_does_a_moved_due_time(self, world):
        self.grant(world, "1", 1)
        later = world.assignment.due_at + timedelta(days=9)
        world.assignment.extensions.create(student=world.student, due_at=later, reason="x", granted_by=world.ta)
        assert self.due(world) == later
        world.assignment.due_at += timedelta(days=30)
        world.assignment.save()
        assert self.due(world) == end_of_minute(world.assignment.due_at + timedelta(days=1))

    def test_another_takes_its_place_and_the_same_is_the_same(self, world):
        assert self.grant(world) == self.grant(world)
        with pytest.raises(AccommodationRefused, match="exactly this already"):
            self.grant(world, reason="Again")
        self.grant(world, "2")
        assert [each.said for each in accommodations_of(world.course)] == ["2 × the time"]
        assert Accommodation.objects.count() == 2

    @pytest.mark.parametrize(("times", "days", "reason", "said"), [("1", 0, "x", "how much"), ("2", 0, " ", "reason")])
    def test_what_gives_nothing_or_has_no_reason(self, world, times, days, reason, said):
        with pytest.raises(AccommodationRefused, match=said):
            self.grant(world, times, days, reason)
        with pytest.raises(IntegrityError), transaction.atomic():
            Accommodation.objects.create(student=world.student, granted_by=world.lecturer, reason="x")

    def test_a_groups_due_time_stays(self, world):
        stage = groups.stage_of(groups.make_project(world.course))
        owls = groups.make_group(stage.groups.project, world.student)
        self.grant(world, "3")
        assert history_of(stage, owls).own_due == stage.due_at

    def test_many_students_take_no_more_queries(self, world):
        people = [make.enrol(world.course, section=world.section) for _ in range(30)]
        with CaptureQueriesContext(connection) as few:
            histories([world.assignment], people[:1])
        for person in people:
            grant_accommodation(student=person, by=world.lecturer, times=D(2), days=0, reason="x")
        with CaptureQueriesContext(connection) as many:
            histories([world.assignment], people)
        assert len(many) == len(few)


@pytest.mark.django_db
class TestThePage:
    def test_granting_shows_its_effect_first(self, client, world):
        submission = make.make_submission(world.assignment, world.student, late=timedelta(hours=3))
        make.run_of(submission, analysis="passed")
        sent = {"student": world.student.pk, "times": "1.5", "days": "", "reason": "Certified <b>"}
        asked = as_person(client, world.lecturer).post(PAGE, sent)
        assert "What this would do" in words_of(asked)
        assert not Accommodation.objects.exists()
        client.post(PAGE, sent | {"seen": asked.context["seen"]})
        page = client.get(PAGE)
        assert "1.5 × the time" in words_of(page)
        assert b"<b>" not in page.content

        held = str(Accommodation.objects.get().pk)
        asked = client.post(PAGE, {"withdraw": held})
        assert "What taking it back would do" in words_of(asked)
        client.post(PAGE, {"withdraw": held, "seen": asked.context["seen"]})
        assert Accommodation.objects.get().withdrawn_by == world.lecturer

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"times": "1"}, "Say how much more time"), ({"times": "9"}, "less than or equal to 5"), ({"reason": ""}, "required"),
            ({"student": ""}, "required"), ({"days": "-1"}, "greater than or equal to 0"), ({"times": "NaN"}, "Enter a number"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_said(self, client, world, change, said):
        sent = {"student": world.student.pk, "times": "1.5", "days": "0", "reason": "x", **change}
        answer = as_person(client, world.lecturer).post(PAGE, sent)
        assert answer.status_code == 422
        assert said in words_of(answer)

    @pytest.mark.parametrize("key", ["0", "x", "9" * 30])
    def test_what_is_not_there_is_not_taken_back(self, client, world, key):
        assert as_person(client, world.lecturer).post(PAGE, {"withdraw": key}).status_code == 404

    def test_another_courses_student_cannot_be_chosen(self, client, world):
        sent = {"student": world.stranger.pk, "times": "2", "days": "0", "reason": "x"}
        assert as_person(client, world.lecturer).post(PAGE, sent).status_code == 422

    def test_the_student_reads_the_later_due_time(self, client, world):
        grant_accommodation(student=world.student, by=world.lecturer, times=D(2), days=0, reason="Private words")
        page = words_of(as_person(client, world.student).get("/courses/dl/assignments/"))
        assert "Extended" in page
        assert "Private words" not in page
