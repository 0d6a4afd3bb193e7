"""Assignments, instructor notebooks and extensions in the browser: what staff do, and what is refused."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from assignments.models import Assignment, Extension
from tests import factories as make
from tests.pages import NUMBERS as PAGE
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def as_file(content, name="numbers.ipynb"):
    return SimpleUploadedFile(name, content, content_type="application/octet-stream")


@pytest.fixture
def student(client, world):
    client.force_login(world.student.user)
    return client


@pytest.fixture
def lecturer(client, world):
    client.force_login(world.lecturer.user)
    return client


def test_the_instructor_notebook_is_for_staff(client, world):
    client.force_login(world.ta.user)

    assert b"double(21)" in client.get(PAGE + "notebook/source/").content


FIELDS = {
    "title": "Fresh", "slug": "fresh", "position": "3", "opens_at": "2026-11-01T08:00",
    "due_at": "2026-11-15T23:59", "closes_at": "", "queue": "grading", "minutes": "5", "memory_gib": "2",
}  # fmt: skip


def test_a_lecturer_creates_an_assignment_in_course_time(lecturer, world):
    answer = lecturer.post("/courses/dl/assignments/new/", FIELDS)

    made = Assignment.objects.get(slug="fresh")
    assert answer["Location"] == "/courses/dl/assignments/fresh/"
    assert made.opens_at.isoformat() == "2026-11-01T00:00:00+00:00"
    assert made.due_at.isoformat() == "2026-11-15T15:59:59+00:00"
    assert made.closes_at is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"due_at": "2026-10-31T23:59"}, "after the opening time"),
        ({"closes_at": "2026-11-14T23:59"}, "cannot close before it is due"),
        ({"slug": "numbers"}, "has this short name"),
        ({"slug": "new"}, "used by the product itself"),
        ({"slug": "with space"}, "valid"),
        ({"title": ""}, "required"),
        ({"due_at": "soon"}, "valid date"),
    ],
)
def test_an_impossible_assignment_is_refused_at_its_field(lecturer, world, change, says):
    answer = lecturer.post("/courses/dl/assignments/new/", {**FIELDS, **change})

    assert answer.status_code == 200
    assert says in text_of(answer)
    assert Assignment.objects.count() == 1


def test_an_instructor_notebook_is_checked_and_listed(lecturer, world):
    answer = lecturer.post(PAGE + "notebook/", {"notebook": as_file(make.source_bytes())})

    page = text_of(lecturer.get(answer["Location"]))
    assert "Version 2 · Lecturer" in page
    assert "3 graded cells, 6 points" in page


def test_a_notebook_without_marked_cells_is_taken_with_a_warning(lecturer, world):
    content = make.write_notebook(make.notebook(make.code("1")))

    page = text_of(lecturer.post(PAGE + "notebook/", {"notebook": as_file(content)}, follow=True))

    assert "No cell is marked for nbgrader or Otter" in page
    assert "0 graded cells, 0 points" in page


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"%PDF", "PDF that was renamed"),
        (make.write_notebook(make.notebook(make.answer("x"), make.answer("y"))), "stands on two cells"),
        (make.write_notebook(make.notebook(make.assertion_cell("1", "a"), language="julia")), "kernel is julia"),
        (make.write_notebook(make.notebook(make.answer("### BEGIN SOLUTION"))), "no “END SOLUTION”"),
    ],
)
def test_an_unusable_instructor_notebook_is_refused_and_the_old_one_stays(lecturer, world, content, says):
    answer = lecturer.post(PAGE + "notebook/", {"notebook": as_file(content)})

    assert answer.status_code == 422
    assert says in text_of(answer)
    assert world.assignment.notebooks.count() == 1


def test_extensions_are_granted_with_a_reason(client, world):
    client.force_login(world.ta.user)
    fields = {"student": world.student.pk, "section": "", "due_at": "2026-10-30T23:59", "reason": "Ill"}

    page = text_of(client.get(client.post(PAGE + "extensions/", fields)["Location"]))

    assert "Fri 30 Oct, 23:59" in page
    assert Extension.objects.get().due_at.second == 59


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"student": []}, "either students or one section"),
        ({"reason": ""}, "required"),
        ({"due_at": ""}, "required"),
        ({"due_at": "2026-10-25T23:59"}, "later than the due time"),
    ],
)
def test_an_extension_without_its_facts_is_refused(client, world, change, says):
    client.force_login(world.ta.user)
    fields = {"student": world.student.pk, "section": "", "due_at": "2026-10-30T23:59", "reason": "Ill"}

    assert says in text_of(client.post(PAGE + "extensions/", {**fields, **change}))
    assert not Extension.objects.exists()


def test_a_ta_grants_extensions_to_own_students_only(client, world):
    client.force_login(world.other_ta.user)
    fields = {"student": world.student.pk, "section": "", "due_at": "2026-10-30T23:59", "reason": "Ill"}

    assert "Select a valid choice" in text_of(client.post(PAGE + "extensions/", fields))
    assert not Extension.objects.exists()


def test_a_ta_reads_of_extensions_to_own_students_only(client, world):
    fields = {"assignment": world.assignment, "due_at": make.DUE, "granted_by": world.lecturer}
    Extension.objects.create(**fields, student=world.student, reason="A private matter")
    Extension.objects.create(**fields, section=world.section, reason="Network down")

    for person, seen in ((world.ta, True), (world.other_ta, False), (world.lecturer, True)):
        client.force_login(person.user)
        page = text_of(client.get(PAGE + "extensions/"))
        assert ("A private matter" in page) is seen
        assert ("Network down" in page) is seen


def test_a_new_assignment_is_offered_the_place_behind_the_others(lecturer, world):
    assert 'name="position" value="2"' in text_of(lecturer.get("/courses/dl/assignments/new/"))


@pytest.mark.parametrize("address", ["submit/", "notebook/"])
def test_reloading_the_address_of_a_refused_upload_leads_back(lecturer, world, address):
    assert lecturer.get(PAGE + address)["Location"] == PAGE
