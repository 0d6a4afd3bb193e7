"""The JSON interface: the same rules as the pages, and a schema that describes it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from assignments.models import Submission
from grading.services.marks import NewMark, record_marks
from grading.services.releases import release_grades
from tests import factories as make

pytestmark = pytest.mark.django_db
SUBMISSIONS = "/api/courses/dl/assignments/numbers/submissions/"


@pytest.fixture
def student(client, world):
    client.force_login(world.student.user)
    return client


def hand_in(client, content):
    return client.post(SUBMISSIONS, {"notebook": SimpleUploadedFile("n.ipynb", content)})


def test_courses_are_listed_with_the_role(student):
    assert student.get("/api/courses/").json() == [
        {"slug": "dl", "title": "Deep Learning", "term": "Autumn 2026", "role": "Student"}
    ]


def test_assignments_are_listed_with_their_times(student, world):
    (row,) = student.get("/api/courses/dl/assignments/").json()

    assert row["slug"] == "numbers"
    assert row["due_at"] == "2026-10-25T23:59:59+08:00"
    assert row["max_points"] == "6.000"


def test_assignments_that_have_not_opened_are_not_listed(student, world):
    make.make_assignment(world.course, "later", due_at=timezone.now() + timedelta(days=60))

    assert [row["slug"] for row in student.get("/api/courses/dl/assignments/").json()] == ["numbers"]


def test_handing_in_answers_with_the_signed_receipt(student, world):
    answer = hand_in(student, make.submitted())

    assert answer.status_code == 201
    assert answer.json()["sha256"] == Submission.objects.get().file_id
    assert answer.json()["signature"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"no", "not valid JSON"),
        (b"", "empty"),
        (b"%PDF", "PDF that was renamed"),
        (b" " * 11 * 2**20, "at most 10 MB"),
    ],
)
def test_bad_input_is_422_with_a_sentence(student, content, says):
    answer = hand_in(student, content)

    assert answer.status_code == 422
    assert says in answer.json()["detail"]
    assert not Submission.objects.exists()


def test_no_file_is_422(student):
    assert student.post(SUBMISSIONS, {}).json() == {"detail": "Choose a notebook file (.ipynb) first."}


def test_the_same_bytes_again_change_nothing(student):
    hand_in(student, make.submitted())

    answer = hand_in(student, make.submitted())

    assert answer.status_code == 200
    assert "Nothing was changed" in answer.json()["detail"]


def test_a_replacement_that_costs_is_409(student, world):
    first = make.make_submission(world.assignment, world.student, late=timedelta(hours=-1))

    answer = hand_in(student, make.submitted(mark="2"))

    assert answer.status_code == 409
    assert "Confirm in the browser" in answer.json()["detail"]
    assert list(Submission.objects.all()) == [first]


def result(client, submission):
    return client.get(f"{SUBMISSIONS}{submission.student_id}/{submission.number}/").json()


def test_results_pass_through_the_gate(student, world):
    submission = make.make_submission(world.assignment, world.student)
    make.run_of(submission)
    marks = {"analysis": NewMark(Decimal(3), "Fine.")}
    record_marks(submission=submission, by=world.ta, marks=marks, maxima={"analysis": Decimal(3)}, seen=0)

    before = result(student, submission)
    release_grades(assignment=world.assignment, by=world.lecturer, students=[world.student])
    after = result(student, submission)

    assert [row["status"] for row in before["rows"]] == ["passed", "withheld", "withheld"]
    assert (before["sentence"], before["rows"][2]["comment"]) == ("", "")
    assert [row["status"] for row in after["rows"]] == ["passed", "passed", "marked"]
    assert after["sentence"] == "(3 auto + 3 manual) × 1.0, on time = 6 of 6"


def test_a_submission_without_a_run_is_queued(student, world):
    submission = make.make_submission(world.assignment, world.student)

    assert result(student, submission) == {"state": "queued", "verdict": "", "sentence": "", "rows": []}


def test_the_schema_describes_every_address(student):
    schema = student.get("/api/schema/?format=json").json()

    assert set(schema["paths"]) >= {
        "/api/courses/",
        "/api/courses/{course}/assignments/",
        "/api/courses/{course}/assignments/{assignment}/submissions/",
        "/api/courses/{course}/assignments/{assignment}/submissions/{owner}/{number}/",
    }
    assert schema["info"]["title"] == "Gradus"
