"""A course may be divided into groups in more than one way."""

import pytest
from django.db import IntegrityError, transaction

from groups.members.selectors import group_of
from groups.members.services import GroupRefused, join_group, make_group
from groups.models import GroupSet
from tests import factories as make
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
LABS = "/courses/dl/groups/labs/"


@pytest.fixture
def labs(world):
    return GroupSet.objects.create(
        course=world.course, slug="labs", title="Lab pairs", smallest_group=2, largest_group=2
    )


@pytest.fixture
def talks(world):
    return GroupSet.objects.create(course=world.course, slug="talks", title="Talks")


def test_a_student_is_in_one_group_of_each_set(world, labs, talks):
    pair = make_group(group_set=labs, by=world.student, name="Owls")
    team = make_group(group_set=talks, by=world.student, name="Owls")

    assert group_of(labs, world.student) == pair
    assert group_of(talks, world.student) == team
    with pytest.raises(GroupRefused, match="You are in Owls"):
        make_group(group_set=labs, by=world.student, name="Bees")


def test_the_size_is_the_sets_own(world, labs):
    pair = make_group(group_set=labs, by=world.student, name="Owls")
    join_group(group_set=labs, by=world.classmate, code=pair.code)

    with pytest.raises(GroupRefused, match="full: it has 2 members"):
        join_group(group_set=labs, by=make.enrol(world.course, section=world.section), code=pair.code)


def test_a_code_opens_no_group_of_another_set(world, labs, talks):
    pair = make_group(group_set=labs, by=world.student, name="Owls")

    with pytest.raises(GroupRefused, match="No group has this code"):
        join_group(group_set=talks, by=world.classmate, code=pair.code)


def test_a_slug_names_one_set_of_a_course(world, labs):
    GroupSet.objects.create(course=world.stranger.course, slug="labs", title="Theirs")

    with pytest.raises(IntegrityError), transaction.atomic():
        GroupSet.objects.create(course=world.course, slug="labs", title="Again")


@pytest.mark.parametrize(("page", "status"), [("", 403), ("find/", 200)])
def test_pages_of_a_set_that_no_project_has(client, world, labs, page, status):
    assert as_person(client, world.student).get(LABS + page).status_code == status
    assert as_person(client, world.ta).get(LABS + page).status_code == 200
    assert as_person(client, world.stranger).get(LABS + page).status_code == 404
    assert as_person(client, world.lecturer).get(f"/courses/dl/groups/none/{page}").status_code == 404


def test_a_form_leads_back_to_our_pages_only(client, world, labs):
    as_person(client, world.student)
    sent = {"make": "1", "name": "Owls"}

    assert client.post(LABS + "mine/", {**sent, "next": "https://elsewhere.example/"}).url == LABS + "find/"
    assert client.post(LABS + "mine/", {"leave": "1", "next": "//elsewhere.example"}).url == LABS + "find/"
    assert client.post(LABS + "mine/", {**sent, "next": "/courses/dl/"}).url == "/courses/dl/"
    assert "Owls" in words_of(client.get(LABS + "find/"))
