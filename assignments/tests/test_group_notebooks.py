"""A notebook of two: handed in for both, graded, marked and released once, and a mark of each."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from assignments.access import of_person
from assignments.extensions import grant_extension, request_extension
from assignments.models import Assignment, Extension, Submission
from assignments.selectors import histories_for, history_of
from assignments.services import (
    Choice,
    NothingChanged,
    SubmissionRefused,
    confirm_replacement,
    put_back_version,
    receive_submission,
)
from courses.models import OutgoingMail
from grading.models import Review, Run
from groups.members.services import join_group, leave_group, make_group
from groups.models import GroupSet
from tests import factories as make
from tests.factories import DUE
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
EARLY = DUE - 30 * 24 * HOUR
PAGE = "/courses/dl/assignments/numbers/"


@pytest.fixture
def pairs(world):
    pairs = GroupSet.objects.create(
        course=world.course, slug="pairs", title="Pairs", smallest_group=1, largest_group=3, across_sections=True
    )
    world.assignment.group_set = pairs
    world.assignment.save()
    return pairs


@pytest.fixture
def owls(world, pairs):
    group = make_group(group_set=pairs, by=world.student, name="Owls", now=EARLY)
    join_group(group_set=pairs, by=world.classmate, code=group.code, now=EARLY)
    return group


def hand_in(world, group, *, by=None, late=-HOUR, mark="one"):
    return receive_submission(
        assignment=world.assignment, owner=group, by=by or world.student, content=make.submitted(mark=mark),
        name="numbers.ipynb", received_at=DUE + late, completed_at=DUE + late,
    )  # fmt: skip


class TestReceiving:
    def test_it_is_for_everybody_and_everybody_is_told(self, world, owls):
        submission = hand_in(world, owls)

        assert (submission.group, submission.student, submission.number) == (owls, None, 1)
        assert set(submission.members.all()) == {world.student, world.classmate}
        receipts = OutgoingMail.objects.filter(subject="Received: Numbers of Owls, version 1")
        assert {mail.recipient for mail in receipts} == {world.student.user.email, world.classmate.user.email}
        assert Run.objects.get(submission=submission).state == "queued"
        assert Review.objects.get(group=owls).submission == submission

    def test_either_of_them_replaces_it_and_the_numbers_go_on(self, world, owls):
        hand_in(world, owls)

        second = hand_in(world, owls, by=world.classmate, mark="two")

        assert (second.number, second.handed_in_by) == (2, world.classmate)
        assert history_of(world.assignment, owls).counting == second

    def test_who_is_in_no_group_or_left_hands_in_nothing(self, world, owls, pairs):
        with pytest.raises(SubmissionRefused, match="in Owls no longer"):
            hand_in(world, owls, by=make.enrol(world.course))
        leave_group(group_set=pairs, by=world.classmate, now=EARLY)
        with pytest.raises(SubmissionRefused, match="in Owls no longer"):
            hand_in(world, owls, by=world.classmate)
        assert not Submission.objects.exists()

    def test_a_late_replacement_waits_for_a_yes_to_the_file_that_was_seen(self, world, owls):
        hand_in(world, owls)
        choice = hand_in(world, owls, late=2 * HOUR, mark="late")
        assert isinstance(choice, Choice)
        seen = choice.pending.file_id
        hand_in(world, owls, by=world.classmate, late=3 * HOUR, mark="later")

        with pytest.raises(SubmissionRefused, match="uploaded another file meanwhile"):
            confirm_replacement(pending=choice.pending, by=world.student, at=DUE + 3 * HOUR, seen=seen)

        assert history_of(world.assignment, owls).counting.number == 1

    def test_a_member_puts_the_earlier_version_back(self, world, owls):
        first = hand_in(world, owls)
        hand_in(world, owls, mark="two")

        put_back_version(submission=first, by=world.classmate, at=DUE - HOUR / 2, review_began=False)

        assert history_of(world.assignment, owls).counting == first
        told = OutgoingMail.objects.filter(subject="Version 1 counts: Numbers")
        assert told.count() == 2


class TestMembers:
    @pytest.fixture
    def late_comer(self, world, owls, pairs):
        hand_in(world, owls)
        person = make.enrol(world.course, login="latecomer")
        join_group(group_set=pairs, by=person, code=owls.code, now=EARLY)
        return person

    def test_who_joins_later_has_nothing_handed_in(self, world, owls, late_comer):
        known = histories_for([world.assignment], [world.student, late_comer])

        assert known[world.assignment.pk, world.student.pk].counting.group == owls
        assert known[world.assignment.pk, late_comer.pk].counting is None

    def test_their_page_says_so(self, client, world, owls, late_comer):
        assert "not handed in for you" in words_of(as_person(client, late_comer).get(PAGE))
        assert "not handed in for you" not in words_of(as_person(client, world.student).get(PAGE))

    def test_the_same_bytes_again_are_for_them_too_at_the_old_time(self, world, owls, late_comer):
        again = hand_in(world, owls, by=late_comer, late=5 * HOUR)

        assert (again.number, again.received_at) == (1, DUE - HOUR)
        assert histories_for([world.assignment], [late_comer])[world.assignment.pk, late_comer.pk].counting == again
        with pytest.raises(NothingChanged):
            hand_in(world, owls, by=late_comer, late=5 * HOUR)

    def test_who_left_keeps_what_was_handed_in_for_them(self, world, owls, pairs):
        submission = hand_in(world, owls)
        leave_group(group_set=pairs, by=world.classmate, now=EARLY)
        make_group(group_set=pairs, by=world.classmate, name="Bees", now=EARLY)

        known = histories_for([world.assignment], [world.classmate])

        assert known[world.assignment.pk, world.classmate.pk].counting == submission
        assert Submission.objects.filter(of_person(world.classmate, world.assignment)).get() == submission

    def test_their_new_groups_work_comes_first(self, world, owls, pairs):
        hand_in(world, owls)
        leave_group(group_set=pairs, by=world.classmate, now=EARLY)
        bees = make_group(group_set=pairs, by=world.classmate, name="Bees", now=EARLY)
        theirs = hand_in(world, bees, by=world.classmate, mark="bees")

        known = histories_for([world.assignment], [world.student, world.classmate])

        assert known[world.assignment.pk, world.classmate.pk].counting == theirs
        assert known[world.assignment.pk, world.student.pk].counting.group == owls


class TestMoreTime:
    def test_a_group_asks_and_is_granted(self, world, owls):
        later = DUE + 48 * HOUR
        request_extension(assignment=world.assignment, owner=owls, by=world.student, wanted_until=later, reason="Ill")

        grant_extension(assignment=world.assignment, by=world.ta, due_at=later - HOUR, reason="Fair", group=owls)

        assert history_of(world.assignment, owls).own_due == later - HOUR
        assert Extension.objects.get().due_at == later - HOUR
        asked = world.assignment.extension_requests.get()
        assert (asked.granted, asked.wanted_until) == (True, later)


class TestPages:
    def test_without_a_group_the_page_leads_to_the_board(self, client, world, pairs):
        page = as_person(client, world.student).get(PAGE)

        assert "You are in no group yet" in words_of(page)
        assert "/courses/dl/groups/pairs/find/" in page.content.decode()

    def test_handing_in_by_the_page(self, client, world, owls):
        now = timezone.now()
        Assignment.objects.update(opens_at=now - HOUR, due_at=now + HOUR)
        file = SimpleUploadedFile("numbers.ipynb", make.submitted())
        answer = as_person(client, world.classmate).post(PAGE + "submit/", {"notebook": file})

        assert answer.url == f"{PAGE}submissions/g{owls.pk}/1/"
        assert "Received" in words_of(client.get(answer.url))

    @pytest.mark.parametrize(
        ("who", "status"),
        [("student", 200), ("classmate", 200), ("ta", 200), ("lecturer", 200), ("stranger", 404)],
    )
    def test_who_may_read_it(self, client, world, owls, who, status):
        submission = hand_in(world, owls)
        as_person(client, getattr(world, who))

        for page in ("", "file/", "receipt/", "read/", "versions/"):
            answer = client.get(f"{PAGE}submissions/g{owls.pk}/{submission.number}/{page}")
            assert answer.status_code == status, page

    def test_others_of_the_class_do_not(self, client, world, owls):
        hand_in(world, owls)
        as_person(client, make.enrol(world.course))

        assert client.get(f"{PAGE}submissions/g{owls.pk}/1/").status_code == 404
        assert client.get(f"{PAGE}submissions/{world.student.pk}/1/").status_code == 404

    def test_the_receipt_names_all_for_whom_it_is(self, client, world, owls):
        hand_in(world, owls)

        receipt = as_person(client, world.classmate).get(f"{PAGE}submissions/g{owls.pk}/1/receipt/").json()

        assert receipt["group"] == "Owls"
        assert sorted(receipt["members"]) == sorted([str(world.student.user), str(world.classmate.user)])
        assert receipt["handed_in_by"] == str(world.student.user)

    def test_staff_see_a_row_for_each_group(self, client, world, owls, pairs):
        hand_in(world, owls)
        make_group(group_set=pairs, by=make.enrol(world.course, section=world.section), name="Bees", now=EARLY)

        page = words_of(as_person(client, world.lecturer).get(PAGE + "submissions/"))

        assert "1 of 2 handed in" in page
        assert page.index("Bees") < page.index("Owls")


def test_who_hands_in_cannot_change_once_somebody_did(client, world, owls, pairs):
    hand_in(world, owls)
    as_person(client, world.lecturer)
    page = client.get(PAGE + "edit/").context["form"]
    sent = {name: value for name, value in page.initial.items() if value is not None} | {"group_set": ""}

    answer = client.post(PAGE + "edit/", sent)

    assert "Work was handed in already" in words_of(answer)
