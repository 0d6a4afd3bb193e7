"""Who moves between groups, and what counts for them then."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from assignments.selectors import history_of
from assignments.services import SubmissionRefused, put_back_version
from groups.members.selectors import group_of
from groups.members.services import GroupRefused, join_group, move_student
from groups.models import Group, Membership
from tests import factories as make
from tests import groups
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
D, HOUR = Decimal, timedelta(hours=1)
PAGE = "/courses/dl/assignments/proposal/"
total_of = groups.total_of


class TestMoving:
    def test_who_moved_has_the_mark_of_their_present_group_whichever_is_marked_last(
        self, world, project, stage, criteria, owls, bees
    ):
        groups.make_deliverable(stage, owls)
        move_student(group_set=project.group_set, student=world.student, group=bees, by=world.ta, reason="x")
        groups.make_deliverable(stage, bees)

        groups.mark_group(stage, bees, world.ta, 60, 40)
        groups.mark_group(stage, owls, world.ta, 10, 10)

        assert (total_of(stage, world.student), total_of(stage, world.classmate)) == (100, 20)

    def test_who_moved_before_the_new_group_handed_in_keeps_the_old_ones(
        self, world, project, stage, criteria, owls, bees
    ):
        groups.make_deliverable(stage, bees)
        groups.make_deliverable(stage, owls)
        move_student(group_set=project.group_set, student=world.student, group=bees, by=world.ta, reason="x")

        groups.mark_group(stage, owls, world.ta, 30, 20)
        groups.mark_group(stage, bees, world.ta, 60, 40)

        assert total_of(stage, world.student) == 50

    def test_who_moved_reads_their_own_work_and_not_what_was_said_of_others(
        self, client, world, project, stage, criteria, owls, bees
    ):
        groups.make_deliverable(stage, bees)
        groups.make_deliverable(stage, owls)
        groups.mark_group(stage, owls, world.ta, 30, 20, comment="Of the owls.")
        groups.mark_group(stage, bees, world.ta, 60, 40, comment="Of the bees.")
        move_student(group_set=project.group_set, student=world.student, group=bees, by=world.ta, reason="x")
        groups.release(stage, world.lecturer, world.student, world.classmate)

        own = as_person(client, world.student).get(f"{PAGE}submissions/g{owls.pk}/1/")
        other = client.get(f"{PAGE}submissions/g{bees.pk}/1/")

        assert "Of the owls." in words_of(own)
        assert other.status_code == 200
        assert "Of the bees." not in words_of(other)

    def test_who_joined_later_is_told_so_on_their_page_and_on_the_markers(
        self, client, world, project, stage, criteria, owls
    ):
        late = make.enrol(world.course, section=world.section, login="latecomer")
        groups.make_deliverable(stage, owls)
        move_student(group_set=project.group_set, student=late, group=owls, by=world.ta, reason="x")
        groups.mark_group(stage, owls, world.ta, 60, 40)

        assert total_of(stage, late) is None
        assert "so it is not handed in for you" in words_of(as_person(client, late).get(PAGE))
        for person in (world.student, world.ta):
            said = words_of(as_person(client, person).get(f"{PAGE}submissions/g{owls.pk}/1/"))
            assert "Not handed in for Latecomer, who joined the group later." in said
        desk = words_of(as_person(client, world.ta).get(f"{PAGE}submissions/g{owls.pk}/1/review/"))
        assert "Not handed in for Latecomer" in desk

    def test_who_was_moved_out_changes_nothing_any_more(self, client, world, project, stage, owls):
        first = groups.make_deliverable(stage, owls)
        stage.due_at = timezone.now()
        stage.save()
        groups.make_deliverable(stage, owls, late=timedelta(seconds=-20))
        move_student(group_set=project.group_set, student=world.student, group=None, by=world.ta, reason="x")

        as_person(client, world.student).post(f"{PAGE}submissions/g{owls.pk}/1/put-back/")

        assert history_of(stage, owls).counting.number == 2
        with pytest.raises(SubmissionRefused, match="in Owls no longer"):
            put_back_version(submission=first, by=world.student, at=timezone.now(), review_began=False)

    def test_who_left_the_course_holds_no_seat(self, world, project, owls):
        others = [make.enrol(world.course, section=world.section) for _ in range(4)]
        early = timezone.now() - timedelta(days=300)
        for student in others[:3]:
            join_group(group_set=project.group_set, by=student, code=owls.code, now=early)
        world.classmate.left_at = timezone.now()
        world.classmate.save()

        join_group(group_set=project.group_set, by=others[3], code=owls.code, now=early)

        mine: Any = group_of(project.group_set, world.student)
        assert len(mine.members) == 5
        assert Membership.objects.get(student=world.classmate).reason == "Left the course."

    def test_nobody_is_moved_into_a_group_that_is_gone(self, world, project, owls, bees):
        Group.objects.filter(pk=bees.pk).update(dissolved_at=timezone.now())

        with pytest.raises(GroupRefused, match="Bees is gone"):
            move_student(group_set=project.group_set, student=world.student, group=bees, by=world.ta, reason="x")

    def test_the_work_of_a_group_that_is_gone_is_still_listed(self, client, world, project, stage, criteria, owls):
        groups.make_deliverable(stage, owls)
        for student in (world.student, world.classmate):
            move_student(group_set=project.group_set, student=student, group=None, by=world.ta, reason="Both left.")
        assert Group.objects.get(pk=owls.pk).dissolved_at

        said = words_of(as_person(client, world.ta).get(f"{PAGE}submissions/"))

        assert "Owls" in said
        groups.mark_group(stage, owls, world.ta, 60, 40)
        assert total_of(stage, world.student) == 100
