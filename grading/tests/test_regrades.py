"""Appeals: asked within the window, talked about, decided once; nothing leaks and nothing is overwritten."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from courses.models import Course, OutgoingMail, Role
from grading.models import Mark, RegradeMessage, RegradeRequest
from grading.selectors.grades import item_of
from grading.selectors.regrades import requests_visible_to, waiting_for
from grading.services.regrades import RegradeRefused, answer, decide, request_regrade, window_of
from tests import factories as make
from tests.pages import NUMBERS, address_of, as_person, text_of, words_of

pytestmark = pytest.mark.django_db
LIST = "/courses/dl/regrades/"
ASK = NUMBERS + "regrade/?cell=analysis"
D = Decimal


@pytest.fixture
def released(world):
    """6 points, with an analysis that got 1 of 3."""
    submission = make.make_submission(world.assignment, world.student)
    make.run_of(submission)
    Mark.objects.create(submission=submission, grade_id="analysis", points=1, comment="Too short.", marker=world.ta)
    return make.release_of(submission, world.lecturer)


@pytest.fixture
def regrade(released, world):
    return make.ask_for_regrade(released, world.student)


def page_of(request):
    return f"{LIST}{request.pk}/"


def decided(client, person, request, **form):
    newest = Mark.objects.order_by("-pk").first()
    seen = newest.pk if newest else 0
    form = {"decide": "1", "state": "accepted", "points": "2.5", "text": "You are right.", "seen": seen, **form}
    return as_person(client, person).post(page_of(request), form, follow=True)


class TestAsking:
    def test_a_student_finds_the_way_from_the_row(self, client, world, released):
        page = text_of(as_person(client, world.student).get(address_of(released.submission)))

        assert f'href="{ASK}"' in page
        assert "You may ask to look at a row again until" in page
        form = words_of(client.get(ASK))
        assert "You were given 1 of 3." in form
        assert "Too short." in form

    def test_and_asks(self, client, world, released):
        told = as_person(client, world.student).post(ASK, {"reason": "See cell 4."}, follow=True)

        assert "Asked." in words_of(told)
        assert RegradeMessage.objects.get().text == "See cell 4."
        assert RegradeRequest.objects.get().state == "open"

    def test_after_the_window_it_is_too_late(self, client, world, released):
        Course.objects.filter(pk=world.course.pk).update(regrade_days=0)

        refused = as_person(client, world.student).post(ASK, {"reason": "x"})

        assert "is over" in words_of(refused)
        assert "Ask to look again" not in words_of(client.get(address_of(released.submission)))

    def test_the_window_is_the_courses(self, released, world):
        world.course.regrade_days = 3
        world.course.save()
        released.refresh_from_db()

        assert window_of(released) == released.release.released_at + timedelta(days=3)

    def test_the_last_second_still_counts(self, released, world):
        until = window_of(released)

        with pytest.raises(RegradeRefused, match="is over"):
            ask(released, world, at=until + timedelta(seconds=1))
        assert ask(released, world, at=until).is_open

    @pytest.mark.parametrize(
        ("fields", "said"), [({"reason": " "}, "Say what"), ({"grade_id": "nothing"}, "no such cell")]
    )
    def test_what_cannot_be_asked_is_said(self, released, world, fields, said):
        with pytest.raises(RegradeRefused, match=said):
            ask(released, world, **fields)

    def test_each_cell_is_asked_for_once(self, released, world, regrade):
        with pytest.raises(RegradeRefused, match="already"):
            make.ask_for_regrade(released, world.student)
        with pytest.raises(IntegrityError), transaction.atomic():
            RegradeRequest.objects.create(released=released, grade_id="analysis")

    def test_nothing_can_be_asked_before_a_release(self, client, world):
        make.run_of(make.make_submission(world.assignment, world.student))

        assert as_person(client, world.student).get(ASK).status_code == 404

    def test_what_was_typed_is_kept_when_it_is_refused(self, client, world, released):
        Course.objects.filter(pk=world.course.pk).update(regrade_days=0)

        assert "A long text" in text_of(as_person(client, world.student).post(ASK, {"reason": "A long text"}))


def ask(released, world, **fields):
    fields = {"student": world.student, "grade_id": "analysis", "reason": "x", "at": timezone.now(), **fields}
    return request_regrade(released=released, **fields)


class TestDeciding:
    def test_an_appeal_is_won_and_shown_with_the_next_release(self, client, world, released, regrade):
        told = decided(client, world.ta, regrade)

        assert "The student sees them when the grade is released again." in words_of(told)
        mark = Mark.objects.latest("pk")
        assert (mark.points, mark.marker, mark.comment) == (D("2.5"), world.ta, "You are right.")
        assert "4 of 6" in words_of(as_person(client, world.student).get(address_of(released.submission)))
        assert item_of(released.submission).state == "changed"

        as_person(client, world.lecturer).post(NUMBERS + "release/")
        page = words_of(as_person(client, world.student).get(address_of(released.submission)))
        assert "5.5 of 6" in page
        assert "You are right." in page

    def test_declining_changes_no_mark(self, client, world, regrade):
        decided(client, world.ta, regrade, state="declined", points="", text="The derivation is missing.")

        regrade.refresh_from_db()
        assert (regrade.state, Mark.objects.count()) == ("declined", 1)
        assert "The derivation is missing." in OutgoingMail.objects.latest("pk").body

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({"points": ""}, "Give the points from now on, from 0 to 3"),
            ({"points": "3.5"}, "from 0 to 3"),
            ({"text": ""}, "required"),
            ({"state": "open"}, "valid choice"),
        ],
    )
    def test_a_decision_without_its_facts_is_refused(self, client, world, regrade, form, said):
        told = decided(client, world.ta, regrade, **form)

        assert said in words_of(told)
        regrade.refresh_from_db()
        assert (regrade.is_open, Mark.objects.count()) == (True, 1)

    def test_handed_on_it_is_the_lecturers(self, client, world, regrade):
        decided(client, world.ta, regrade, state="escalated", points="", text="I am not sure.")

        assert list(waiting_for(world.ta)) == []
        assert list(waiting_for(world.lecturer)) == [regrade]
        assert "This is with the lecturer now." in words_of(as_person(client, world.ta).get(page_of(regrade)))
        with pytest.raises(RegradeRefused, match="with the lecturer"):
            decide(request=regrade, by=world.ta, state="declined", text="No")
        decided(client, world.lecturer, regrade, state="partly", points="2", text="In part.")
        regrade.refresh_from_db()
        assert (regrade.state, regrade.decided_by) == ("partly", world.lecturer)

    def test_it_is_decided_once(self, world, regrade):
        decide(request=regrade, by=world.ta, state="declined", text="No")

        with pytest.raises(RegradeRefused, match="decided already"):
            decide(request=regrade, by=world.lecturer, state="accepted", text="Yes", points=D(3))

    def test_points_may_also_go_down(self, world, regrade):
        decide(request=regrade, by=world.ta, state="accepted", text="The formula is wrong too.", points=D(0))

        assert Mark.objects.latest("pk").points == 0

    def test_student_assistants_read_and_decide_nothing(self, client, world, regrade):
        helper = make.enrol(world.course, Role.STUDENT_ASSISTANT, section=world.section)

        page = as_person(client, helper).get(page_of(regrade))

        assert page.context["form"] is None
        decided(client, helper, regrade)
        regrade.refresh_from_db()
        assert regrade.is_open


class TestStale:
    def test_points_for_a_version_that_no_longer_counts_are_refused(self, client, world, regrade):
        make.run_of(make.make_submission(world.assignment, world.student))

        told = decided(client, world.ta, regrade)

        assert "Another version counts by now" in words_of(told)
        decided(client, world.ta, regrade, state="declined", text="Version 2 is looked at anew.")
        regrade.refresh_from_db()
        assert regrade.state == "declined"

    def test_a_mark_that_came_meanwhile_is_not_decided_over(self, client, world, released, regrade):
        page = as_person(client, world.ta).get(page_of(regrade))
        seen = page.context["mark"].pk
        Mark.objects.create(submission=released.submission, grade_id="analysis", points=3, marker=world.lecturer)

        told = decided(client, world.ta, regrade, seen=seen)

        assert "gave 3 meanwhile" in words_of(told)
        assert Mark.objects.latest("pk").points == 3

    def test_the_page_says_what_the_desk_has_now(self, client, world, released, regrade):
        Mark.objects.create(submission=released.submission, grade_id="analysis", points=3, marker=world.lecturer)

        assert "The desk has 3 of 3 now" in words_of(as_person(client, world.ta).get(page_of(regrade)))
        assert "The desk has" not in words_of(as_person(client, world.student).get(page_of(regrade)))

    def test_a_release_of_something_else_opens_nothing_again(self, client, world, released, regrade):
        decide(request=regrade, by=world.ta, state="declined", text="No")
        Mark.objects.create(
            submission=released.submission, grade_id="double_test", points=1, comment="x", marker=world.ta
        )
        again = make.release_of(released.submission, world.lecturer)

        with pytest.raises(RegradeRefused, match="already"):
            make.ask_for_regrade(again, world.student)
        assert window_of(again, "analysis") == window_of(released)
        assert window_of(again, "double_test") > window_of(released)
        assert make.ask_for_regrade(again, world.student, "double_test").is_open

    def test_a_cell_that_was_given_other_points_can_be_asked_for_again(self, world, released, regrade):
        decide(request=regrade, by=world.ta, state="accepted", text="Yes", points=D(2))
        again = make.release_of(released.submission, world.lecturer)

        assert make.ask_for_regrade(again, world.student).is_open

    def test_what_was_written_is_shown_when_a_colleague_was_faster(self, client, world, regrade):
        decide(request=regrade, by=world.lecturer, state="declined", text="No")

        page = words_of(decided(client, world.ta, regrade, text="A long and careful answer"))

        assert "A long and careful answer" in page
        assert "by now" in page


class TestTalking:
    def test_both_sides_write_and_the_student_gets_mails(self, client, world, regrade):
        as_person(client, world.ta).post(page_of(regrade), {"write": "1", "text": "Which cell?"})
        as_person(client, world.student).post(page_of(regrade), {"write": "1", "text": "The fourth."})

        assert [m.text for m in regrade.messages.all()] == ["Look again.", "Which cell?", "The fourth."]
        mails = OutgoingMail.objects.filter(subject__startswith="Regrade request")
        assert [mail.recipient for mail in mails] == [world.student.user.email]

    def test_nothing_is_said_after_the_decision(self, world, regrade):
        decide(request=regrade, by=world.ta, state="declined", text="No")

        with pytest.raises(RegradeRefused, match="decided already"):
            answer(request=regrade, by=world.student, text="But!")

    def test_nothing_is_nothing(self, client, world, regrade):
        told = as_person(client, world.student).post(page_of(regrade), {"write": "1", "text": " "}, follow=True)

        assert "Write something first." in words_of(told)

    def test_what_is_written_is_never_markup(self, client, world, regrade):
        answer(request=regrade, by=world.student, text="<script>alert(1)</script>")

        assert "<script>alert" not in text_of(as_person(client, world.ta).get(page_of(regrade)))


class TestReading:
    def test_each_sees_what_is_theirs(self, world, regrade):
        seen = {
            name: list(requests_visible_to(getattr(world, name)))
            for name in ("student", "classmate", "ta", "other_ta", "lecturer")
        }

        assert seen == {"student": [regrade], "classmate": [], "ta": [regrade], "other_ta": [], "lecturer": [regrade]}

    def test_staff_are_told_how_many_wait(self, client, world, regrade):
        assert "1 regrade request" in words_of(as_person(client, world.ta).get("/courses/dl/"))
        assert "1 regrade request" not in words_of(as_person(client, world.other_ta).get("/courses/dl/"))

    def test_decided_ones_stand_below(self, client, world, regrade):
        decide(request=regrade, by=world.ta, state="declined", text="No")

        page = words_of(as_person(client, world.student).get(LIST))
        assert "Nothing waits" in page
        assert "Declined" in page
