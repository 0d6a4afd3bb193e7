"""What people read when they hand in, and what bad input gets: a sentence, and nothing half-stored."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from assignments.models import Assignment, Extension, PendingReplacement, Submission
from assignments.selectors import history_of
from courses.models import StoredFile
from courses.services import create_late_policy
from tests import factories as make
from tests.pages import NUMBERS as PAGE
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def as_file(content, name="numbers.ipynb"):
    return SimpleUploadedFile(name, content, content_type="application/octet-stream")


def hand_in(client, content, name="numbers.ipynb", **headers):
    return client.post(PAGE + "submit/", {"notebook": as_file(content, name)}, **headers)


def soon(world, **until_due):
    """Move the due time to a distance from now."""
    Assignment.objects.filter(pk=world.assignment.pk).update(due_at=timezone.now() + timedelta(**until_due))
    world.assignment.refresh_from_db()


@pytest.fixture
def student(client, world):
    client.force_login(world.student.user)
    return client


@pytest.fixture
def lecturer(client, world):
    client.force_login(world.lecturer.user)
    return client


BAD = [
    ("not JSON", b"hello", "not valid JSON"),
    ("cut off", make.submitted()[:-40], "cut off while saving"),
    ("not a notebook", b'{"a": 1}', "not a notebook"),
    ("nbformat 3", json.dumps({"nbformat": 3, "worksheets": 7}).encode(), "old format and damaged"),
    ("a PDF renamed", b"%PDF-1.7 rest", "PDF that was renamed"),
    ("a zip renamed", b"PK\x03\x04 rest", "zip file"),
    ("empty", b"", "empty"),
    ("50 MB", b" " * (50 * 2**20), "50 MB"),
    ("deeply nested", b'{"nbformat": 4, "cells": ' + b"[" * 200_000, "nested too deeply"),
    ("wide and tangled", b'{"nbformat": 4, "cells": [' + b"[[],[]]," * 900_000 + b"[]]}", "900001 cells; at most 5000"),
    ("wrong kernel", make.write_notebook(make.notebook(make.text("x"), language="R")), "kernel is R"),
    ("another assignment", make.write_notebook(make.notebook(make.answer("x", "other"))), "another assignment"),
]


@pytest.mark.parametrize(("content", "says"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_bad_input_gets_a_sentence_and_the_earlier_version_still_counts(student, world, content, says):
    hand_in(student, make.submitted())
    kept = history_of(world.assignment, world.student).counting
    stored = StoredFile.objects.count()

    answer = hand_in(student, content)

    assert answer.status_code == 422
    assert "Not handed in." in text_of(answer)
    assert says in text_of(answer)
    assert "Version 1 still counts." in text_of(answer)
    assert list(Submission.objects.all()) == [kept]
    assert StoredFile.objects.count() == stored


def test_missing_test_cells_are_taken_with_a_notice(student, world):
    made = make.read_notebook(make.submitted())
    made["cells"] = [c for c in made["cells"] if "double_test" not in str(c["metadata"])]

    answer = hand_in(student, make.write_notebook(made))

    assert answer.status_code == 302
    assert "Missing from your notebook: double_test" in Submission.objects.get().notices[0]


@pytest.mark.parametrize("name", ["../../evil.ipynb", "作业 🎓.ipynb", "no-extension", "a" * 300 + ".ipynb"])
def test_any_name_is_taken_and_shown_harmlessly(student, world, name):
    answer = hand_in(student, make.submitted(), name)

    page = student.get(answer["Location"])
    assert page.status_code == 200
    assert "/" not in Submission.objects.get().original_name


def test_no_file_chosen_says_so(student, world):
    answer = student.post(PAGE + "submit/", {})

    assert answer.status_code == 422
    assert "Choose a notebook file (.ipynb) first." in text_of(answer)


def test_handing_in_leads_to_the_receipt(student, world):
    soon(world, hours=1)

    answer = hand_in(student, make.submitted())
    page = text_of(student.get(answer["Location"]))

    submission = Submission.objects.get()
    assert answer["Location"] == f"{PAGE}submissions/{world.student.pk}/1/"
    assert submission.file_id in page
    assert "on time · ×1.0" in page
    assert "Received. Grading has started." in page


def test_the_time_that_counts_is_when_the_request_began(student, world, monkeypatch):
    began = timezone.now().replace(microsecond=0)
    monkeypatch.setattr("courses.middleware.timezone.now", lambda: began)

    hand_in(student, make.submitted())

    submission = Submission.objects.get()
    assert submission.received_at == began
    assert submission.completed_at >= began


def test_the_same_bytes_again_say_that_nothing_changed(student, world):
    soon(world, hours=1)
    hand_in(student, make.submitted())

    answer = hand_in(student, make.submitted())

    assert "the same bytes as the version that counts" in text_of(student.get(answer["Location"]))
    assert Submission.objects.count() == 1


def replaced_late(student, world):
    soon(world, hours=1)
    hand_in(student, make.submitted())
    received = Submission.objects.get().received_at
    Assignment.objects.update(due_at=received - timedelta(seconds=0), opens_at=received - timedelta(days=9))
    return received + timedelta(hours=2, minutes=14)


def test_a_replacement_that_costs_shows_both_outcomes_first(student, world, monkeypatch):
    late = replaced_late(student, world)
    monkeypatch.setattr("courses.middleware.timezone.now", lambda: late)

    answer = hand_in(student, make.submitted(mark="2"))
    page = text_of(student.get(answer["Location"]))

    assert answer["Location"] == PAGE + "replace/"
    assert "Keep version 1" in page
    assert "×1.0" in page
    assert "2 h 14 min late" in page
    assert "×0.9" in page
    assert Submission.objects.count() == 1


@pytest.mark.parametrize(
    ("decision", "versions", "says"), [("keep", 1, "Kept."), ("replace", 2, "Replaced."), ("", 1, "Kept.")]
)
def test_the_student_decides(student, world, monkeypatch, decision, versions, says):
    late = replaced_late(student, world)
    monkeypatch.setattr("courses.middleware.timezone.now", lambda: late)
    hand_in(student, make.submitted(mark="2"))

    answer = student.post(PAGE + "replace/", {"decision": decision})

    assert says in text_of(student.get(answer["Location"]))
    assert Submission.objects.count() == versions
    assert not PendingReplacement.objects.exists()


def test_a_decision_after_half_an_hour_keeps_the_earlier_version(student, world, monkeypatch):
    late = replaced_late(student, world)
    monkeypatch.setattr("courses.middleware.timezone.now", lambda: late)
    hand_in(student, make.submitted(mark="2"))
    monkeypatch.setattr("courses.middleware.timezone.now", lambda: late + timedelta(minutes=31))

    answer = student.post(PAGE + "replace/", {"decision": "replace"})

    assert "has expired" in text_of(student.get(answer["Location"]))
    assert Submission.objects.count() == 1


@pytest.mark.parametrize(
    ("until_due", "says"),
    [
        ({"hours": 5}, "Handed in now it counts ×1.0"),
        ({"hours": -2}, "Handed in now it counts <strong>×0.9</strong>"),
        ({"hours": -30}, "Handed in now it counts <strong>×0.7</strong>"),
        ({"days": -5}, "Handed in now it counts <strong>×0.5</strong>."),
    ],
)
def test_the_page_says_what_lateness_costs_right_now(student, world, until_due, says):
    soon(world, **until_due)

    assert says in text_of(student.get(PAGE))


def test_a_closed_assignment_offers_no_upload(student, world):
    Assignment.objects.update(
        closes_at=timezone.now() - timedelta(minutes=1), due_at=timezone.now() - timedelta(hours=1)
    )

    page = text_of(student.get(PAGE))

    assert "is closed and takes no more work" in page
    assert 'type="file"' not in page


def test_without_a_notebook_the_page_says_so(student, world):
    make.make_assignment(world.course, "bare", due_at=timezone.now() + timedelta(days=1))

    page = text_of(student.get("/courses/dl/assignments/bare/"))

    assert "The notebook is not published yet." in page
    assert student.get("/courses/dl/assignments/bare/notebook/student-version/").status_code == 404


def test_an_extension_shows_on_the_students_page(student, world):
    Extension.objects.create(
        assignment=world.assignment,
        student=world.student,
        due_at=make.DUE + timedelta(days=3),
        reason="Ill",
        granted_by=world.ta,
    )

    assert "Wed 28 Oct, 23:59" in text_of(student.get(PAGE))
    assert "Extended" in text_of(student.get("/courses/dl/assignments/"))


def test_staff_do_not_hand_in(client, world):
    client.force_login(world.ta.user)

    answer = hand_in(client, make.submitted())

    assert "Staff do not hand in" in text_of(client.get(answer["Location"]))
    assert not Submission.objects.exists()


def test_the_student_version_has_no_solution_and_no_hidden_test(student, world):
    content = student.get(PAGE + "notebook/student-version/").content

    assert b"return 2 * x" not in content
    assert b"double(21)" not in content
    assert b"YOUR CODE HERE" in content


def test_receipts_are_checked_on_a_page(student, world):
    hand_in(student, make.submitted())
    receipt = student.get(f"{PAGE}submissions/{world.student.pk}/1/receipt/").content.decode()

    student.logout()
    genuine = text_of(student.post("/receipts/verify/", {"receipt": receipt}))
    assert "Genuine." in genuine
    assert Submission.objects.get().file_id in genuine
    forged = receipt.replace('"version": 1', '"version": 2')
    assert "Not genuine." in text_of(student.post("/receipts/verify/", {"receipt": forged}))


def test_a_student_sees_own_versions_only(student, world):
    make.make_submission(world.assignment, world.classmate)

    assert "Nothing handed in yet" in text_of(student.get(PAGE))


@pytest.mark.parametrize(
    ("name", "says"),
    [("student", "When one opens it stands here"), ("lecturer", "Create one, upload the instructor notebook")],
)
def test_a_course_without_assignments_says_what_comes(client, world, name, says):
    Assignment.objects.exclude(pk=world.assignment.pk).delete()
    empty = make.make_course("empty")
    make.Enrolment.objects.create(user=getattr(world, name).user, course=empty, role=getattr(world, name).role)
    client.force_login(getattr(world, name).user)

    assert says in text_of(client.get("/courses/empty/assignments/"))


def test_within_the_grace_period_work_is_on_time(student, world):
    rule = replace(make.XMU_RULE, grace=timedelta(minutes=10))
    create_late_policy(course=world.course, rule=rule)
    make.make_submission(world.assignment, world.student, late=timedelta(minutes=5))

    page = text_of(student.get(PAGE))

    assert "on time" in page
    assert "0 s late" not in page
