"""Attendance: names tapped, a code shown in class, and marks that follow from both."""

import re
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from assignments.services import create_entered
from courses.models import Role
from term.attendance.policy import share_attended
from term.attendance.services import (
    MOST_TRIES,
    AttendanceRefused,
    close_code,
    enter_attendance,
    enter_code,
    make_meeting,
    open_code,
    take_roll,
)
from term.models import Meeting, Presence
from tests import entered
from tests import factories as make
from tests.pages import as_person, text_of, words_of

ATTENDANCE = "/courses/dl/attendance/"
DAY = date(2026, 10, 5)


@pytest.mark.parametrize(
    ("meetings", "states", "share"),
    [
        ([], {}, None),
        ([1], {}, 0),
        ([1, 2], {1: "present"}, Fraction(1, 2)),
        ([1, 2], {1: "present", 2: "excused"}, 1),
        ([1], {1: "excused"}, None),
        ([1, 2, 3], {1: "present", 2: "absent", 9: "present"}, Fraction(1, 3)),
    ],
)
def test_the_share_of_meetings(meetings, states, share):
    assert share_attended(meetings, states) == share


@given(st.dictionaries(st.integers(1, 9), st.sampled_from(["present", "absent", "excused"]), max_size=9))
def test_being_there_never_costs(states):
    meetings = range(1, 10)
    for meeting in meetings:
        before = share_attended(meetings, states) or 0
        after = share_attended(meetings, {**states, meeting: "present"})
        assert after is not None
        assert after >= before or states.get(meeting) == "excused"


@pytest.fixture
def item(world):
    return create_entered(course=world.course, title="Attendance")


@pytest.fixture
def meeting(world, item):
    cache.delete(f"attendance:{world.student.pk}")
    return make_meeting(by=world.lecturer, item=item, title="Week 5", held_on=DAY)


@pytest.mark.django_db
class TestCode:
    def test_who_writes_it_in_time_was_there(self, world, meeting):
        code = open_code(meeting=meeting).code
        typed = f" {code[:3].lower()} {code[3:]} "

        assert enter_code(student=world.student, typed=typed, now=timezone.now()) == meeting
        assert enter_code(student=world.student, typed=code, now=timezone.now()) == meeting
        assert Presence.objects.get().state == "present"

    def test_later_with_another_or_when_it_is_closed_it_is_taken_no_more(self, world, meeting):
        first = open_code(meeting=meeting).code
        second = open_code(meeting=meeting).code
        late = timezone.now() + timedelta(minutes=11)

        for typed, now in ((first, timezone.now()), (second, late), ("", timezone.now()), ("XXXXXX", timezone.now())):
            with pytest.raises(AttendanceRefused, match="not the code"):
                enter_code(student=world.student, typed=typed, now=now)
        close_code(meeting=meeting)
        with pytest.raises(AttendanceRefused, match="not the code"):
            enter_code(student=world.student, typed=second, now=timezone.now())
        assert not Presence.objects.exists()

    def test_nobody_guesses_it(self, world, meeting):
        code = open_code(meeting=meeting).code
        for _ in range(MOST_TRIES):
            with pytest.raises(AttendanceRefused, match="not the code"):
                enter_code(student=world.student, typed="WRONG1", now=timezone.now())
        with pytest.raises(AttendanceRefused, match="Too many wrong codes"):
            enter_code(student=world.student, typed=code, now=timezone.now())

    def test_what_staff_noted_stands(self, world, meeting):
        take_roll(meeting=meeting, by=world.ta, states={world.student: "absent"})
        code = open_code(meeting=meeting).code

        with pytest.raises(AttendanceRefused, match="noted as absent"):
            enter_code(student=world.student, typed=code, now=timezone.now())

    def test_a_code_of_another_course_is_none(self, world, meeting):
        elsewhere = world.stranger.course
        other = make_meeting(
            by=make.enrol(elsewhere, Role.LECTURER),
            item=create_entered(course=elsewhere, title="A"),
            title="x",
            held_on=DAY,
        )
        code = open_code(meeting=other).code

        with pytest.raises(AttendanceRefused, match="not the code"):
            enter_code(student=world.student, typed=code, now=timezone.now())


@pytest.mark.django_db
class TestMarks:
    def test_they_are_the_share_of_meetings_and_what_a_person_entered_stays(self, world, item, meeting):
        second = make_meeting(by=world.lecturer, item=item, title="Week 6", held_on=DAY)
        take_roll(meeting=meeting, by=world.ta, states={world.student: "present", world.classmate: "present"})
        take_roll(meeting=second, by=world.ta, states={world.classmate: "excused"})
        third = make.enrol(world.course, section=world.section)
        entered.enter(item, world.lecturer, third, 77)

        assert enter_attendance(item=item, by=world.lecturer) == 2
        assert enter_attendance(item=item, by=world.lecturer) == 0
        found = {who: entered.newest(item, who).points for who in (world.student, world.classmate, third)}
        assert found == {world.student: 50, world.classmate: 100, third: 77}

    def test_a_third_is_rounded_as_everywhere(self, world, item, meeting):
        for title in ("Week 6", "Week 7"):
            make_meeting(by=world.lecturer, item=item, title=title, held_on=DAY)
        take_roll(meeting=meeting, by=world.ta, states={world.student: "present"})

        enter_attendance(item=item, by=world.lecturer)

        assert entered.newest(item, world.student).points == Decimal("33.3333")

    def test_what_was_not_held_yet_counts_for_nobody(self, client, world, item, meeting):
        later = timezone.localdate() + timedelta(days=7)
        make_meeting(by=world.lecturer, item=item, title="Next week", held_on=later)
        take_roll(meeting=meeting, by=world.ta, states={world.student: "present"})

        enter_attendance(item=item, by=world.lecturer)

        assert entered.newest(item, world.student).points == 100
        said = words_of(as_person(client, world.student).get(ATTENDANCE))
        assert "100 % of the meetings so far" in said
        assert re.search(r"Next week .* to come", said)
        assert "absent" not in said

    def test_each_section_has_its_own_meetings(self, client, world, item, meeting):
        """`meeting` is the first section's, the second one the other's; the third is for all, and nobody was noted."""
        other = make.enrol(world.course, section=world.other_section)
        second = make_meeting(by=world.lecturer, item=item, title="Other lab", held_on=DAY)
        take_roll(meeting=meeting, by=world.ta, states={world.student: "present", world.classmate: "absent"})
        take_roll(meeting=second, by=world.other_ta, states={other: "present"})

        enter_attendance(item=item, by=world.lecturer)

        found = [entered.newest(item, who).points for who in (world.student, world.classmate, other)]
        assert found == [100, 0, 100]
        assert "Other lab" not in words_of(as_person(client, world.student).get(ATTENDANCE))

    def test_who_is_excused_from_everything_has_no_mark_any_more(self, world, item, meeting):
        enter_attendance(item=item, by=world.lecturer)
        assert entered.newest(item, world.student).points == 0
        take_roll(meeting=meeting, by=world.ta, states={world.student: "excused", world.classmate: "excused"})

        assert enter_attendance(item=item, by=world.lecturer) == 2
        assert entered.newest(item, world.student).is_taken_back
        assert enter_attendance(item=item, by=world.lecturer) == 0

    def test_without_a_meeting_nothing_is_entered(self, world, item):
        with pytest.raises(AttendanceRefused, match="No meeting was held"):
            enter_attendance(item=item, by=world.lecturer)

    def test_constraints(self, world, meeting):
        with pytest.raises(IntegrityError), transaction.atomic():
            Meeting.objects.update(code="X")
        with pytest.raises(IntegrityError), transaction.atomic():
            Presence.objects.create(meeting=meeting, student=world.student, state="asleep", noted_by=world.ta)


@pytest.mark.django_db
class TestPages:
    def test_what_it_counts_for_is_chosen_where_there_is_a_choice(self, client, world, item):
        as_person(client, world.lecturer)
        assert "Choose …" not in words_of(client.get(ATTENDANCE))
        create_entered(course=world.course, title="Final exam")

        assert "Choose …" in words_of(client.get(ATTENDANCE))
        sent = {"make": "1", "item": "", "title": "Week 5", "held_on": "2026-10-05"}
        assert client.post(ATTENDANCE, sent).status_code == 422

    def test_from_the_meeting_to_the_students_record(self, client, world, item):
        cache.delete(f"attendance:{world.student.pk}")
        as_person(client, world.lecturer)
        form = {"make": "1", "item": str(item.pk), "title": "Week 5", "held_on": "2026-10-05"}
        made = client.post(ATTENDANCE, form, follow=True)
        page = made.redirect_chain[-1][0]
        assert "0 of 2 present" in words_of(made)
        client.post(page, {f"state-{world.student.pk}": "present", f"state-{world.classmate.pk}": "nonsense"})
        assert "1 of 2 present" in words_of(client.get(page))
        client.post(page, {"open": "1"})
        code = Meeting.objects.get().code
        assert code in words_of(client.get(page))

        as_person(client, world.classmate)
        assert "The code that is shown in class" in words_of(client.get(ATTENDANCE))
        assert code not in text_of(client.get(ATTENDANCE))
        done = words_of(client.post(ATTENDANCE, {"code": code}, follow=True))
        assert "You are noted as present at Week 5." in done
        assert "Attendance: 100 % of the meetings so far." in done
        as_person(client, world.lecturer)
        assert "2 marks entered." in words_of(client.post(ATTENDANCE, {"count": item.slug}, follow=True))

    def test_tas_take_it_for_their_students_only_and_enter_no_marks(self, client, world, item, meeting):
        as_person(client, world.other_ta)

        client.post(f"{ATTENDANCE}{meeting.pk}/", {f"state-{world.student.pk}": "present"})

        assert not Presence.objects.exists()
        assert client.post(ATTENDANCE, {"count": item.slug}).status_code == 403

    def test_a_day_that_is_a_slip(self, client, world, item):
        form = {"make": "1", "item": str(item.pk), "title": "Week 5", "held_on": "0205-10-05"}

        assert as_person(client, world.lecturer).post(ATTENDANCE, form).status_code == 422

    def test_it_is_in_the_navigation_once_it_is_taken(self, client, world, meeting):
        assert f'href="{ATTENDANCE}"' in text_of(as_person(client, world.student).get("/courses/dl/"))
