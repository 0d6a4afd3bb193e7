"""Groups: made, joined by code, left, fixed when the first stage is due, changed by staff with a reason."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from courses.models import OutgoingMail
from groups.members.selectors import group_of, groups_in_reach, students_without_group, too_small
from groups.members.services import GroupRefused, join_group, leave_group, make_group, move_student
from groups.models import Group, GroupSet, Membership
from projects.selectors import project_of
from tests import factories as make
from tests import groups
from tests.pages import as_person, words_of

PAGE, GROUP, GROUPS = "/courses/dl/project/", "/courses/dl/groups/project/mine/", "/courses/dl/groups/project/"


@pytest.fixture
def project(world):
    made = groups.bare_project(world.course, title="Group project")
    groups.make_stage(made, slug="proposal", title="Proposal", due_at=timezone.now() + timedelta(days=7))
    return project_of(world.course.pk)


def student(world, *, section=None):
    return make.enrol(world.course, section=section or world.section)


def group_with(project, *people, name="Owls"):
    group = make_group(group_set=project.group_set, by=people[0], name=name)
    for person in people[1:]:
        join_group(group_set=project.group_set, by=person, code=group.code)
    return group


def members(group):
    return [m.student for m in group.memberships.filter(left_at=None).order_by("seat")]


@pytest.mark.django_db
class TestJoining:
    def test_made_and_joined_by_code_however_it_is_typed(self, world, project):
        group = make_group(group_set=project.group_set, by=world.student, name="Owls")
        typed = f" {group.code[:4].lower()}-{group.code[4:]} "

        assert join_group(group_set=project.group_set, by=world.classmate, code=typed) == group
        assert members(group) == [world.student, world.classmate]

    def test_five_and_no_more(self, world, project):
        group = group_with(project, *(student(world) for _ in range(5)))

        with pytest.raises(GroupRefused, match="Owls is full: it has 5 members"):
            join_group(group_set=project.group_set, by=world.student, code=group.code)

    def test_a_place_that_was_given_back_is_taken_again(self, world, project):
        people = [student(world) for _ in range(5)]
        group = group_with(project, *people)
        leave_group(group_set=project.group_set, by=people[2])

        join_group(group_set=project.group_set, by=world.student, code=group.code)

        assert [m.seat for m in group.memberships.filter(left_at=None)] == [1, 2, 3, 4, 5]
        assert members(group)[2] == world.student

    def test_nobody_is_in_two_groups(self, world, project):
        group_with(project, world.student)
        other = group_with(project, world.classmate, name="Bees")

        with pytest.raises(GroupRefused, match="You are in Owls"):
            join_group(group_set=project.group_set, by=world.student, code=other.code)
        with pytest.raises(GroupRefused, match="You are in Owls"):
            make_group(group_set=project.group_set, by=world.student, name="Cats")

    @pytest.mark.parametrize("code", ["", "NOSUCH", "\x00"])
    def test_a_code_that_is_none(self, world, project, code):
        with pytest.raises(GroupRefused, match="No group has this code"):
            join_group(group_set=project.group_set, by=world.student, code=code.replace("\x00", "0"))

    def test_a_name_is_taken_once_until_its_group_is_gone(self, world, project):
        group_with(project, world.student)
        with pytest.raises(GroupRefused, match="called “Owls” already"):
            make_group(group_set=project.group_set, by=world.classmate, name="Owls")

        leave_group(group_set=project.group_set, by=world.student)

        assert Group.objects.get().dissolved_at
        assert make_group(group_set=project.group_set, by=world.classmate, name="Owls")

    def test_groups_stay_within_a_section_unless_the_project_says_otherwise(self, world, project):
        group = group_with(project, world.student)
        elsewhere = student(world, section=world.other_section)

        with pytest.raises(GroupRefused, match="a group of Informatics"):
            join_group(group_set=project.group_set, by=elsewhere, code=group.code)
        GroupSet.objects.update(across_sections=True)
        assert join_group(group_set=project_of(world.course.pk).group_set, by=elsewhere, code=group.code)

    def test_a_code_of_another_course_opens_nothing(self, world, project):
        theirs = groups.bare_project(world.stranger.course, title="Theirs")
        group = make_group(group_set=theirs.group_set, by=make.enrol(world.stranger.course), name="Owls")

        with pytest.raises(GroupRefused, match="No group has this code"):
            join_group(group_set=project.group_set, by=world.student, code=group.code)

    def test_after_the_first_stage_is_due_students_change_nothing(self, world, project):
        group = group_with(project, world.student)
        later = timezone.now() + timedelta(days=8)

        for change in (
            lambda: make_group(group_set=project.group_set, by=world.classmate, name="Late", now=later),
            lambda: join_group(group_set=project.group_set, by=world.classmate, code=group.code, now=later),
            lambda: leave_group(group_set=project.group_set, by=world.student, now=later),
        ):
            with pytest.raises(GroupRefused, match="Groups are fixed"):
                change()

    def test_who_is_in_no_group_leaves_none(self, world, project):
        with pytest.raises(GroupRefused, match="You are in no group"):
            leave_group(group_set=project.group_set, by=world.student)

    def test_the_database_takes_no_seat_and_no_student_twice(self, world, project):
        group = group_with(project, world.student)
        for person, seat in ((world.classmate, 1), (world.student, 2), (world.classmate, 0)):
            with pytest.raises(IntegrityError), transaction.atomic():
                Membership.objects.create(group=group, group_set=project.group_set, student=person, seat=seat)


@pytest.mark.django_db
class TestStaff:
    def test_moving_takes_a_reason_is_told_and_works_after_groups_are_fixed(self, world, project):
        owls = group_with(project, world.student)
        project.stages.update(due_at=timezone.now() - timedelta(days=1))

        move_student(group_set=project.group_set, student=world.classmate, group=owls, by=world.ta, reason="Was ill.")

        moved = Membership.objects.get(student=world.classmate)
        assert (moved.changed_by, moved.reason) == (world.ta, "Was ill.")
        assert set(OutgoingMail.objects.values_list("recipient", flat=True)) == {
            world.student.user.email, world.classmate.user.email,
        }  # fmt: skip
        with pytest.raises(GroupRefused, match="Say why"):
            move_student(group_set=project.group_set, student=world.classmate, group=None, by=world.ta, reason="")

    def test_from_one_group_to_another_and_out_again(self, world, project):
        owls, bees = group_with(project, world.student), group_with(project, world.classmate, name="Bees")

        move_student(group_set=project.group_set, student=world.student, group=bees, by=world.ta, reason="Merged.")
        move_student(group_set=project.group_set, student=world.student, group=bees, by=world.ta, reason="Merged.")

        assert members(bees) == [world.classmate, world.student]
        owls.refresh_from_db()
        assert owls.dissolved_at
        move_student(group_set=project.group_set, student=world.student, group=None, by=world.ta, reason="Left.")
        assert group_of(project.group_set, world.student) is None
        assert Membership.objects.filter(student=world.student, reason="Left.").count() == 1

    def test_staff_make_a_group_also_when_groups_are_fixed(self, client, world, project):
        project.stages.update(due_at=timezone.now() - timedelta(days=1))
        form = {"student": world.student.pk, "group": "new", "name": "Owls", "reason": "Nobody had one."}

        assert "Moved." in words_of(as_person(client, world.ta).post(GROUPS, form, follow=True))
        assert members(Group.objects.get()) == [world.student]
        for wrong in ({**form, "student": world.classmate.pk}, {**form, "name": ""}):
            assert client.post(GROUPS, wrong).status_code == 422
        assert Group.objects.count() == 1

    def test_a_full_group_stays_full(self, client, world, project):
        full = group_with(project, *(student(world) for _ in range(5)))
        form = {"student": world.student.pk, "group": full.pk, "reason": "x"}

        answer = as_person(client, world.ta).post(GROUPS, form)

        assert answer.status_code == 422
        assert "Owls is full" in words_of(answer)
        assert group_of(project.group_set, world.student) is None

    def test_a_ta_sees_groups_of_their_section_and_those_of_their_students(self, world, project):
        GroupSet.objects.update(across_sections=True)
        mixed = group_with(project_of(world.course.pk), student(world, section=world.other_section), world.student)

        assert groups_in_reach(world.ta, project.group_set) == [mixed]
        assert groups_in_reach(world.other_ta, project.group_set) == [mixed]
        move_student(group_set=project.group_set, student=world.student, group=None, by=world.lecturer, reason="x")
        assert groups_in_reach(world.ta, project.group_set) == []
        assert groups_in_reach(world.lecturer, project.group_set) == [mixed]

    def test_who_is_alone_and_which_groups_are_too_small(self, client, world, project):
        group = group_with(project, world.student)

        assert students_without_group(world.ta, project.group_set) == [world.classmate]
        assert too_small(project.group_set, groups_in_reach(world.ta, project.group_set)) == [group]
        page = words_of(as_person(client, world.ta).get(GROUPS))
        assert "Owls Too small" in page
        assert "In no group Classmate" in page

    def test_a_ta_moves_nobody_of_another_section(self, client, world, project):
        elsewhere = student(world, section=world.other_section)
        owls = group_with(project, world.student)

        answer = as_person(client, world.ta).post(GROUPS, {"student": elsewhere.pk, "group": owls.pk, "reason": "x"})

        assert answer.status_code == 422
        assert members(owls) == [world.student]


@pytest.mark.django_db
class TestPages:
    def test_a_student_makes_a_group_and_another_joins_it(self, client, world, project):
        page = words_of(
            as_person(client, world.student).post(GROUP, {"make": "1", "name": "Owls", "next": PAGE}, follow=True)
        )
        assert "Owls is made. Give its code to the others." in page
        code = Group.objects.get().code
        assert code in page

        page = words_of(
            as_person(client, world.classmate).post(GROUP, {"join": "1", "code": code, "next": PAGE}, follow=True)
        )
        assert "You are in Owls." in page
        assert "Student Classmate (you)" in page
        assert "smaller than it should be" in page
        assert "You left Owls." in words_of(client.post(GROUP, {"leave": "1"}, follow=True))

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({"make": "1", "name": ""}, "Give the group a name"), ({"make": "1", "name": "x" * 61}, "at most 60"),
            ({"join": "1", "code": ""}, "No group has this code"), ({"leave": "1"}, "You are in no group"),
            ({}, "Give the group a name"), ({"rename": "1", "name": "Bees"}, "You are in no group"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_said(self, client, world, project, form, said):
        assert said in words_of(as_person(client, world.student).post(GROUP, form, follow=True))

    def test_members_give_their_group_another_name_until_groups_are_fixed(self, client, world, project):
        group_with(project, world.student, world.classmate)
        group_with(project, student(world), name="Ants")
        change = {"rename": "1", "name": "Bees"}
        as_person(client, world.student)

        assert "called “Ants” already" in words_of(client.post(GROUP, {**change, "name": "Ants"}, follow=True))
        assert "Give the group a name" in words_of(client.post(GROUP, {**change, "name": " "}, follow=True))
        assert "Your group is called Bees now." in words_of(client.post(GROUP, change, follow=True))
        assert OutgoingMail.objects.get(subject__endswith="another name").recipient == world.classmate.user.email
        project.stages.update(due_at=timezone.now() - timedelta(days=1))
        assert "Groups are fixed" in words_of(client.post(GROUP, {**change, "name": "Cats"}, follow=True))
        assert set(Group.objects.values_list("name", flat=True)) == {"Ants", "Bees"}

    def test_staff_give_a_group_another_name_at_any_time(self, client, world, project):
        owls = group_with(project, world.student)
        project.stages.update(due_at=timezone.now() - timedelta(days=1))
        decide = f"{GROUPS}{owls.pk}/"
        as_person(client, world.ta)

        assert "Give the group a name" in words_of(client.post(decide, {"name": ""}, follow=True))
        assert "Owls is called Bees now." in words_of(client.post(decide, {"name": " Bees "}, follow=True))
        assert OutgoingMail.objects.get().recipient == world.student.user.email
        assert as_person(client, world.other_ta).post(decide, {"name": "Cats"}).status_code == 404

    def test_classmates_do_not_read_a_code(self, client, world, project):
        group = group_with(project, world.student)
        assert group.code not in as_person(client, world.classmate).get(PAGE).content.decode()

    def test_once_groups_are_fixed_the_page_says_so(self, client, world, project):
        group_with(project, world.student)
        project.stages.update(due_at=timezone.now() - timedelta(days=1))
        page = words_of(as_person(client, world.student).get(PAGE))
        assert "Groups are fixed since" in page
        assert "Leave the group" not in page
        assert "Code for others" not in page
        assert "groups are fixed by now" in words_of(as_person(client, world.classmate).get(PAGE))

    def test_a_course_without_a_project_has_no_groups(self, client, world):
        assert as_person(client, world.student).post(GROUP, {}).status_code == 404
        assert as_person(client, world.ta).get(GROUPS).status_code == 404


class TestAnyHistory(TestCase):
    @settings(max_examples=15, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(0, 7), st.sampled_from(["make", "join", "leave"]), st.integers(0, 2)), max_size=25
        )
    )
    def test_whatever_people_do_groups_fit_and_nobody_is_in_two(self, steps):
        with transaction.atomic():
            course = make.make_course("history")
            section = course.sections.create(name="A")
            project = groups.bare_project(course, title="P", largest_group=3)
            people = [make.enrol(course, section=section) for _ in range(8)]
            for who, what, which in steps:
                standing = list(Group.objects.filter(dissolved_at=None).order_by("pk"))
                code = standing[which % len(standing)].code if standing else "NONE"
                try:
                    if what == "make":
                        make_group(group_set=project.group_set, by=people[who], name=f"G{which}")
                    elif what == "join":
                        join_group(group_set=project.group_set, by=people[who], code=code)
                    else:
                        leave_group(group_set=project.group_set, by=people[who])
                except GroupRefused:
                    pass
            now = Membership.objects.filter(left_at=None)
            assert all(group.memberships.filter(left_at=None).count() <= 3 for group in Group.objects.all())
            assert len({m.student_id for m in now}) == now.count()
            assert not Group.objects.filter(dissolved_at=None).exclude(memberships__left_at=None).exists()
            transaction.set_rollback(True)
