"""The set-up check: can every student get a mark for all that counts? Each gap is named and leads to where it is closed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from courses.models import Enrolment, Role, User
from gradebook.models import Component
from grading.models import Criterion
from term.setup.gaps import gaps_of
from tests import factories as make
from tests import groups
from tests.pages import as_person, text_of, words_of

pytestmark = pytest.mark.django_db


def said(world):
    return [gap.said for gap in gaps_of(world.course)]


@pytest.fixture
def ready(world):
    """A course in which nothing is missing."""
    make.make_scheme(world.course, world.assignment)
    world.other_section.enrolments.add(world.other_ta)
    return world


def test_a_course_in_which_nothing_is_missing(client, ready):
    assert said(ready) == []
    page = as_person(client, ready.lecturer).get("/courses/dl/setup/")
    assert "every student can get a mark for everything that counts" in words_of(page)


def without_rule(world):
    world.course.late_policies.all().delete()


def with_odd_weights(world):
    Component.objects.filter(name="Exam").update(weight=10)


def with_work_that_counts_nowhere(world):
    make.make_assignment(world.course, "extra", kind="files")
    Criterion.objects.create(assignment=world.course.assignments.get(slug="extra"), text="It", points=1)


def without_notebook(world):
    world.course.assignments.notebooks().first().notebooks.all().delete()


def without_criteria(world):
    project = groups.make_project(world.course)
    stage = groups.stage_of(project, "report")
    Criterion.objects.filter(assignment=stage).delete()


def without_mail(world):
    User.objects.filter(pk=world.student.user_id).update(email="")


def without_section(world):
    world.student.sections.clear()


def without_marker(world):
    for person in Enrolment.objects.filter(course=world.course, role__in=(Role.TA, Role.STUDENT_ASSISTANT)):
        person.sections.clear()


def without_students(world):
    Enrolment.objects.filter(course=world.course, role=Role.STUDENT).update(left_at=make.DUE)


@pytest.mark.parametrize(
    ("spoil", "gap", "address"),
    [
        (without_rule, "No late rule: late work is accepted", "/courses/dl/late-rule/"),
        (with_odd_weights, "Course: the parts sum to", "/courses/dl/weights/"),
        (with_work_that_counts_nowhere, "Counts nowhere: Extra. Is that meant?", "/courses/dl/weights/"),
        (without_notebook, "Numbers: upload its notebook.", "/courses/dl/assignments/numbers/"),
        (without_criteria, "Report: say what it is marked by.", "/courses/dl/assignments/report/criteria/"),
        (without_mail, "No mail address, so no invitation and no receipt by mail: Student.", "/courses/dl/people/"),
        (without_section, "In no section: Student.", "/courses/dl/people/"),
        (without_marker, "Informatics: no assistant looks after this section", "/courses/dl/people/"),
        (without_students, "There are no students yet.", "/courses/dl/people/import/"),
    ],
)
def test_each_gap_is_named_and_leads_to_where_it_is_closed(client, ready, spoil, gap, address):
    spoil(ready)

    found = next(each for each in gaps_of(ready.course) if each.said.startswith(gap))

    assert found.address == address
    page = text_of(as_person(client, ready.lecturer).get("/courses/dl/setup/"))
    assert f'href="{address}"' in page
    assert as_person(client, ready.lecturer).get(address).status_code == 200


def test_many_names_are_counted(ready):
    for _ in range(8):
        User.objects.filter(pk=make.enrol(ready.course, section=ready.section).user_id).update(email="")

    gap = next(each for each in said(ready) if each.startswith("No mail"))
    assert gap.endswith("and 3 more.")


def test_more_of_everything_asks_no_more_questions(ready, django_assert_num_queries):

    with CaptureQueriesContext(connection) as few:
        gaps_of(ready.course)
    for number in range(12):
        make.enrol(ready.course, section=ready.section)
        make.make_assignment(ready.course, f"extra-{number}", kind="files")
    with django_assert_num_queries(len(few)):
        gaps_of(ready.course)
