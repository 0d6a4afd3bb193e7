"""Groups on PostgreSQL: five and no more, and nobody twice, however many press at once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from assignments.models import Submission
from assignments.selectors import history_of
from grading.models import Mark
from grading.selectors.rubrics import questions_of
from grading.services.marks import MarkRefused, NewMark, record_marks
from groups.members.services import GroupRefused, join_group, leave_group, make_group, move_student
from groups.models import Approach, Group, Membership
from groups.search.services import answer, ask_in, invite, look_for_members, merge_by_code
from papercheck.tests.papers import made
from projects.models import TalkList
from projects.talks.selectors import speaking
from projects.talks.services import TalksRefused, confirm_talks, open_sheet
from tests import factories as make
from tests import groups
from tests.test_concurrency import MANY, at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def project(world):
    project = groups.bare_project(world.course, title="Group project")
    groups.make_stage(project, slug="proposal", title="Proposal", due_at=timezone.now() + timedelta(days=7))
    return project


def test_fifty_at_once_for_one_free_place(world, project):
    people = [make.enrol(world.course, section=world.section) for _ in range(54)]
    group = make_group(group_set=project.group_set, by=people[0], name="Owls")
    for person in people[1:4]:
        join_group(group_set=project.group_set, by=person, code=group.code)

    results = at_once(*[lambda p=p: join_group(group_set=project.group_set, by=p, code=group.code) for p in people[4:]])

    assert sum(result == group for result in results) == 1
    assert sum(isinstance(result, GroupRefused) for result in results) == 49
    assert group.memberships.filter(left_at=None).count() == 5


def test_joining_two_groups_at_once_is_joining_one(world, project):
    groups = [
        make_group(group_set=project.group_set, by=make.enrol(world.course, section=world.section), name=f"G{n}")
        for n in range(4)
    ]

    results = at_once(
        *[lambda g=g: join_group(group_set=project.group_set, by=world.student, code=g.code) for g in groups]
    )

    assert sum(isinstance(result, Group) for result in results) == 1
    assert Membership.objects.filter(student=world.student, left_at=None).count() == 1


def test_two_clicks_make_one_group(world, project):
    results = at_once(*[lambda: make_group(group_set=project.group_set, by=world.student, name="Owls")] * MANY)

    assert sum(isinstance(result, Group) for result in results) == 1
    assert Group.objects.count() == 1


def test_joining_while_the_last_one_leaves_ends_in_a_group_that_stands_or_in_none(world, project):
    group = make_group(group_set=project.group_set, by=world.student, name="Owls")

    results = at_once(
        lambda: leave_group(group_set=project.group_set, by=world.student),
        lambda: join_group(group_set=project.group_set, by=world.classmate, code=group.code),
    )

    group.refresh_from_db()
    left = group.memberships.filter(left_at=None).count()
    assert [r for r in results if isinstance(r, Exception) and not isinstance(r, GroupRefused)] == []
    assert (left == 0) == (group.dissolved_at is not None)


def test_staff_who_swap_two_people_at_once_do_not_wait_for_each_other_for_ever(world, project):
    owls = make_group(group_set=project.group_set, by=world.student, name="Owls")
    bees = make_group(group_set=project.group_set, by=world.classmate, name="Bees")
    for group in (owls, bees):
        join_group(group_set=project.group_set, by=make.enrol(world.course, section=world.section), code=group.code)
    moved = {"group_set": project.group_set, "by": world.lecturer, "reason": "x"}

    results = at_once(
        lambda: move_student(**moved, student=world.student, group=bees),
        lambda: move_student(**moved, student=world.classmate, group=owls),
    )

    assert [r for r in results if isinstance(r, Exception)] == []
    assert Membership.objects.filter(left_at=None).count() == 4


def test_accepting_and_joining_at_once_never_make_six(world, project):
    people = [make.enrol(world.course, section=world.section) for _ in range(4)]
    group = make_group(group_set=project.group_set, by=people[0], name="Owls")
    for person in people[1:]:
        join_group(group_set=project.group_set, by=person, code=group.code)
    invited = [
        invite(group_set=project.group_set, by=people[0], whom=person.user.username)
        for person in (world.student, world.classmate)
    ]

    results = at_once(
        lambda: answer(approach=invited[0], by=world.student, accept=True),
        lambda: answer(approach=invited[1], by=world.classmate, accept=True),
        lambda: join_group(
            group_set=project.group_set, by=make.enrol(world.course, section=world.section), code=group.code
        ),
    )

    assert sum(isinstance(result, Group) for result in results) == 1
    assert sum(isinstance(result, GroupRefused) for result in results) == 2
    assert group.memberships.filter(left_at=None).count() == 5


def test_two_groups_that_merge_into_each_other_at_once_become_one(world, project):
    one, other = (
        make_group(group_set=project.group_set, by=p, name=n)
        for p, n in ((world.student, "Owls"), (world.classmate, "Bees"))
    )

    results = at_once(
        lambda: merge_by_code(group_set=project.group_set, by=world.student, code=other.code),
        lambda: merge_by_code(group_set=project.group_set, by=world.classmate, code=one.code),
    )

    assert sum(isinstance(result, Group) for result in results) == 1, results
    assert Group.objects.filter(dissolved_at=None).count() == 1
    assert Membership.objects.filter(left_at=None).count() == 2


def test_joining_at_the_moment_groups_are_fixed_is_in_or_refused(world, project):
    group = make_group(group_set=project.group_set, by=world.student, name="Owls")
    fixed = timezone.now() + timedelta(days=7)

    results = at_once(
        lambda: join_group(
            group_set=project.group_set, by=world.classmate, code=group.code, now=fixed - timedelta(seconds=1)
        ),
        lambda: leave_group(group_set=project.group_set, by=world.student, now=fixed + timedelta(seconds=1)),
    )

    assert isinstance(results[0], Group)
    assert isinstance(results[1], GroupRefused)
    assert group.memberships.filter(left_at=None).count() == 2


def test_whoever_leaves_while_the_group_hands_in_is_on_the_work_or_not_but_never_half(world, project):
    """The snapshot of members is what the group was at one moment: with both, or without who left before."""
    stage = groups.stage_of(project)
    people = [world.student, world.classmate]
    for turn in range(6):
        Membership.objects.all().delete()
        group = groups.make_group(project, *people, name=f"Turn {turn}")

        results = at_once(
            lambda g=group, n=turn: groups.hand_in(
                stage, g, world.student, content=made.paper(pages=1, columns=1 + n % 2)
            ),
            lambda: leave_group(group_set=project.group_set, by=world.classmate),
        )

        version = results[0]
        assert isinstance(version, Submission), results
        left_at = Membership.objects.get(group=group, student=world.classmate).left_at
        members = set(version.members.all())
        assert left_at is not None
        assert members in ({world.student}, set(people))


def test_two_members_handing_in_at_once_make_two_numbers(world, project):
    stage = groups.stage_of(project)
    group = groups.make_group(project, world.student, world.classmate, name="Owls")

    results = at_once(
        lambda: groups.hand_in(stage, group, world.student, content=made.paper(pages=1)),
        lambda: groups.hand_in(stage, group, world.classmate, content=made.paper(pages=1, columns=1)),
    )

    assert {version.number for version in results} == {1, 2}


def test_two_markers_at_once_and_one_is_told(world, project):
    stage = groups.stage_of(project)
    groups.make_criteria(stage, 60, 40)
    group = groups.make_group(project, world.student, name="Owls")
    groups.make_deliverable(stage, group)
    paper = history_of(stage, group).counting
    maxima = {question.grade_id: question.points for question in questions_of(stage)}
    sheets = [{line: NewMark(Decimal(points), "") for line in maxima} for points in (10, 20)]

    results = at_once(
        *[
            lambda s=sheet, who=who: record_marks(submission=paper, by=who, marks=s, maxima=maxima, seen=0)
            for sheet, who in zip(sheets, (world.ta, world.lecturer), strict=True)
        ]
    )

    assert sum(isinstance(result, list) for result in results) == 1
    assert sum(isinstance(result, MarkRefused) for result in results) == 1
    assert Mark.objects.count() == 2


def test_the_sheet_of_a_talk_is_opened_once_however_many_open_it(world, project):
    group = groups.make_group(project, world.student, name="Owls")
    talk = groups.make_talk(project, group, by=world.lecturer)

    results = at_once(*[lambda: open_sheet(talk=talk, by=world.ta, at=timezone.now())] * 4)

    assert len({sheet.pk for sheet in results}) == 1


def test_confirming_the_talks_twice_at_once_is_confirming_once(world, project):
    project.talks = {"groups": 2, "minutes": 10, "ranked_by": "proposal", "others": "poster"}
    project.save()
    made_groups = [groups.make_group(project, make.enrol(world.course)) for _ in range(3)]
    marks = {group.pk: Decimal(90 - place) for place, group in enumerate(made_groups)}

    results = at_once(
        *[lambda: confirm_talks(project=project, section=None, marks=marks, picked=(), by=world.lecturer)] * 4
    )

    assert sum(isinstance(result, TalkList) for result in results) == 1
    assert sum(isinstance(result, TalksRefused) for result in results) == 3
    assert speaking(project) == {made_groups[0].pk, made_groups[1].pk}


def test_joining_by_code_while_a_member_accepts_ends_in_one_seat_and_no_ring_of_locks(world, project):
    """Both lock the student first, then the group."""
    for turn in range(8):
        Membership.objects.all().delete()
        Approach.objects.all().delete()
        group = groups.make_group(project, world.student, name=f"Turn {turn}")
        look_for_members(group_set=project.group_set, by=world.student, text="x")
        asked = ask_in(group_set=project.group_set, by=world.classmate, group=group.pk, text="")

        results = at_once(
            lambda a=asked: answer(approach=a, by=world.student, accept=True),
            lambda g=group: join_group(group_set=project.group_set, by=world.classmate, code=g.code),
        )

        assert all(isinstance(result, Group | GroupRefused) for result in results), results
        assert group.memberships.filter(left_at=None).count() == 2


def test_being_moved_into_a_group_whose_last_member_leaves_is_in_or_refused(world, project):
    for turn in range(6):
        Membership.objects.all().delete()
        group = groups.make_group(project, world.student, name=f"Turn {turn}")

        results = at_once(
            lambda: leave_group(group_set=project.group_set, by=world.student),
            lambda g=group: move_student(
                group_set=project.group_set, student=world.classmate, group=g, by=world.ta, reason="x"
            ),
        )

        group.refresh_from_db()
        there = group.memberships.filter(left_at=None).count()
        assert isinstance(results[0], Group), results
        assert results[1] is None or isinstance(results[1], GroupRefused), results
        assert there == (0 if group.dissolved_at else 1)
