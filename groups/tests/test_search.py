"""Finding a group: invitations, requests, the board, merging by code and by staff, small groups that are allowed."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from assignments.selectors import histories_for
from courses.models import Enrolment, OutgoingMail
from groups.members.merging import allow_small, merge
from groups.members.selectors import group_of, groups_in_reach, merge_proposals, too_small
from groups.members.services import GroupRefused, join_group, leave_group
from groups.models import Approach, Group, Membership
from groups.policy import proposals
from groups.search import services
from groups.search.selectors import approaches_for, looking_groups, seekers_of
from tests import factories as make
from tests import groups
from tests.pages import as_person, words_of

BOARD = "/courses/dl/groups/project/find/"


@pytest.fixture
def project(world):
    return groups.make_project(world.course, due_at=groups.soon())


@pytest.fixture
def owls(world, project):
    return groups.make_group(project, world.student, name="Owls")


def students(world, count, **more):
    return [make.enrol(world.course, section=world.section, **more) for _ in range(count)]


def names(group):
    rows = Membership.objects.filter(group=group, left_at=None).order_by("seat")
    return [row.student.user.username for row in rows.select_related("student__user")]


@pytest.mark.django_db
class TestInviting:
    @pytest.mark.parametrize("whom", ["D20250001", "CLASSMATE", "classmate@gradus.example"])
    def test_by_number_login_or_mail_and_the_answer_is_theirs(self, world, project, owls, whom):
        world.classmate.user.student_number = "D20250001"
        world.classmate.user.save()

        made = services.invite(group_set=project.group_set, by=world.student, whom=whom)
        assert services.invite(group_set=project.group_set, by=world.student, whom=whom) == made
        assert OutgoingMail.objects.get().recipient == world.classmate.user.email
        with pytest.raises(GroupRefused, match="answered or taken back"):
            services.answer(approach=made, by=world.student, accept=True)
        services.answer(approach=made, by=world.classmate, accept=True)

        assert names(owls) == ["student", "classmate"]
        with pytest.raises(GroupRefused, match="answered or taken back"):
            services.answer(approach=made, by=world.classmate, accept=False)

    @pytest.mark.parametrize("whom", ["", "nobody", "lecturer", "stranger"])
    def test_somebody_who_is_no_student_here(self, world, project, owls, whom):
        with pytest.raises(GroupRefused, match="Nobody in this course"):
            services.invite(group_set=project.group_set, by=world.student, whom=whom)

    def test_who_is_in_a_group_or_in_none(self, world, project, owls):
        groups.make_group(project, world.classmate, name="Bees")

        with pytest.raises(GroupRefused, match="is in a group already"):
            services.invite(group_set=project.group_set, by=world.student, whom="classmate")
        with pytest.raises(GroupRefused, match="You are in no group"):
            services.invite(group_set=project.group_set, by=students(world, 1)[0], whom="classmate")

    def test_a_full_group_keeps_the_invitation_open(self, world, project, owls):
        made = services.invite(group_set=project.group_set, by=world.student, whom="classmate")
        for student in students(world, 4):
            join_group(group_set=project.group_set, by=student, code=owls.code)

        with pytest.raises(GroupRefused, match="Owls is full"):
            services.answer(approach=made, by=world.classmate, accept=True)
        made.refresh_from_db()
        assert made.answered_at is None

    def test_after_groups_are_fixed_nothing_goes(self, world, project, owls):
        later = timezone.now() + timedelta(days=30)

        with pytest.raises(GroupRefused, match="fixed by now"):
            services.invite(group_set=project.group_set, by=world.student, whom="classmate", now=later)

    def test_the_date_is_a_setting(self, world, project, owls):
        project.group_set.groups_fixed_at = timezone.now() - timedelta(minutes=1)

        with pytest.raises(GroupRefused, match="fixed by now"):
            services.invite(group_set=project.group_set, by=world.student, whom="classmate")


@pytest.mark.django_db
class TestAsking:
    def test_a_group_that_looks_is_asked_and_any_member_answers(self, world, project, owls):
        services.look_for_members(group_set=project.group_set, by=world.student, text="Somebody who plots")
        assert [group.name for group in looking_groups(project.group_set)] == ["Owls"]

        made = services.ask_in(group_set=project.group_set, by=world.classmate, group=owls.pk, text="I plot.")
        assert approaches_for(world.student, owls)["requests"] == [made]
        services.answer(approach=made, by=world.student, accept=True)

        assert names(owls) == ["student", "classmate"]

    def test_no_is_told(self, world, project, owls):
        services.look_for_members(group_set=project.group_set, by=world.student, text="x")
        made = services.ask_in(group_set=project.group_set, by=world.classmate, group=owls.pk, text="")
        OutgoingMail.objects.all().delete()

        services.answer(approach=made, by=world.student, accept=False)

        assert OutgoingMail.objects.get().recipient == world.classmate.user.email
        assert names(owls) == ["student"]

    def test_a_group_that_looks_for_nobody_is_not_asked(self, world, project, owls):
        with pytest.raises(GroupRefused, match="looks for nobody"):
            services.ask_in(group_set=project.group_set, by=world.classmate, group=owls.pk, text="")

    def test_the_database_keeps_one_open_approach(self, world, project, owls):
        fields = {"group": owls, "student": world.classmate, "by_group": True, "made_by": world.student}
        Approach.objects.create(**fields)

        with pytest.raises(IntegrityError), transaction.atomic():
            Approach.objects.create(**fields)
        with pytest.raises(IntegrityError), transaction.atomic():
            Approach.objects.update(accepted=True)

    def test_who_finds_a_group_leaves_the_board(self, world, project, owls):
        services.seek(group_set=project.group_set, by=world.classmate, text="I write")
        assert [seeker.student for seeker in seekers_of(project.group_set)] == [world.classmate]

        join_group(group_set=project.group_set, by=world.classmate, code=owls.code)

        assert seekers_of(project.group_set) == []
        services.seek(group_set=project.group_set, by=world.student, text="x")
        assert seekers_of(project.group_set) == []


@pytest.mark.django_db
class TestMerging:
    def test_a_whole_group_moves_by_code(self, world, project, owls):
        bees = groups.make_group(project, world.classmate, *students(world, 2), name="Bees")

        services.merge_by_code(group_set=project.group_set, by=world.classmate, code=owls.code.lower())

        assert len(names(owls)) == 4
        assert group_of(project.group_set, world.classmate) == owls
        assert Group.objects.get(pk=bees.pk).dissolved_at
        assert OutgoingMail.objects.filter(subject="Bees and Owls are one group now").count() == 4

    def test_never_more_than_five(self, world, project, owls):
        groups.make_group(project, world.classmate, *students(world, 4), name="Bees")

        with pytest.raises(GroupRefused, match="Together they would have 6 members; at most 5"):
            services.merge_by_code(group_set=project.group_set, by=world.classmate, code=owls.code)
        with pytest.raises(GroupRefused, match="No other group has this code"):
            services.merge_by_code(group_set=project.group_set, by=world.student, code=owls.code)

    def test_students_do_not_merge_work_away(self, world, project, owls):
        bees = groups.make_group(project, world.classmate, name="Bees")
        groups.make_deliverable(groups.stage_of(project), bees)

        with pytest.raises(GroupRefused, match="Bees has handed in work"):
            services.merge_by_code(group_set=project.group_set, by=world.classmate, code=owls.code)
        assert services.merge_by_code(group_set=project.group_set, by=world.student, code=bees.code) == bees

    def test_staff_are_named_with_their_reason(self, world, project, owls):
        bees = groups.make_group(project, world.classmate, name="Bees")

        assert merge(group_set=project.group_set, group=owls, into=bees, by=world.ta, reason="Both small.") == bees
        row = Membership.objects.get(student=world.student, left_at=None)
        assert (row.changed_by, row.reason) == (world.ta, "Both small.")

    @pytest.mark.parametrize(
        ("shared", "by_owls", "by_bees", "of_student", "of_classmate"),
        [
            (False, True, True, "Owls", "Bees"),
            (False, True, False, "Owls", None),
            (False, False, True, None, "Bees"),
            (True, True, True, "Bees", "Bees"),
            (True, True, False, "Owls", "Owls"),
            (True, False, True, "Bees", "Bees"),
            (True, False, False, None, None),
        ],
    )
    def test_what_becomes_of_the_work_is_chosen(  # noqa: PLR0917  a row of the table
        self, world, project, owls, shared, by_owls, by_bees, of_student, of_classmate
    ):
        """Owls (the student's) become part of Bees (the classmate's)."""
        stage = groups.stage_of(project)
        bees = groups.make_group(project, world.classmate, name="Bees")
        for group, handed_in in ((owls, by_owls), (bees, by_bees)):
            if handed_in:
                groups.make_deliverable(stage, group)

        merge(group_set=project.group_set, group=owls, into=bees, by=world.ta, reason="Small.", shared=shared)

        found = histories_for([stage], [world.student, world.classmate])
        counting = [found[stage.pk, each.pk].counting for each in (world.student, world.classmate)]
        assert [each and each.group.name for each in counting] == [of_student, of_classmate]
        new = groups.make_deliverable(stage, bees)
        found = histories_for([stage], [world.student, world.classmate])
        assert {found[stage.pk, each.pk].counting for each in (world.student, world.classmate)} == {new}

    def test_who_left_the_course_is_not_counted_and_not_moved(self, world, project, owls):
        gone, *others = students(world, 3)
        bees = groups.make_group(project, gone, *others, name="Bees")
        ants = groups.make_group(project, *students(world, 3), name="Ants")
        Enrolment.objects.filter(pk=gone.pk).update(left_at=timezone.now())

        merge(group_set=project.group_set, group=bees, into=ants, by=world.ta, reason="Small.")

        assert len(names(ants)) == 5
        assert not Membership.objects.filter(student=gone, left_at=None).exists()

    def test_a_group_whose_last_one_left_is_gone(self, world, project, owls):
        early = timezone.now() - timedelta(days=1)
        join_group(group_set=project.group_set, by=world.classmate, code=owls.code, now=early)
        Enrolment.objects.filter(pk=world.classmate.pk).update(left_at=timezone.now())
        leave_group(group_set=project.group_set, by=world.student, now=early)

        assert Group.objects.get(pk=owls.pk).dissolved_at

    def test_nobody_joins_a_group_of_people_who_left_the_course(self, world, project, owls):
        Enrolment.objects.filter(pk=world.student.pk).update(left_at=timezone.now())

        with pytest.raises(GroupRefused, match="Nobody is in Owls any more"):
            join_group(group_set=project.group_set, by=world.classmate, code=owls.code)

    def test_an_invitation_is_declined_also_when_groups_are_fixed(self, world, project, owls):
        made = services.invite(group_set=project.group_set, by=world.student, whom="classmate")
        later = timezone.now() + timedelta(days=300)

        with pytest.raises(GroupRefused, match="fixed by now"):
            services.answer(approach=made, by=world.classmate, accept=True, now=later)
        services.answer(approach=made, by=world.classmate, accept=False, now=later)
        made.refresh_from_db()
        assert made.accepted is False

    def test_staff_let_a_group_be_small(self, world, project, owls):
        assert too_small(project.group_set, groups_in_reach(world.ta, project.group_set)) == groups_in_reach(
            world.ta, project.group_set
        )

        with pytest.raises(GroupRefused, match="Say why"):
            allow_small(group=owls, by=world.ta, reason=" ")
        allow_small(group=owls, by=world.ta, reason="Nobody is left.")

        assert too_small(project.group_set, groups_in_reach(world.ta, project.group_set)) == []

    def test_proposals_for_staff(self, world, project, owls):
        bees = groups.make_group(project, world.classmate, name="Bees")
        groups.make_group(project, *students(world, 4), name="Cats")

        found = merge_proposals(project.group_set, groups_in_reach(world.ta, project.group_set), alone=0)

        assert found == [(bees, owls)]


@pytest.mark.parametrize(
    ("sizes", "alone", "found"),
    [
        ({"a": 2, "b": 2, "c": 4}, 0, [("a", "b")]),
        ({"a": 1, "b": 4, "c": 3}, 0, [("a", "b")]),
        ({"a": 2, "b": 4, "c": 3}, 0, [("a", "c")]),
        ({"a": 2, "b": 4, "c": 3}, 2, []),
        ({"a": 2, "b": 5}, 0, []),
        ({"a": 3, "b": 3}, 0, []),
    ],
)
def test_who_could_be_put_together(sizes, alone, found):
    assert proposals(sizes, alone, smallest=3, largest=5) == found


@given(st.dictionaries(st.integers(), st.integers(1, 5), max_size=12), st.integers(0, 6))
def test_proposals_fit_and_name_each_group_once(sizes, alone):
    found = proposals(sizes, alone, smallest=3, largest=5)

    named = [key for pair in found for key in pair]
    assert len(named) == len(set(named))
    assert all(sizes[one] < 3 and sizes[one] + sizes[other] <= 5 for one, other in found)


@pytest.mark.django_db
class TestPages:
    def test_from_the_board_into_a_group(self, client, world, project, owls):
        as_person(client, world.student).post(BOARD, {"looks": "1", "text": "One who plots"})
        as_person(client, world.classmate).post(BOARD, {"seek": "1", "text": "I plot"})
        said = words_of(client.get(BOARD))
        assert "Owls 1 of 5 One who plots" in said
        assert "Classmate Informatics I plot" in said
        client.post(BOARD, {"ask": str(owls.pk), "text": "Take me"})
        assert "You asked Owls" in words_of(client.get(BOARD))

        said = words_of(as_person(client, world.student).get(BOARD))
        assert "Classmate wants to join you. “Take me”" in said
        asked = Approach.objects.get()
        assert "Classmate is in Owls now." in words_of(client.post(f"{BOARD}{asked.pk}/", {"yes": "1"}, follow=True))
        assert client.post(f"{BOARD}{asked.pk}/", {"yes": "1"}).status_code == 404

    def test_inviting_and_declining(self, client, world, project, owls):
        as_person(client, world.student)
        assert "Nobody in this course" in words_of(client.post(BOARD, {"invite": "1", "text": "x"}, follow=True))
        client.post(BOARD, {"invite": "1", "text": "classmate"})
        invitation = Approach.objects.get()
        outsider = students(world, 1)[0]
        assert as_person(client, outsider).post(f"{BOARD}{invitation.pk}/", {"yes": "1"}).status_code == 404

        said = words_of(as_person(client, world.classmate).get(BOARD))
        assert "Owls invites you." in said
        assert "Declined." in words_of(client.post(f"{BOARD}{invitation.pk}/", {"no": "1"}, follow=True))
        assert group_of(project.group_set, world.classmate) is None

    def test_staff_merge_and_allow_from_the_list(self, client, world, project, owls):
        bees = groups.make_group(project, world.classmate, name="Bees")
        as_person(client, world.ta)
        assert "Bees (1) fits into Owls (1)" in words_of(client.get("/courses/dl/groups/project/"))
        page = f"/courses/dl/groups/project/{bees.pk}/"

        assert "Say why" in words_of(client.post(page, {"into": owls.pk}, follow=True))
        assert "Bees is part of Owls now." in words_of(
            client.post(page, {"into": owls.pk, "reason": "Small."}, follow=True)
        )
        page = f"/courses/dl/groups/project/{owls.pk}/"
        assert "Owls may be small." in words_of(client.post(page, {"reason": "Nobody left."}, follow=True))
        assert "small: Nobody left. (Ta)" in words_of(client.get("/courses/dl/groups/project/"))

    def test_merging_by_code_on_the_page(self, client, world, project, owls):
        groups.make_group(project, world.classmate, name="Bees")

        said = words_of(as_person(client, world.classmate).post(BOARD, {"merge": "1", "text": owls.code}, follow=True))

        assert "You are one group now." in said
