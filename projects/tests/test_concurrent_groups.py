"""Groups on PostgreSQL: five and no more, and nobody twice, however many press at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from projects.models import Group, Membership, Project
from projects.services import GroupRefused, join_group, leave_group, make_group, move_student
from tests import factories as make
from tests.test_concurrency import MANY, at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def project(world):
    made = Project.objects.create(course=world.course, title="Group project")
    made.stages.create(slug="proposal", title="Proposal", due_at=timezone.now() + timedelta(days=7))
    return made


def test_fifty_at_once_for_one_free_place(world, project):
    people = [make.enrol(world.course, section=world.section) for _ in range(54)]
    group = make_group(project=project, by=people[0], name="Owls")
    for person in people[1:4]:
        join_group(project=project, by=person, code=group.code)

    results = at_once(*[lambda p=p: join_group(project=project, by=p, code=group.code) for p in people[4:]])

    assert sum(result == group for result in results) == 1
    assert sum(isinstance(result, GroupRefused) for result in results) == 49
    assert group.memberships.filter(left_at=None).count() == 5


def test_joining_two_groups_at_once_is_joining_one(world, project):
    groups = [
        make_group(project=project, by=make.enrol(world.course, section=world.section), name=f"G{n}") for n in range(4)
    ]

    results = at_once(*[lambda g=g: join_group(project=project, by=world.student, code=g.code) for g in groups])

    assert sum(isinstance(result, Group) for result in results) == 1
    assert Membership.objects.filter(student=world.student, left_at=None).count() == 1


def test_two_clicks_make_one_group(world, project):
    results = at_once(*[lambda: make_group(project=project, by=world.student, name="Owls")] * MANY)

    assert sum(isinstance(result, Group) for result in results) == 1
    assert Group.objects.count() == 1


def test_joining_while_the_last_one_leaves_ends_in_a_group_that_stands_or_in_none(world, project):
    group = make_group(project=project, by=world.student, name="Owls")

    results = at_once(
        lambda: leave_group(project=project, by=world.student),
        lambda: join_group(project=project, by=world.classmate, code=group.code),
    )

    group.refresh_from_db()
    left = group.memberships.filter(left_at=None).count()
    assert [r for r in results if isinstance(r, Exception) and not isinstance(r, GroupRefused)] == []
    assert (left == 0) == (group.dissolved_at is not None)


def test_staff_who_swap_two_people_at_once_do_not_wait_for_each_other_for_ever(world, project):
    owls = make_group(project=project, by=world.student, name="Owls")
    bees = make_group(project=project, by=world.classmate, name="Bees")
    for group in (owls, bees):
        join_group(project=project, by=make.enrol(world.course, section=world.section), code=group.code)
    moved = {"project": project, "by": world.lecturer, "reason": "x"}

    results = at_once(
        lambda: move_student(**moved, student=world.student, group=bees),
        lambda: move_student(**moved, student=world.classmate, group=owls),
    )

    assert [r for r in results if isinstance(r, Exception)] == []
    assert Membership.objects.filter(left_at=None).count() == 4
