"""A course is made in the browser from a blueprint or a file, looked over, published, and downloaded again."""

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest

from courses.models import Course, Enrolment, Role
from term.course_file.forms import blueprints
from tests import factories as make
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
FORM = {"blueprint": "xmu-dl-2025", "week_one": "2026-09-07", "slug": "dl-2026", "term": "Autumn 2026"}
BLUEPRINTS = Path(__file__).resolve().parents[2] / "courses" / "blueprints"


def create(client, world, **changes):
    return as_person(client, world.lecturer).post("/new-course/", {**FORM, **changes})


def test_a_blueprint_becomes_a_course_of_the_person_who_made_it(client, world):
    answer = create(client, world)

    assert answer["Location"] == "/courses/dl-2026/setup/"
    course = Course.objects.get(slug="dl-2026")
    assert (course.term, course.week_one, course.is_published) == ("Autumn 2026", date(2026, 9, 7), False)
    assert Enrolment.objects.get(course=course).user == world.lecturer.user
    page = words_of(client.get("/courses/dl-2026/setup/"))
    assert "Back-propagation by hand: upload its notebook." in page
    assert "Sun 1 Nov 2026, 23:59 week 8" in page
    assert "Proposal Project 16 %" in page


def test_a_file_becomes_a_course_and_comes_back_as_it_was(client, world):
    text = (BLUEPRINTS / "sustech-cs324.yaml").read_bytes()
    file = BytesIO(text)
    file.name = "mine.yaml"

    create(client, world, blueprint="", file=file, slug="sustech-cs324", term="Autumn")

    answer = client.get("/courses/sustech-cs324/course-file/")
    assert answer.content == text
    assert answer["Content-Disposition"] == 'attachment; filename="sustech-cs324.yaml"'


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"week_one": "2026-09-08"}, "Week 1 begins on a Monday."),
        ({"slug": "dl"}, "There is a course at this address already."),
        ({"blueprint": ""}, "Choose a blueprint or a file, one of them."),
        ({"blueprint": "../../etc"}, "Select a valid choice."),
        ({"term": ""}, "This field is required."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(client, world, changes, says):
    before = Course.objects.count()

    answer = create(client, world, **changes)

    assert answer.status_code == 422
    assert says in words_of(answer)
    assert Course.objects.count() == before


def test_every_problem_of_a_file_is_said(client, world):
    file = BytesIO(b"course: {slug: c}\nlate: 1")
    file.name = "bad.yaml"

    page = words_of(create(client, world, blueprint="", file=file))

    assert "“late” is not known here" in page
    assert "“title”" in page


def test_publishing_shows_the_course_and_hiding_hides_it(client, world):
    Course.objects.filter(pk=world.course.pk).update(is_published=False)
    student, lecturer = world.student, world.lecturer
    assert as_person(client, student).get("/courses/dl/").status_code == 404

    as_person(client, lecturer).post("/courses/dl/publish/")
    assert as_person(client, student).get("/courses/dl/").status_code == 200

    as_person(client, lecturer).post("/courses/dl/publish/", {"hide": "1"})
    assert as_person(client, student).get("/courses/dl/").status_code == 404


def test_only_those_who_may_are_offered_a_new_course(client, world):
    assert "New course" in words_of(as_person(client, world.lecturer).get("/"))
    assert "New course" not in words_of(as_person(client, world.ta).get("/"))


@pytest.mark.parametrize("blueprint", [name for name, _ in blueprints()])
def test_every_page_of_a_new_course_says_something_true(client, world, blueprint):
    """A course without assessment too: nothing is 0/0, nothing is not a number, nothing is offered that is not there."""
    create(client, world, blueprint=blueprint)
    course = Course.objects.get(slug="dl-2026")
    as_person(client, world.lecturer).post("/courses/dl-2026/publish/")
    student = make.enrol(course, Role.STUDENT)
    has_scheme = course.schemes.exists()

    for person in (student, Enrolment.objects.get(course=course, role=Role.LECTURER)):
        for tail in ("", "syllabus/", "assignments/", "project/", "gradebook/", "grades/", "people/", "setup/"):
            answer = as_person(client, person).get(f"/courses/dl-2026/{tail}")
            page = words_of(answer)
            assert answer.status_code in (200, 302, 403)
            assert [wrong for wrong in ("NaN", "None", "0/0", "Traceback") if wrong in page] == []
            assert has_scheme or "Earned so far" not in page


def test_a_due_time_that_was_picked_is_dumped_as_picked(client, world):
    create(client, world)
    address = "/courses/dl-2026/assignments/convolution/edit/"
    form = {
        "title": "Convolution",
        "slug": "convolution",
        "position": "3",
        "opens_at": "2026-10-26T00:00",
        "queue": "grading",
    }

    answer = client.post(address, {**form, "due_at": "2026-11-20T18:00", "minutes": "5", "memory_gib": "2"})

    assert answer.status_code == 302
    text = client.get("/courses/dl-2026/course-file/").content.decode()
    assert "opens: week 8\n    due: 2026-11-20 18:00" in text
