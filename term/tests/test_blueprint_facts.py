"""The blueprints say what the five courses' introductory lectures say: the facts, one by one, as pages and rules have them."""

from datetime import date
from pathlib import Path

import pytest

from courses.course_file.reading import read_course_file
from courses.models import Role
from courses.policy.words import rule_sentence
from courses.selectors import current_late_rule
from courses.templatetags.words import share
from gradebook.standings.selectors import gradebook
from term.course_file.load import load_course
from tests import factories as make

pytestmark = pytest.mark.django_db
BLUEPRINTS = Path(__file__).resolve().parents[2] / "courses" / "blueprints"
MONDAY = date(2026, 9, 7)
KIT_2020 = "AAAI 2021 author kit · PDF · LaTeX preferred, Word accepted"
LAST_PAGE = "in two columns, the last only references · sections: Abstract, Introduction, Related work"


def loaded(name):
    content = read_course_file((BLUEPRINTS / f"{name}.yaml").read_bytes(), week_one=MONDAY)
    return load_course(content, week_one=MONDAY)


def shares(course):
    """Leaf → its percent of the course."""
    book = gradebook(make.enrol(course, Role.LECTURER), [])
    return {column.component.name: share(column.share) for column in book.columns}


@pytest.mark.parametrize(
    ("blueprint", "expected"),
    [
        (
            "xmu-dl-2020",
            {"Final exam": "30", "Proposal": "4", "Report": "28", "By the lecturer": "4", "Peer ranking": "4"},
        ),
        ("xmu-dl-2025", {"Proposal": "16", "Report": "48", "Presentation or poster": "16"}),
        ("sustech-cs324", {"Final exam": "40", "Assignment 1: MLP and back-propagation": "15", "Presentation": "5"}),
    ],
)
def test_what_each_part_is_worth(blueprint, expected):
    found = shares(loaded(blueprint))

    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(("blueprint", "total"), [("xmu-dl-2020", 30), ("xmu-dl-2025", 20), ("sustech-cs324", 45)])
def test_what_the_assignments_are_worth_together(blueprint, total):
    course = loaded(blueprint)
    book = gradebook(make.enrol(course, Role.LECTURER), [])

    assert sum(column.share for column in book.columns if column.component.assignment.kind == "notebook") == total


@pytest.mark.parametrize(
    ("blueprint", "stage", "sentence"),
    [
        ("xmu-dl-2020", "proposal", f"{KIT_2020} · at most 3 pages {LAST_PAGE}, Plan"),
        ("xmu-dl-2020", "report", f"{KIT_2020} · at most 6 pages {LAST_PAGE}, Proposed solution, Experiments, Conclusion"),
        ("xmu-dl-2020", "presentation", "PDF · 1189 mm high and 841 mm wide · A0 portrait, handed in as PDF, not printed"),
        ("xmu-dl-2025", "proposal", ("AAAI 2025 author kit · PDF · LaTeX only · 2 pages of content and 1 page of references "
         "in two columns · sections: Abstract, Introduction, Related work, Plan")),
    ],
)  # fmt: skip
def test_what_a_stage_asks_of_its_pdf(blueprint, stage, sentence):
    assert loaded(blueprint).project.stages.get(slug=stage).format_sentence == sentence


@pytest.mark.parametrize("blueprint", ["xmu-dl-2020", "xmu-dl-2025"])
def test_the_project_of_both_xiamen_courses(blueprint):
    project = loaded(blueprint).project

    assert (project.group_set.smallest_group, project.group_set.largest_group, project.group_set.across_sections) == (
        3,
        5,
        blueprint.endswith("2025"),
    )
    assert [stage.due_when for stage in project.stages.all()] == ["week 8", "week 15", "week 16"]
    assert [len(stage.questions) for stage in project.stages.all()] == [4, 3, 3]
    assert project.talks == {"groups": 10, "minutes": 10, "ranked_by": "report", "others": "poster"}


def test_late_rules_are_those_that_were_published_and_no_others():
    rules = {name: current_late_rule(loaded(name)) for name in ("xmu-dl-2020", "xmu-dl-2025", "sustech-cs324")}

    assert rules["xmu-dl-2025"] == make.XMU_RULE
    assert rule_sentence(rules["xmu-dl-2020"]) == "Late work is accepted and labelled late; nothing is deducted."
    assert not rules["sustech-cs324"].discounts


@pytest.mark.parametrize(
    ("blueprint", "topics", "staff"),
    [
        ("xmu-dl-2020", 8, [(Role.LECTURER, 1), (Role.TA, None)]),
        ("xmu-dl-2025", 13, [(Role.LECTURER, 1), (Role.TA, 3), (Role.TA, 3)]),
        ("sustech-cs324", 16, [(Role.LECTURER, 1), (Role.LAB_INSTRUCTOR, 1), (Role.STUDENT_ASSISTANT, 4)]),
        ("ecnu-dl-module", 2, []),
        ("help-dl-workshop", 6, [(Role.LECTURER, 1)]),
    ],
)
def test_topics_and_staff(blueprint, topics, staff):
    course = loaded(blueprint)

    assert course.topics.count() == topics
    assert [(position.role, position.count) for position in course.positions.all()] == staff


@pytest.mark.parametrize("blueprint", ["ecnu-dl-module", "help-dl-workshop"])
def test_courses_without_assessment_have_no_scheme(blueprint):
    assert not loaded(blueprint).schemes.exists()
