"""Marking without names: on no page, in no file and no header that an assistant reads while they mark."""

import json
import re

import pytest

from assignments.anonymity import shown_name, without_names
from assignments.models import Assignment
from autograder.notebook import write_notebook
from courses import storage
from courses.models import Role
from grading.services.reviews import refresh_all
from tests import factories as make
from tests.pages import NUMBERS, address_of, as_person, words_of

pytestmark = pytest.mark.django_db
WRITER = "Wilhelmina Quist"


@pytest.fixture
def submission(world):
    """Handed in by somebody whose name stands in the file's name and in its metadata."""
    Assignment.objects.update(is_anonymous=True)
    world.assignment.is_anonymous = True
    world.student.user.name = WRITER
    world.student.user.save()
    notebook = make.read_notebook(make.submitted())
    notebook["metadata"] |= {"authors": [{"name": WRITER}], "colab": {"name": WRITER}}
    notebook["cells"][0]["metadata"] = {"author": WRITER, "tags": ["kept"]}
    made = make.make_submission(world.assignment, world.student)
    type(made).objects.filter(pk=made.pk).delete()
    made.pk, made.file, made.original_name = None, storage.store(write_notebook(notebook)), f"{WRITER}.ipynb"
    made.save()
    make.run_of(made)
    make.make_scheme(world.course, world.assignment)
    refresh_all(world.assignment)
    return made


def everything_of(client, page):
    """Headers and body, followed to the end."""
    answer = client.get(page, follow=True)
    assert answer.status_code in (200, 403, 404), page
    return str(answer.headers) + answer.content.decode(errors="replace")


PAGES = (
    "submissions/", "review/", "statistics/", "submissions/{s}/1/", "submissions/{s}/1/review/", "submissions/{s}/1/notebook/",
    "submissions/{s}/1/read/frame/", "submissions/{s}/1/file/", "submissions/{s}/1/receipt/", "rubric/?cell=analysis",
    "submissions/{s}/1/second/", "second/",
)  # fmt: skip


@pytest.mark.parametrize("role", [Role.STUDENT_ASSISTANT, Role.TA])
@pytest.mark.parametrize("page", PAGES)
def test_no_page_of_the_work_names_its_writer(client, world, submission, role, page):
    marker = make.enrol(world.course, role, section=world.section)
    as_person(client, marker)

    assert WRITER not in everything_of(client, NUMBERS + page.format(s=world.student.pk))


def test_marking_and_its_messages_name_nobody(client, world, submission):
    as_person(client, world.ta)
    form = {"seen": 0, "points-analysis": "2", "comment-analysis": "Good."}

    page = client.post(address_of(submission, "review/"), form, follow=True)

    assert WRITER not in page.content.decode()
    assert shown_name(world.ta, world.assignment, world.student) in words_of(page)


def test_the_api_names_nobody(client, world, submission):
    as_person(client, world.ta)
    address = f"/api/courses/dl/assignments/numbers/submissions/{world.student.pk}/1/"

    assert WRITER not in everything_of(client, address)


def test_the_gradebook_says_no_mark_beside_a_name(client, world, submission):
    form = {"seen": 0, "points-analysis": "2", "comment-analysis": "Good."}
    as_person(client, world.ta).post(address_of(submission, "review/"), form)

    mine = words_of(client.get("/courses/dl/gradebook/"))
    cell = client.get(f"/courses/dl/gradebook/{world.assignment.slug}/{world.student.pk}/")

    assert f"{WRITER} – –" in mine
    assert cell.status_code == 404
    theirs = words_of(as_person(client, world.lecturer).get("/courses/dl/gradebook/"))
    assert f"{WRITER} 5 –" in theirs


def test_the_lecturer_and_the_student_see_the_name(client, world, submission):
    as_person(client, world.lecturer)
    for page in ("submissions/", "submissions/{s}/1/", "submissions/{s}/1/review/"):
        assert WRITER in everything_of(client, NUMBERS + page.format(s=world.student.pk))
    assert WRITER in everything_of(client, address_of(submission, "file/"))
    assert WRITER in everything_of(as_person(client, world.student), address_of(submission, "receipt/"))


def test_a_made_up_name_is_the_same_everywhere_and_tells_nothing_elsewhere(world, submission):
    other = make.make_assignment(world.course, "other", is_anonymous=True)
    name = shown_name(world.ta, world.assignment, world.student)

    assert re.fullmatch(r"Student [A-Z2-7]{5}", name)
    assert name == shown_name(world.other_ta, world.assignment, world.student)
    assert name != shown_name(world.ta, other, world.student)
    assert name != shown_name(world.ta, world.assignment, world.classmate)


def test_the_list_is_not_in_the_order_of_names(client, world, submission):
    for number in range(6):
        make.make_submission(world.assignment, make.enrol(world.course, section=world.section, login=f"n{number}"))

    page = words_of(as_person(client, world.ta).get(NUMBERS + "submissions/"))

    names = re.findall(r"Student [A-Z2-7]{5}", page)
    assert len(names) == 8
    assert names == sorted(names)


def test_a_regrade_request_names_nobody(client, world, submission):
    form = {"seen": 0, "points-analysis": "2", "comment-analysis": "Good."}
    as_person(client, world.ta).post(address_of(submission, "review/"), form)
    request = make.ask_for_regrade(make.release_of(submission, world.lecturer), world.student)

    for page in ("/courses/dl/regrades/", f"/courses/dl/regrades/{request.pk}/"):
        body = as_person(client, world.ta).get(page).content.decode()
        assert shown_name(world.ta, world.assignment, world.student) in body
        assert WRITER not in body


def test_who_put_a_version_back_is_not_named(client, world, submission):
    submission.put_back.create(put_back_by=world.student, put_back_at=make.DUE)

    assert WRITER not in everything_of(as_person(client, world.ta), address_of(submission))


def test_shared_code_names_nobody_to_a_lab_instructor(client, world, submission):
    pair = make.similar(submission, make.make_submission(world.assignment, world.classmate))
    as_person(client, make.enrol(world.course, Role.LAB_INSTRUCTOR))

    for page in ("similarity/", f"similarity/{pair.pk}/"):
        assert WRITER not in everything_of(client, NUMBERS + page)


def test_no_cell_of_it_links_a_name_with_a_number(client, world, submission):
    body = as_person(client, world.ta).get("/courses/dl/gradebook/").content.decode()
    assert f"gradebook/{world.assignment.slug}/{world.student.pk}/" not in body


def test_a_download_keeps_what_grading_needs_and_says_nothing_of_people(submission):
    found = json.loads(without_names(storage.read(submission.file)))

    assert set(found["metadata"]) <= {"kernelspec", "language_info"}
    assert found["cells"][0]["metadata"] == {"tags": ["kept"]}
    assert any("nbgrader" in cell["metadata"] for cell in found["cells"])
    assert [cell["source"] for cell in found["cells"]] == [
        cell["source"] for cell in make.read_notebook(storage.read(submission.file))["cells"]
    ]


def test_what_is_no_notebook_is_not_given_out():
    assert without_names(b"%PDF-1.7 " + WRITER.encode()) == b""


def test_it_is_a_setting_of_the_assignment(client, world):
    as_person(client, world.lecturer)
    page = client.get(NUMBERS + "edit/").content.decode()
    assert "Assistants read made-up names while they mark" in page
    form = {
        "title": "Numbers", "slug": "numbers", "position": 1, "opens_at": "2026-10-01T00:00", "due_at": "2026-10-25T23:59",
        "queue": "grading", "minutes": 5, "memory_gib": 2, "is_anonymous": "on",
    }  # fmt: skip
    answer = client.post(NUMBERS + "edit/", form, follow=True)
    if not Assignment.objects.get(slug="numbers").is_anonymous:  # an effect is shown first
        seen = re.search(r'name="seen" value="([^"]+)"', answer.content.decode())[1]
        client.post(NUMBERS + "edit/", {**form, "seen": seen})

    assert Assignment.objects.get(slug="numbers").is_anonymous
