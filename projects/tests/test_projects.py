"""The project's stages, as a course asks for them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assignments.policy import format_sentence
from projects.policy.sentences import ballot_sentence, talks_sentence
from projects.selectors import project_of
from tests import factories as make
from tests import groups
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(world):
    made = groups.bare_project(world.course, title="Group project", description="A free topic.")
    for position, slug in enumerate(("proposal", "report"), start=1):
        groups.make_stage(
            made, slug=slug, title=slug.title(), position=position, due_at=make.DUE, questions=["What?", "Why?"]
        )
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
        groups.bare_project(world.course, title="x", smallest_group=sizes[0], largest_group=sizes[1])


def test_one_project_a_course_and_one_stage_a_name(world, project):
    with pytest.raises(IntegrityError), transaction.atomic():
        groups.bare_project(world.course, title="another")
    with pytest.raises(IntegrityError), transaction.atomic():
        groups.make_stage(project, slug="report", title="again", due_at=make.DUE)


def test_names_are_what_people_call_them(project):
    assert str(project) == "Group project"
    assert [str(stage) for stage in project.stages.all()] == ["Proposal", "Report"]


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ({}, ""),
        (
            {
                "kit": "AAAI 2025 author kit",
                "latex": "required",
                "columns": 2,
                "content_pages": 2,
                "reference_pages": 1,
            },
            "AAAI 2025 author kit · PDF · LaTeX only · 2 pages of content and 1 page of references in two columns",
        ),
        (
            {"latex": "preferred", "pages": 3, "columns": 2, "last_page_only_references": True, "sections": ["Plan"]},
            (
                "PDF · LaTeX preferred, Word accepted · at most 3 pages in two columns, the last only references"
                " · sections: Plan"
            ),
        ),
        ({"height_mm": 1189, "width_mm": 841, "note": "A0"}, "PDF · 1189 mm high and 841 mm wide · A0"),
    ],
)
def test_format_rules_are_said_in_a_line(rules, sentence):
    assert format_sentence(rules) == sentence


def test_who_presents_and_how_peers_rank_is_said():
    talks = {"groups": 10, "minutes": 10, "ranked_by": "report", "others": "poster"}

    assert talks_sentence(talks) == (
        "The 10 groups with the best report give a talk of 10 minutes; the others make a poster."
    )
    assert "at least 3 of them; marks run from 60 to 100" in ballot_sentence(
        {"least": 3, "highest_mark": 100, "lowest_mark": 60}
    )
    assert (talks_sentence({}), ballot_sentence({})) == ("", "")
