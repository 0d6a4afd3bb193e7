"""More time: asked for, granted with its effect shown first, declined, withdrawn; and dates that are edited."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assignments.extensions import (
    ExtensionRefused,
    decline_request,
    grant_extension,
    request_extension,
    withdraw_extension,
)
from assignments.models import Extension, ExtensionRequest
from assignments.more_time import waiting_requests
from assignments.selectors import history_of
from courses.models import OutgoingMail
from tests import factories as make
from tests.factories import DUE
from tests.pages import NUMBERS, as_person, text_of, words_of

pytestmark = pytest.mark.django_db
PAGE = NUMBERS + "extensions/"
ASK = NUMBERS + "more-time/"
LATER = DUE + timedelta(days=2)
FORM = {"section": "", "due_at": "2026-10-30T23:59", "reason": "Ill"}


def asked(world, **fields):
    fields = {
        "assignment": world.assignment,
        "owner": world.student,
        "by": world.student,
        "wanted_until": LATER,
        "reason": "Ill",
        **fields,
    }
    return request_extension(**fields)


def granted(world, **fields):
    fields = {"assignment": world.assignment, "by": world.ta, "due_at": LATER, "reason": "Ill", **fields}
    return grant_extension(**fields)


def seen_in(answer):
    return re.search(r'name="seen" value="(\w+)"', text_of(answer))[1]


@pytest.fixture
def late(world):
    """Graded work of the student, 30 hours late: ×0.7."""
    make.run_of(make.make_submission(world.assignment, world.student, late=timedelta(hours=30)), analysis="failed")
    return world


class TestAsking:
    def test_a_student_asks_and_reads_that_it_waits(self, client, world):
        told = as_person(client, world.student).post(
            ASK, {"wanted_until": "2026-10-28T12:00", "reason": "In hospital"}, follow=True
        )

        request = ExtensionRequest.objects.get()
        assert (request.student, request.reason, request.wanted_until.second) == (world.student, "In hospital", 59)
        assert "Your request waits for an answer" in words_of(told)
        assert "Ask for more time" in words_of(client.get(NUMBERS))

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({"wanted_until": "2026-10-25T23:00", "reason": "x"}, "Ask for a time after the due time that holds now."),
            ({"wanted_until": "", "reason": "x"}, "required"),
            ({"wanted_until": "2026-10-28T12:00", "reason": ""}, "required"),
        ],
    )
    def test_what_cannot_be_asked_is_said(self, client, world, form, said):
        refused = as_person(client, world.student).post(ASK, form)

        assert said in words_of(refused)
        assert not ExtensionRequest.objects.exists()

    def test_one_request_waits_at_a_time(self, client, world):
        asked(world)

        refused = as_person(client, world.student).post(ASK, {"wanted_until": "2026-10-28T12:00", "reason": "Again"})

        assert "You have asked already" in words_of(refused)
        assert ExtensionRequest.objects.count() == 1

    def test_the_database_keeps_that_promise_too(self, world):
        asked(world)

        with pytest.raises(IntegrityError), transaction.atomic():
            ExtensionRequest.objects.create(
                assignment=world.assignment,
                student=world.student,
                asked_by=world.student,
                wanted_until=LATER,
                reason="x",
            )

    def test_asking_moves_no_due_time(self, world):
        asked(world)

        assert history_of(world.assignment, world.student).due_at == DUE

    def test_a_classmate_reads_nothing_of_it(self, client, world):
        asked(world, reason="A private matter")

        assert "A private matter" not in words_of(as_person(client, world.classmate).get(ASK))


class TestDeciding:
    def test_staff_in_reach_see_what_waits(self, client, world):
        asked(world, reason="A private matter")

        for person, seen in ((world.ta, True), (world.other_ta, False), (world.lecturer, True)):
            assert ("A private matter" in words_of(as_person(client, person).get(PAGE))) is seen
            assert ("1 request for more time" in words_of(client.get("/courses/dl/"))) is seen

    def test_a_request_fills_the_form(self, client, world):
        request = asked(world)

        page = as_person(client, world.ta).get(f"{PAGE}?asked={request.pk}")

        assert page.context["form"].initial["student"] == [world.student.pk]
        assert 'value="2026-10-27T23:59"' in text_of(page)

    @pytest.mark.parametrize("number", ["999", "x", "٣", "-1"])
    def test_a_request_that_is_not_there_is_not_found_or_ignored(self, client, world, number):
        assert as_person(client, world.ta).get(f"{PAGE}?asked={number}").status_code == (
            404 if number == "999" else 200
        )

    def test_granting_answers_the_request_and_tells_the_student(self, client, world):
        asked(world)

        as_person(client, world.ta).post(PAGE, {**FORM, "student": world.student.pk})

        request = ExtensionRequest.objects.get()
        mail = OutgoingMail.objects.get(recipient=world.student.user.email)
        assert (request.granted, request.decided_by) == (True, world.ta)
        assert "is due on Friday, 30 October 2026 at 23:59 for you now" in mail.body
        assert "Granted" in words_of(as_person(client, world.student).get(ASK))

    def test_declining_needs_a_reason_and_tells_the_student(self, client, world):
        request = asked(world)
        as_person(client, world.ta)
        told = client.post(f"{PAGE}decline/{request.pk}/", {"answer": " "}, follow=True)
        assert "Say why not" in words_of(told)

        client.post(f"{PAGE}decline/{request.pk}/", {"answer": "A week is plenty."})

        request.refresh_from_db()
        assert (request.granted, request.answer) == (False, "A week is plenty.")
        assert "A week is plenty." in words_of(as_person(client, world.student).get(ASK))
        assert "A week is plenty." in OutgoingMail.objects.get().body

    def test_what_was_decided_stays_decided(self, world):
        request = asked(world)
        decline_request(request=request, by=world.ta, answer="No")

        with pytest.raises(ExtensionRefused, match="decided before"):
            decline_request(request=request, by=world.lecturer, answer="No again")

    def test_after_a_no_a_student_may_ask_again(self, world):
        decline_request(request=asked(world), by=world.ta, answer="No")

        assert asked(world, reason="With a doctor's note").decided_at is None

    def test_waiting_requests_are_counted_by_assignment(self, world):
        asked(world)
        asked(world, owner=world.classmate, by=world.classmate)

        assert waiting_requests(world.ta) == {world.assignment.pk: 2}
        assert waiting_requests(world.other_ta) == {}

    def test_another_sections_request_cannot_be_declined(self, client, world):
        request = asked(world)

        assert (
            as_person(client, world.other_ta).post(f"{PAGE}decline/{request.pk}/", {"answer": "No"}).status_code == 404
        )


class TestEffect:
    def test_it_is_shown_before_it_is_granted_and_equals_the_result(self, client, late):
        shown = as_person(client, late.ta).post(PAGE, {**FORM, "student": late.student.pk})

        assert "1 piece of work would count differently" in words_of(shown)
        assert "×0.7 → ×1.0" in words_of(shown)
        assert (Extension.objects.count(), OutgoingMail.objects.filter(subject__startswith="More time").count()) == (
            0,
            0,
        )
        client.post(PAGE, {**FORM, "student": late.student.pk, "seen": seen_in(shown)})
        assert history_of(late.assignment, late.student).factor == 1

    def test_a_section_shows_all_its_students(self, client, late):
        make.make_submission(late.assignment, late.classmate, late=timedelta(hours=2))

        shown = as_person(client, late.lecturer).post(PAGE, {**FORM, "student": [], "section": late.section.pk})

        assert "2 pieces of work would count differently" in words_of(shown)

    def test_several_at_once_are_granted_together(self, client, late):
        make.make_submission(late.assignment, late.classmate, late=timedelta(hours=2))
        both = {**FORM, "student": [late.student.pk, late.classmate.pk]}

        shown = as_person(client, late.ta).post(PAGE, both)
        assert "2 pieces of work would count differently" in words_of(shown)
        client.post(PAGE, both | {"seen": seen_in(shown)})

        assert set(Extension.objects.values_list("student", flat=True)) == {late.student.pk, late.classmate.pk}
        for student in (late.student, late.classmate):
            assert history_of(late.assignment, student).factor == 1

    def test_nobody_of_several_is_out_of_reach(self, client, late):
        both = {**FORM, "student": [late.student.pk, late.stranger.pk]}

        assert "Select a valid choice" in words_of(as_person(client, late.ta).post(PAGE, both))
        assert not Extension.objects.exists()

    def test_only_what_was_seen_is_granted(self, client, late):
        shown = as_person(client, late.ta).post(PAGE, {**FORM, "student": late.student.pk})
        make.make_submission(late.assignment, late.student, late=timedelta(hours=40))

        again = client.post(PAGE, {**FORM, "student": late.student.pk, "seen": seen_in(shown)})

        assert "would count differently" in words_of(again)
        assert not Extension.objects.exists()

    def test_a_section_is_told_by_mail(self, world):
        granted(world, section=world.section, reason="Network down")

        assert set(OutgoingMail.objects.values_list("recipient", flat=True)) == {
            world.student.user.email, world.classmate.user.email,
        }  # fmt: skip


class TestMails:
    def test_each_reads_their_own_due_time_and_only_if_it_moved(self, world):
        granted(world, student=world.student, due_at=DUE + timedelta(days=5))
        OutgoingMail.objects.all().delete()

        granted(world, section=world.section, reason="Network down")

        assert [mail.recipient for mail in OutgoingMail.objects.all()] == [world.classmate.user.email]

    def test_nobody_hears_of_what_they_may_not_know_yet(self, world):
        for change in ({"is_published": False}, {}):
            type(world.course).objects.update(**{"is_published": True, **change})
            opens_at = DUE if change else timezone.now() + timedelta(days=1)
            world.assignment.opens_at = opens_at - timedelta(days=14) if change else opens_at
            world.course.refresh_from_db()
            world.assignment.course = world.course
            granted(world, section=world.section, due_at=DUE + timedelta(days=2 if change else 3))

        assert not OutgoingMail.objects.exists()

    def test_who_left_is_not_offered(self, client, world):
        world.student.left_at = DUE
        world.student.save()

        refused = as_person(client, world.ta).post(PAGE, {**FORM, "student": world.student.pk})

        assert "Select a valid choice" in words_of(refused)

    def test_a_double_click_grants_once(self, client, world):
        for _ in range(2):
            as_person(client, world.ta).post(PAGE, {**FORM, "student": world.student.pk})

        assert (Extension.objects.count(), OutgoingMail.objects.count()) == (1, 1)

    def test_a_request_that_a_colleague_decided_loses_nothing_that_was_typed(self, client, world):
        request = asked(world)
        decline_request(request=request, by=world.lecturer, answer="No")

        as_person(client, world.ta).post(f"{PAGE}?asked={request.pk}", {**FORM, "student": world.student.pk})

        assert Extension.objects.count() == 1

    def test_null_characters_are_dropped(self, client, world):
        extension = granted(world, student=world.student)

        as_person(client, world.ta).post(f"{PAGE}{extension.pk}/withdraw/", {"reason": "A\x00 mistake"})

        extension.refresh_from_db()
        assert extension.withdrawn_because == "A mistake"


class TestWithdrawing:
    def test_the_effect_is_shown_then_the_due_time_is_as_before(self, client, late):
        extension = granted(late, student=late.student)
        as_person(client, late.ta)
        shown = client.post(f"{PAGE}{extension.pk}/withdraw/", {"reason": "A mistake"})
        assert "×1.0 → ×0.7" in words_of(shown)
        assert history_of(late.assignment, late.student).factor == 1

        client.post(f"{PAGE}{extension.pk}/withdraw/", {"reason": "A mistake", "seen": seen_in(shown)})

        extension.refresh_from_db()
        assert (str(history_of(late.assignment, late.student).factor), extension.withdrawn_because) == (
            "0.7",
            "A mistake",
        )
        assert "A mistake" in words_of(client.get(PAGE))
        assert OutgoingMail.objects.filter(subject__startswith="Extension withdrawn").count() == 1

    def test_it_needs_a_reason(self, client, world):
        extension = granted(world, student=world.student)

        told = as_person(client, world.ta).post(f"{PAGE}{extension.pk}/withdraw/", {"reason": ""}, follow=True)

        extension.refresh_from_db()
        assert "Give a reason" in words_of(told)
        assert extension.withdrawn_at is None

    def test_it_is_withdrawn_once(self, world):
        extension = granted(world, student=world.student)
        withdraw_extension(extension=extension, by=world.ta, reason="x")

        with pytest.raises(ExtensionRefused, match="withdrawn before"):
            withdraw_extension(extension=extension, by=world.ta, reason="x")

    def test_another_extension_still_holds(self, world):
        first = granted(world, student=world.student, due_at=DUE + timedelta(days=5))
        granted(world, student=world.student)

        withdraw_extension(extension=first, by=world.ta, reason="x")

        assert history_of(world.assignment, world.student).due_at == LATER

    def test_another_sections_extension_is_not_found(self, client, world):
        extension = granted(world, student=world.student)

        assert (
            as_person(client, world.other_ta).post(f"{PAGE}{extension.pk}/withdraw/", {"reason": "x"}).status_code
            == 404
        )
