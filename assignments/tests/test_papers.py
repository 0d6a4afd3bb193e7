"""What groups hand in: versions, receipts, lateness, the replacement dialog and more time, exactly as for notebooks."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.utils import timezone

from assignments.extensions import (
    ExtensionRefused,
    decline_request,
    grant_extension,
    request_extension,
    withdraw_extension,
)
from assignments.models import ExtensionRequest, FormatCheck, PendingReplacement, Submission
from assignments.selectors import histories, history_of
from assignments.services import Choice, NothingChanged, SubmissionRefused, confirm_replacement, put_back_version
from courses.models import OutgoingMail
from courses.receipts import verified_facts
from groups.members.services import leave_group
from papercheck.tests.papers import made
from projects.models import Topic
from tests import groups
from tests.factories import DUE
from tests.pages import as_person, text_of, words_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
PAGE = "/courses/dl/assignments/proposal/"
OTHER = made.paper(pages=1)


@pytest.fixture
def project(world):
    return groups.make_project(world.course)


@pytest.fixture
def stage(project):
    return groups.stage_of(project)


@pytest.fixture
def owls(world, project):
    return groups.make_group(project, world.student, world.classmate, name="Owls")


def sent(content=groups.PAPER, name="paper.pdf"):
    return {"paper": SimpleUploadedFile(name, content, "application/pdf")}


class TestReceiving:
    def test_a_version_is_for_everybody_in_the_group_and_all_are_told(self, world, stage, owls):
        version = groups.hand_in(stage, owls, world.student)

        assert (version.number, version.handed_in_by) == (1, world.student)
        assert set(version.members.all()) == {world.student, world.classmate}
        mails = OutgoingMail.objects.all()
        assert {mail.recipient for mail in mails} == {world.student.user.email, world.classmate.user.email}
        assert "Received: Proposal of Owls" in mails[0].body
        assert "on time, ×1.0" in mails[0].body
        assert not FormatCheck.objects.exists()
        groups.looked_at(version)
        assert FormatCheck.objects.get().report["pages"] == 2

    def test_the_same_bytes_again_change_nothing(self, world, stage, owls):
        groups.hand_in(stage, owls, world.student)

        with pytest.raises(NothingChanged):
            groups.hand_in(stage, owls, world.classmate, late=26 * HOUR)
        assert Submission.objects.count() == 1

    @pytest.mark.parametrize(
        ("content", "said"),
        [(b"GIF89a", "damaged or is no PDF"), (b"x" * 2000 + made.paper(), "damaged or is no PDF")],
    )
    def test_what_cannot_be_read_is_refused_and_loses_nothing(self, world, stage, owls, content, said):
        groups.hand_in(stage, owls, world.student)

        with pytest.raises(SubmissionRefused, match=said):
            groups.hand_in(stage, owls, world.student, content=content)
        assert history_of(stage, owls).counting.number == 1

    def test_who_left_meanwhile_hands_in_nothing_for_the_group(self, world, project, stage, owls):
        leave_group(group_set=project.group_set, by=world.student, now=stage.due_at - HOUR)

        with pytest.raises(SubmissionRefused, match="in Owls no longer"):
            groups.hand_in(stage, owls, world.student)

    def test_versions_are_never_edited(self, world, stage, owls):
        version = groups.make_deliverable(stage, owls)

        with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
            Submission.objects.filter(pk=version.pk).update(number=7)

    def test_a_topic_that_must_be_approved_first(self, world, project, stage, owls):
        project.topic_blocks = True
        project.save()
        stage.group_set = project.group_set

        with pytest.raises(SubmissionRefused, match="waits for your topic"):
            groups.hand_in(stage, owls, world.student)
        Topic.objects.create(group=owls, title="Leaves", state=Topic.State.APPROVED)
        assert groups.hand_in(stage, owls, world.student)
        report = groups.stage_of(project, "report")
        Topic.objects.update(state=Topic.State.PROPOSED)
        assert groups.hand_in(report, owls, world.student, content=OTHER)


class TestCutOff:
    """A PDF whose end is missing is loud, and waits for a yes; its time is kept."""

    def test_it_waits_and_counts_from_when_it_came(self, world, stage, owls):
        choice = groups.hand_in(stage, owls, world.student, content=made.paper()[:-300])

        assert isinstance(choice, Choice)
        assert choice.pending.doubt == "This PDF looks cut off: its end is missing, and pages with it."
        assert history_of(stage, owls).counting is None
        at = choice.pending.received_at + timedelta(minutes=5)
        version = confirm_replacement(pending=choice.pending, by=world.classmate, at=at)
        assert (version.received_at, history_of(stage, owls).counting) == (choice.pending.received_at, version)

    def test_a_whole_one_takes_its_place(self, world, stage, owls):
        groups.hand_in(stage, owls, world.student, content=made.paper()[:-300])

        version = groups.hand_in(stage, owls, world.student)

        assert history_of(stage, owls).counting == version
        assert not PendingReplacement.objects.exists()

    @pytest.mark.parametrize(
        ("decision", "said", "kept"), [("keep", "thrown away", 0), ("replace", "Handed in as it is", 1)]
    )
    def test_the_page_asks_and_does_what_is_said(self, client, world, stage, owls, decision, said, kept):
        page = f"/courses/dl/assignments/{stage.slug}/"
        file = SimpleUploadedFile("report.pdf", made.paper()[:-300])
        asked = as_person(client, world.student).post(f"{page}submit/", {"paper": file}, follow=True)
        assert "Is this file whole?" in words_of(asked)
        assert "Choose another file" in words_of(asked)
        assert "it waits for your yes" in words_of(client.get(page))

        seen = PendingReplacement.objects.get().fingerprint
        answer = client.post(asked.redirect_chain[-1][0], {"decision": decision, "seen": seen}, follow=True)

        assert said in words_of(answer)
        assert Submission.objects.filter(assignment=stage).count() == kept


class TestLateness:
    @pytest.mark.parametrize(
        ("hours", "factor"), [(-1, "1"), (1, "0.9"), (24, "0.9"), (25, "0.7"), (71, "0.7"), (72, "0.5"), (240, "0.5")]
    )
    def test_the_course_late_rule_holds_for_groups(self, stage, owls, hours, factor):
        groups.make_deliverable(stage, owls, late=hours * HOUR)

        assert history_of(stage, owls).factor == Decimal(factor)

    def test_a_replacement_that_costs_is_held_until_a_member_says_yes(self, world, stage, owls):
        groups.hand_in(stage, owls, world.student)

        choice = groups.hand_in(stage, owls, world.classmate, late=26 * HOUR, content=OTHER)

        assert isinstance(choice, Choice)
        assert (choice.history.factor, choice.new_factor) == (1, Decimal("0.7"))
        assert history_of(stage, owls).counting.number == 1
        second = confirm_replacement(
            pending=choice.pending, by=world.student, at=stage.due_at + 26 * HOUR + timedelta(minutes=5)
        )
        assert (second.handed_in_by, second.received_at) == (world.classmate, stage.due_at + 26 * HOUR)
        assert history_of(stage, owls).factor == Decimal("0.7")
        assert not PendingReplacement.objects.exists()

    def test_an_offer_ends_after_half_an_hour(self, world, stage, owls):
        groups.hand_in(stage, owls, world.student)
        choice = groups.hand_in(stage, owls, world.student, late=HOUR, content=OTHER)

        with pytest.raises(SubmissionRefused, match="expired"):
            confirm_replacement(pending=choice.pending, by=world.student, at=stage.due_at + 2 * HOUR)

    def test_the_worked_case_of_putting_back(self, world, stage, owls):
        """v1 −1 h, v2 +2 h, v1 put back at +2 h 10 min → 1."""
        first = groups.make_deliverable(stage, owls)
        groups.make_deliverable(stage, owls, late=2 * HOUR)
        assert history_of(stage, owls).factor == Decimal("0.9")

        at = stage.due_at + 2 * HOUR + timedelta(minutes=10)
        put_back_version(submission=first, by=world.classmate, at=at, review_began=False)

        assert (history_of(stage, owls).counting, history_of(stage, owls).factor) == (first, 1)
        assert OutgoingMail.objects.filter(subject="Version 1 counts: Proposal").count() == 2

    def test_putting_back_ends_with_time_and_with_review_but_not_for_staff(self, world, stage, owls):
        first = groups.make_deliverable(stage, owls)
        groups.make_deliverable(stage, owls, late=2 * HOUR)
        later = stage.due_at + 3 * HOUR

        for at, began in ((later, False), (stage.due_at + 2 * HOUR, True)):
            with pytest.raises(SubmissionRefused, match="within 30 minutes"):
                put_back_version(submission=first, by=world.student, at=at, review_began=began)
        with pytest.raises(SubmissionRefused, match="Give a reason"):
            put_back_version(submission=first, by=world.ta, at=later, review_began=True)
        assert put_back_version(submission=first, by=world.ta, at=later, review_began=True, reason="Their mistake.")

    def test_many_histories_are_one_by_one_the_same(self, world, project, stage, owls):
        bees = groups.make_group(project, world.stranger, name="Bees")
        groups.make_deliverable(stage, owls, late=HOUR)
        groups.make_deliverable(stage, bees)

        found = histories([stage, groups.stage_of(project, "report")], [owls, bees])

        assert {key: history.factor for key, history in found.items()}[stage.pk, owls.pk] == Decimal("0.9")
        assert found[stage.pk, bees.pk] == history_of(stage, bees)


class TestMoreTime:
    def test_asked_granted_and_withdrawn_and_the_factor_follows_at_once(self, world, stage, owls):
        groups.make_deliverable(stage, owls, late=26 * HOUR)
        until = stage.due_at + 48 * HOUR
        asked = request_extension(
            assignment=stage, owner=owls, by=world.student, wanted_until=until, reason="GPU broke."
        )
        assert history_of(stage, owls).factor == Decimal("0.7")

        granted = grant_extension(assignment=stage, group=owls, by=world.ta, due_at=until, reason="Fair.")
        asked.refresh_from_db()
        assert (asked.granted, asked.decided_by) == (True, world.ta)
        assert (history_of(stage, owls).factor, history_of(stage, owls).is_extended) == (1, True)
        assert grant_extension(assignment=stage, group=owls, by=world.ta, due_at=until, reason="Fair.") == granted

        withdraw_extension(extension=granted, by=world.ta, reason="Granted to the wrong group.")
        assert history_of(stage, owls).factor == Decimal("0.7")
        assert OutgoingMail.objects.filter(subject="More time: Proposal").count() == 2
        assert OutgoingMail.objects.filter(subject="Extension withdrawn: Proposal").count() == 2
        with pytest.raises(ExtensionRefused, match="withdrawn before"):
            withdraw_extension(extension=granted, by=world.ta, reason="Again.")

    def test_one_request_at_a_time_and_no_without_a_reason(self, world, stage, owls):
        fields = {"assignment": stage, "owner": owls, "wanted_until": stage.due_at + HOUR, "reason": "Please."}
        asked = request_extension(by=world.student, **fields)

        with pytest.raises(ExtensionRefused, match="has asked already"):
            request_extension(by=world.classmate, **fields)
        with pytest.raises(ExtensionRefused, match="Say why not"):
            decline_request(request=asked, by=world.ta, answer=" ")
        decline_request(request=asked, by=world.ta, answer="Too late.")
        with pytest.raises(ExtensionRefused, match="decided before"):
            decline_request(request=asked, by=world.ta, answer="Too late.")
        assert ExtensionRequest.objects.get().granted is False
        assert "The answer is no." in OutgoingMail.objects.first().body

    def test_more_time_never_moves_anyone_earlier(self, world, stage, owls):
        grant_extension(assignment=stage, group=owls, by=world.ta, due_at=stage.due_at - 5 * HOUR, reason="x")

        assert history_of(stage, owls).own_due == DUE


class TestPages:
    def test_a_member_hands_in_and_reads_what_the_check_says(self, client, world, project, stage, owls):
        stage.due_at = groups.soon()
        stage.save()

        answer = as_person(client, world.student).post(PAGE + "submit/", sent(), follow=True)

        assert "The file is being looked at." in words_of(answer)
        groups.looked_at(Submission.objects.get())
        said = words_of(client.get(PAGE + f"submissions/g{owls.pk}/1/"))
        assert "Proposal, version 1" in said
        assert "The text stands in one column; two columns are asked for." in said
        assert "Classmate, Student" in said
        assert words_of(client.get(PAGE)).count("Version 1 Student") == 1

    @pytest.mark.parametrize(
        ("files", "said"),
        [
            ({}, "Choose a PDF first."),
            ({"paper": SimpleUploadedFile("x.pdf", b"")}, "The file is empty."),
            ({"paper": SimpleUploadedFile("x.pdf", b"GIF")}, "damaged or is no PDF"),
        ],
    )
    def test_a_bad_file_gets_a_clear_message_and_nothing_is_lost(self, client, world, stage, owls, files, said):
        groups.make_deliverable(stage, owls)

        answer = as_person(client, world.student).post(PAGE + "submit/", files)

        assert answer.status_code == 422
        assert said in words_of(answer)
        assert "Version 1 still counts." in words_of(answer)

    def test_a_late_replacement_is_refused_after_both_outcomes_were_seen(self, client, world, stage, owls):
        stage.due_at = timezone.now() - HOUR
        stage.save()
        groups.make_deliverable(stage, owls)

        answer = as_person(client, world.classmate).post(PAGE + "submit/", sent(OTHER), follow=True)

        said = words_of(answer)
        assert "This would lower your group’s factor" in said
        assert "Keep version 1 ×1.0 on time" in said
        assert "Replace it ×0.9 1 h" in said
        answer = client.post(PAGE + "replace/", {"decision": "keep"}, follow=True)
        assert "Kept. Your earlier version still counts." in words_of(answer)
        assert history_of(stage, owls).counting.number == 1
        assert client.get(PAGE + "replace/").status_code == 404

    def test_checking_first_stores_nothing(self, client, world, stage, owls):
        answer = as_person(client, world.student).post(PAGE + "check/", sent(made.paper()))

        assert "Nothing is handed in or kept here" in words_of(answer)
        assert "two columns · 10 points" in words_of(answer)
        assert not Submission.objects.exists()
        assert not FormatCheck.objects.exists()
        assert client.post(PAGE + "check/", sent(b"x")).status_code == 422

    def test_the_receipt_is_signed_and_names_the_group(self, client, world, stage, owls):
        groups.make_deliverable(stage, owls, late=HOUR)

        answer = as_person(client, world.classmate).get(PAGE + f"submissions/g{owls.pk}/1/receipt/")

        facts = verified_facts(answer.content.decode())
        assert (facts["group"], facts["members"], facts["factor"]) == ("Owls", ["Classmate", "Student"], "×0.9")
        assert verified_facts(json.dumps(json.loads(answer.content) | {"factor": "×1.0"})) is None

    def test_the_file_is_served_as_bytes_only(self, client, world, stage, owls):
        version = groups.make_deliverable(stage, owls)

        answer = as_person(client, world.ta).get(PAGE + f"submissions/g{owls.pk}/1/file/")

        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith('attachment; filename="proposal-v1.pdf"')
        assert len(answer.content) == version.file.size

    def test_asking_for_more_time(self, client, world, stage, owls):
        page = "/courses/dl/assignments/proposal/more-time/"
        later = (stage.due_at + 48 * HOUR).strftime("%Y-%m-%dT%H:%M")

        early = as_person(client, world.student).post(page, {"wanted_until": "2026-01-01T10:00", "reason": "x"})
        asked = client.post(page, {"wanted_until": later, "reason": "GPU broke."}, follow=True)

        assert "Ask for a time after the due time that holds now." in words_of(early)
        assert "Your request waits for an answer" in words_of(asked)
        assert ExtensionRequest.objects.get().asked_by == world.student

    def test_who_is_in_no_group_reads_so(self, client, world, stage):
        assert "You are in no group yet" in words_of(as_person(client, world.student).get(PAGE))
        assert client.post(PAGE + "submit/", sent()).status_code == 404

    def test_staff_do_not_hand_in(self, client, world, stage, owls):
        assert "Staff do not hand in." in words_of(
            as_person(client, world.ta).post(PAGE + "submit/", sent(), follow=True)
        )
        assert 'id="hand-in"' not in text_of(client.get(PAGE))
