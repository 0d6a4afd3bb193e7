"""A kind of work is one class and a line in the registry: everything else holds for it at once."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from assignments.kinds.kind import Look, WorkKind, WorkRefused
from assignments.kinds.registry import KINDS
from assignments.models import Assignment, Submission
from courses.models import OutgoingMail
from grading.models import ReleasedGrade, Run
from grading.selectors.rubrics import questions_of
from tests.pages import as_person, text_of, words_of

pytestmark = pytest.mark.django_db
PAGE = "/courses/dl/assignments/tune/"


class MelodyKind(WorkKind):
    """A tune in letters."""

    name, label, noun = "melody", "Melody", "melody"
    hint = "One file in ABC notation."
    file_name, ending = "tune.abc", ".abc"

    def look(self, assignment, owner, content):
        if not content.startswith(b"X:"):
            raise WorkRefused("A tune begins with “X:”.")
        return Look(["It has no key."] if b"K:" not in content else [])


@pytest.fixture
def tune(client, world, monkeypatch):
    monkeypatch.setitem(KINDS, MelodyKind.name, MelodyKind())
    as_person(client, world.lecturer)
    assert "Melody" in text_of(client.get("/courses/dl/assignments/new/"))
    form = {
        "title": "Tune", "slug": "tune", "position": "2", "kind": "melody", "questions": "Does it sing?",
        "opens_at": "2026-09-01T08:00", "due_at": "2027-10-01T20:00",
    }  # fmt: skip
    client.post("/courses/dl/assignments/new/", form)
    return Assignment.objects.get(slug="tune", kind="melody")


def send(client, content):
    return client.post(PAGE + "submit/", {"melody": SimpleUploadedFile("my.abc", content)}, follow=True)


def test_from_hand_in_to_release(client, world, tune):
    as_person(client, world.student)
    assert "One file in ABC notation." in words_of(client.get(PAGE))
    assert "A tune begins with “X:”." in words_of(send(client, b"C D E"))
    assert not Submission.objects.exists()
    mine = f"{PAGE}submissions/{world.student.pk}/1/"
    page = words_of(send(client, b"X:1\nC D E"))
    assert "Received." in page
    assert "It has no key." in page
    assert not Run.objects.filter(submission__isnull=False).exists()
    assert OutgoingMail.objects.filter(subject="Received: Tune, version 1").exists()
    answer = client.get(mine + "file/")
    assert answer.content == b"X:1\nC D E"
    assert 'filename="tune-v1.abc"' in answer["Content-Disposition"]
    assert client.get(mine + "read/").status_code == 404

    as_person(client, world.ta)
    assert client.get(PAGE + "review/").url == mine + "review/"
    desk = client.get(mine + "review/")
    assert "Files of this kind are not shown here" in words_of(desk)
    client.post(mine + "notes/", {"text": "A fine end."})
    points = {question.grade_id: question.points for question in questions_of(tune)}
    sent = {f"points-{key}": str(most) for key, most in points.items()} | {"seen": "0"}
    client.post(mine + "review/", sent)
    as_person(client, world.lecturer).post(PAGE + "release/")
    assert ReleasedGrade.objects.get(student=world.student).total == sum(points.values())
    page = words_of(as_person(client, world.student).get(mine))
    assert "A fine end." in page
    assert "100 of 100" in page


def test_the_interface_for_programs_takes_it(client, world, tune):
    as_person(client, world.student)
    sent = {"melody": SimpleUploadedFile("x.abc", b"X:1\nK:C")}
    assert client.post(f"/api{PAGE}submissions/", sent).status_code == 201
    (row,) = [each for each in client.get("/api/courses/dl/assignments/").json() if each["slug"] == "tune"]
    assert row["kind"] == "melody"
