"""Staff hand in for somebody, as of when the work arrived, and say that a version is for one member more."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from assignments.behalf import add_member, receive_on_behalf
from assignments.extensions import grant_extension
from assignments.models import AddedMember, Submission
from assignments.receipts import receipt_of
from assignments.selectors import histories_for, history_of
from assignments.services import NothingChanged, SubmissionRefused
from courses.models import OutgoingMail
from groups.members.services import move_student
from papercheck.tests.papers import made
from tests import factories as make
from tests import groups
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
PAGE = "/courses/dl/assignments/proposal/on-behalf/"


@pytest.fixture
def stage(world):
    project = groups.make_project(world.course, due_at=timezone.now().replace(microsecond=0) - timedelta(days=5))
    return groups.stage_of(project)


@pytest.fixture
def owls(world, stage):
    return groups.make_group(stage.groups.project, world.student, world.classmate, name="Owls")


def hand_in(stage, owner, by, *, late=-HOUR, content=groups.PAPER, reason="It came by mail: our server was down."):
    at = stage.due_at + late
    return receive_on_behalf(
        assignment=stage, owner=owner, by=by, content=content, name="paper.pdf", received_at=at, reason=reason
    )


class TestHandingIn:
    def test_its_time_of_arrival_counts_and_the_receipt_says_who_and_why(self, world, stage, owls):
        version = hand_in(stage, owls, world.ta)

        assert history_of(stage, owls).factor == 1
        assert set(version.members.all()) == {world.student, world.classmate}
        receipt = receipt_of(version, history_of(stage, owls))
        assert (receipt["handed_in_by"], receipt["on_behalf_because"]) == (
            "Ta",
            "It came by mail: our server was down.",
        )
        mails = OutgoingMail.objects.filter(subject__startswith="Received: Proposal")
        assert {mail.recipient for mail in mails} == {world.student.user.email, world.classmate.user.email}
        assert "Ta for you. It came by mail" in mails[0].body

    def test_a_typed_time_of_arrival_honours_the_groups_extension(self, world, stage, owls):
        bees = groups.make_group(stage.groups.project, make.enrol(world.course, section=world.section), name="Bees")
        until = stage.due_at + timedelta(days=2)
        grant_extension(assignment=stage, by=world.ta, due_at=until, reason="Ill", group=owls)

        for group in (owls, bees):
            hand_in(stage, group, world.ta, late=30 * HOUR)

        assert (history_of(stage, owls).factor, history_of(stage, bees).factor) == (1, Decimal("0.7"))

    def test_it_is_taken_after_the_closing_time_and_counts_from_now(self, world, stage, owls):
        stage.closes_at = stage.due_at + HOUR
        stage.save()
        groups.make_deliverable(stage, owls, late=HOUR / 2)

        hand_in(stage, owls, world.ta, late=-2 * HOUR)

        assert (history_of(stage, owls).counting.number, history_of(stage, owls).factor) == (2, 1)

    def test_a_students_own_work_too(self, world):
        notebook = make.make_notebook(world.assignment, world.lecturer)
        world.assignment.due_at = timezone.now() - HOUR
        assert notebook
        version = receive_on_behalf(
            assignment=world.assignment, owner=world.student, by=world.ta, content=make.submitted(), name="x.ipynb",
            received_at=timezone.now().replace(microsecond=0) - 2 * HOUR, reason="Stick.",
        )  # fmt: skip
        assert (version.student, version.handed_in_by) == (world.student, world.ta)

    def test_what_is_refused_stores_nothing(self, world, stage, owls):
        with pytest.raises(SubmissionRefused, match="Say why"):
            hand_in(stage, owls, world.ta, reason="")
        with pytest.raises(SubmissionRefused, match="later than now"):
            hand_in(stage, owls, world.ta, late=timedelta(days=9))
        with pytest.raises(SubmissionRefused, match="no PDF"):
            hand_in(stage, owls, world.ta, content=b"GIF89a")
        assert not Submission.objects.exists()
        hand_in(stage, owls, world.ta)
        with pytest.raises(NothingChanged):
            hand_in(stage, owls, world.ta)

    def test_the_page(self, client, world, stage, owls):
        groups.make_group(stage.groups.project, make.enrol(world.course, section=world.other_section), name="Far away")
        as_person(client, world.ta)
        shown = words_of(client.get(PAGE))
        assert "Owls" in shown
        assert "Far away" not in shown
        at = (stage.due_at + 2 * HOUR).astimezone(world.course.zone)
        sent = {"owner": f"g{owls.pk}", "received_at": f"{at:%Y-%m-%dT%H:%M}", "reason": "By mail."}
        content = made.paper()
        bad = client.post(PAGE, sent | {"owner": "g999", "file": SimpleUploadedFile("x.pdf", content)})
        assert bad.status_code == 422

        answer = client.post(PAGE, sent | {"file": SimpleUploadedFile("x.pdf", content)}, follow=True)

        assert "Handed in. It counts now" in words_of(answer)
        assert "Ta, on behalf. By mail." in words_of(answer)
        assert history_of(stage, owls).factor == Decimal("0.9")
        again = client.post(PAGE, sent | {"file": SimpleUploadedFile("x.pdf", content)})
        assert "These are the same bytes as the version that counts." in words_of(again)


class TestMembers:
    @pytest.fixture
    def late(self, world, stage, owls):
        late = make.enrol(world.course, section=world.section, login="latecomer")
        groups.make_criteria(stage, 100)
        groups.make_deliverable(stage, owls)
        move_student(group_set=stage.group_set, student=late, group=owls, by=world.ta, reason="x")
        return late

    def test_staff_say_that_it_is_for_one_more_who_then_has_the_mark(self, client, world, stage, owls, late):
        page = f"/courses/dl/assignments/proposal/submissions/g{owls.pk}/1/"
        groups.mark_group(stage, owls, world.ta, 90)
        assert groups.total_of(stage, late) is None

        answer = as_person(client, world.ta).post(
            f"{page}members/", {"student": late.pk, "reason": "Was ill on the day."}, follow=True
        )

        assert "It counts for Latecomer too" in words_of(answer)
        assert groups.total_of(stage, late) == 90
        row = AddedMember.objects.get()
        assert (row.student, row.added_by, row.reason) == (late, world.ta, "Was ill on the day.")
        assert "Was ill" in OutgoingMail.objects.get(subject="Counts for you: Proposal").body
        assert histories_for([stage], [late])[stage.pk, late.pk].handed_in

    def test_not_without_a_reason_nor_for_who_is_elsewhere(self, client, world, stage, owls, late):
        version = history_of(stage, owls).counting
        with pytest.raises(SubmissionRefused, match="Say why"):
            add_member(submission=version, student=late, by=world.ta, reason="")
        with pytest.raises(SubmissionRefused, match="for them already"):
            add_member(submission=version, student=world.student, by=world.ta, reason="x")
        page = f"/courses/dl/assignments/proposal/submissions/g{owls.pk}/1/members/"
        as_person(client, world.ta)
        assert client.post(page, {"student": world.stranger.pk, "reason": "x"}).status_code == 404
        assert as_person(client, world.student).post(page, {"student": late.pk, "reason": "x"}).status_code == 403
