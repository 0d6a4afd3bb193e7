"""The project's stages, as a course asks for them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from projects.models import Project
from projects.selectors import project_of
from tests import factories as make
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(world):
    made = Project.objects.create(course=world.course, title="Group project", description="A free topic.")
    for position, slug in enumerate(("proposal", "report"), start=1):
        made.stages.create(slug=slug, title=slug.title(), position=position, due_at=make.DUE, must_answer="What? Why?")
    return made


def test_project_of_a_course_comes_with_its_stages_in_order(world, project, django_assert_num_queries):
    with django_assert_num_queries(2):
        found = project_of(world.course.pk)
        assert [stage.slug for stage in found.stages.all()] == ["proposal", "report"]


def test_a_course_without_a_project_has_none(world):
    assert project_of(world.course.pk) is None


def test_the_page_says_what_is_asked_and_by_when(client, world, project):
    page = words_of(as_person(client, world.student).get("/courses/dl/project/"))

    assert "Groups of 3 to 5" in page
    assert "across sections" not in page
    assert "Proposal" in page
    assert "What? Why?" in page
    assert "Sun 25 Oct 2026, 23:59" in page


@pytest.mark.parametrize(("days", "says"), [(-1, "Was due"), (1, "Due")])
def test_the_page_knows_what_is_past(client, world, project, days, says):
    project.stages.update(due_at=timezone.now() + timedelta(days=days))

    page = words_of(as_person(client, world.student).get("/courses/dl/project/"))

    assert f"{says} " in page


def test_the_course_home_lists_the_stages(client, world, project):
    for person in (world.student, world.ta):
        assert "Proposal" in words_of(as_person(client, person).get("/courses/dl/"))


@pytest.mark.parametrize("sizes", [(0, 5), (4, 3)])
def test_group_sizes_must_fit(world, sizes):
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.create(course=world.course, title="x", smallest_group=sizes[0], largest_group=sizes[1])


def test_one_project_a_course_and_one_stage_a_name(world, project):
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.create(course=world.course, title="another")
    with pytest.raises(IntegrityError), transaction.atomic():
        project.stages.create(slug="report", title="again", due_at=make.DUE)


def test_names_are_what_people_call_them(project):
    assert str(project) == "Group project"
    assert [str(stage) for stage in project.stages.all()] == ["Proposal", "Report"]
