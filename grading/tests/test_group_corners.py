"""Corners of groups' work: swapped files, votes opened again, costly papers, finding each other."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from assignments.selectors import history_of
from assignments.services import Choice, SubmissionRefused, confirm_replacement, create_entered, decline_replacement
from courses.models import OutgoingMail
from groups.members.services import GroupRefused, move_student
from groups.search import services as finding
from papercheck.tests.papers import made
from projects.ballots.peer_marks import enter_peer_marks
from projects.ballots.services import set_vote, show_outcome
from tests import entered, groups
from tests import factories as make
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
D, HOUR = Decimal, timedelta(hours=1)
STAGE = "/courses/dl/assignments/proposal/"


@pytest.fixture
def project(world):
    return groups.make_project(world.course)


@pytest.fixture
def stage(project):
    return groups.stage_of(project)


@pytest.fixture
def criteria(stage):
    return groups.make_criteria(stage, 60, 40)


@pytest.fixture
def owls(world, project):
    return groups.make_group(project, world.student, world.classmate, name="Owls")


class TestHeld:
    def test_only_the_file_that_was_seen_is_confirmed_or_declined(self, client, world, stage, owls):
        stage.due_at = timezone.now() - HOUR
        stage.save()
        groups.make_deliverable(stage, owls)
        first = groups.hand_in(stage, owls, world.student, late=HOUR, content=made.paper(pages=1))
        assert isinstance(first, Choice)
        seen = first.pending.file_id
        groups.hand_in(stage, owls, world.classmate, late=HOUR, content=made.paper(pages=1, columns=1))

        for act in (lambda: confirm_replacement(pending=first.pending, by=world.student, at=timezone.now(), seen=seen),
                    lambda: decline_replacement(pending=first.pending, by=world.student, seen=seen)):  # fmt: skip
            with pytest.raises(SubmissionRefused, match="Classmate has uploaded another file meanwhile"):
                act()
        page = as_person(client, world.student).post(
            STAGE + "replace/", {"decision": "replace", "seen": seen}, follow=True
        )
        assert "uploaded another file meanwhile" in words_of(page)
        assert history_of(stage, owls).counting.number == 1


class TestVotes:
    def test_a_word_that_was_entered_stands_over_the_peers(self, world, project, owls):
        stage = groups.stage_of(project, "presentation")
        groups.make_criteria(stage, 100)
        groups.make_deliverable(stage, owls)
        groups.mark_group(stage, owls, world.lecturer, 90)
        item = create_entered(course=world.course, title="Peers")
        entered.enter(item, world.lecturer, world.student, "exempt")
        vote = set_vote(project=project, opens_at=timezone.now() - 2 * HOUR, closes_at=timezone.now() - HOUR)

        assert enter_peer_marks(project=project, vote=vote, item=item, by=world.lecturer) == 1
        assert entered.newest(item, world.student).code == "exempt"

    def test_opening_the_vote_again_hides_what_was_shown(self, client, world, project, owls):
        vote = set_vote(project=project, opens_at=timezone.now() - 2 * HOUR, closes_at=timezone.now() - HOUR)
        show_outcome(vote=vote)

        again = set_vote(project=project, opens_at=timezone.now() - 2 * HOUR, closes_at=timezone.now() + HOUR)

        assert again.shown_at is None
        assert "what came out" not in words_of(as_person(client, world.student).get("/courses/dl/project/ballot/"))


class TestFinding:
    def test_a_whole_group_stays_within_its_section_too(self, world, project, owls):
        early = timezone.now() - timedelta(days=300)
        there = make.enrol(world.course, section=world.other_section)
        groups.make_group(project, there, name="Bees")

        with pytest.raises(GroupRefused, match="Groups stay within a section here"):
            finding.merge_by_code(group_set=project.group_set, by=there, code=owls.code, now=early)

    def test_who_asked_is_not_invited_and_who_is_invited_does_not_ask(self, world, project, owls):
        early = timezone.now() - timedelta(days=300)
        other = make.enrol(world.course, section=world.section)
        finding.look_for_members(group_set=project.group_set, by=world.student, text="x")
        finding.ask_in(group_set=project.group_set, by=other, group=owls.pk, text="", now=early)
        with pytest.raises(GroupRefused, match="has asked to join you"):
            finding.invite(group_set=project.group_set, by=world.student, whom=other.user.username, now=early)
        third = make.enrol(world.course, section=world.section)
        finding.invite(group_set=project.group_set, by=world.student, whom=third.user.username, now=early)

        with pytest.raises(GroupRefused, match="has invited you"):
            finding.ask_in(group_set=project.group_set, by=third, group=owls.pk, text="", now=early)

    def test_a_name_with_a_line_break_breaks_no_mail(self, world, project):
        early = timezone.now() - timedelta(days=300)
        group = groups.make_group(project, world.student, name="Owls\nBcc: all")

        finding.invite(
            group_set=project.group_set, by=world.student, whom=make.enrol(world.course).user.username, now=early
        )
        move_student(group_set=project.group_set, student=world.classmate, group=group, by=world.ta, reason="x")

        assert all("\n" not in mail.subject for mail in OutgoingMail.objects.all())
