"""A paper may ask for its code beside it: one version, one receipt, one yes; the code is listed and read like files."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from assignments.models import Assignment, PendingReplacement, Submission, WithCode
from assignments.selectors import history_of
from assignments.services import (
    NothingChanged,
    Sent,
    SubmissionRefused,
    confirm_replacement,
    create_assignment,
    receive_submission,
)
from courses.models import OutgoingMail
from courses.receipts import verified_facts
from grading.models import Run
from grading.services.execution import execute_run
from papercheck.tests.papers import made
from tests.factories import DUE
from tests.pages import as_person, text_of, words_of

pytestmark = pytest.mark.django_db
PAGE = "/courses/dl/assignments/essay/"
PAPER = made.paper(pages=1, columns=1)
HOUR = timedelta(hours=1)


def zip_of(**files):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_py", ".py"), content)
    return raw.getvalue()


CODE = zip_of(train_py="import torch\n", model_py="x = 1\n")


@pytest.fixture
def essay(world):
    opens_at = DUE - timedelta(days=900)
    fields = {"slug": "essay", "title": "Essay", "kind": "paper", "opens_at": opens_at, "due_at": DUE}
    return create_assignment(Assignment(course=world.course, with_code=WithCode.REQUIRED, **fields))


def receive(world, essay, code=CODE, *, at=DUE - HOUR, content=PAPER):
    return receive_submission(
        assignment=essay, owner=world.student, by=world.student, content=content, name="essay.pdf", received_at=at,
        completed_at=at, code=Sent(code, "code.zip") if code is not None else None,
    )  # fmt: skip


def send(client, code=CODE, name="code.zip", page=PAGE):
    sent: dict[str, object] = {"paper": SimpleUploadedFile("essay.pdf", PAPER)}
    sent |= {} if code is None else {"code": [SimpleUploadedFile(name, code)]}
    return client.post(page + ("submit/" if page == PAGE else "submissions/"), sent, follow=True)


def look():
    for run in Run.objects.filter(state=Run.State.QUEUED):
        execute_run(run_id=run.pk)


class TestHandingIn:
    def test_both_are_one_version_with_one_receipt(self, client, world, essay):
        page = as_person(client, world.student).get(PAGE)
        assert 'name="code"' in text_of(page)
        assert "Received." in words_of(send(client))

        submission = Submission.objects.get()
        facts = json.loads(client.get(f"{PAGE}submissions/{world.student.pk}/1/receipt/").content)
        assert verified_facts(json.dumps(facts)) is not None
        assert facts["sha256"] == submission.file_id
        assert (facts["code_file"], facts["code_bytes"]) == ("code.zip", len(CODE))
        assert facts["code_sha256"] == submission.code_file_id
        mail = OutgoingMail.objects.get(subject__startswith="Received: ").body
        assert submission.code_file_id in mail

    def test_where_it_must_be_it_is_asked_for_and_where_it_may_it_is_not(self, client, world, essay):
        assert "Choose a file first." in words_of(send(as_person(client, world.student), code=None))
        assert not Submission.objects.exists()
        Assignment.objects.update(with_code=WithCode.OPTIONAL)
        send(client, code=None)
        assert Submission.objects.get().code_file is None

    def test_what_nobody_could_open_is_refused_and_nothing_is_stored(self, client, world, essay):
        page = send(as_person(client, world.student), b"Rar!\x1a\x07", "x.rar")
        assert "Make a zip of your files" in words_of(page)
        assert not Submission.objects.exists()
        with pytest.raises(SubmissionRefused):
            receive(world, essay, CODE[:60])

    def test_the_same_of_both_is_no_new_version_and_another_of_one_is(self, world, essay):
        receive(world, essay)
        with pytest.raises(NothingChanged):
            receive(world, essay)
        other = receive(world, essay, zip_of(a_py="y"))
        assert (other.number, history_of(essay, world.student).counting) == (2, other)
        assert receive(world, essay, content=made.paper(pages=2, columns=1)).number == 3

    def test_a_yes_to_one_code_is_none_to_another(self, client, world, essay):
        receive(world, essay)
        receive(world, essay, zip_of(a_py="y"), at=DUE + 2 * HOUR)
        pending = PendingReplacement.objects.get()
        seen = pending.fingerprint
        receive(world, essay, zip_of(a_py="z"), at=DUE + 3 * HOUR)

        with pytest.raises(SubmissionRefused, match="uploaded another file"):
            confirm_replacement(pending=pending, by=world.student, at=DUE + 3 * HOUR, seen=seen)
        pending.refresh_from_db()
        confirmed = confirm_replacement(pending=pending, by=world.student, at=DUE + 3 * HOUR, seen=pending.fingerprint)
        assert confirmed.fingerprint == pending.fingerprint
        assert confirmed.code_name == "code.zip"

    def test_the_api_and_staff_hand_it_in_too(self, client, world, essay):
        answer = send(as_person(client, world.student), page=f"/api{PAGE}")
        assert answer.json()["code_file"] == "code.zip"
        assert send(client, code=None, page=f"/api{PAGE}").json() == {"detail": "Choose a file first."}
        sent = {"owner": world.classmate.pk, "reason": "By mail", "file": SimpleUploadedFile("e.pdf", PAPER)}
        sent |= {"code": [SimpleUploadedFile("mine.py", b"x = 1")]}
        as_person(client, world.lecturer).post(f"{PAGE}on-behalf/", sent)
        assert Submission.objects.get(student=world.classmate).code_name == "mine.py"


class TestReading:
    @pytest.fixture
    def handed_in(self, world, essay):
        return receive(world, essay)

    def address(self, submission, page=""):
        return f"{PAGE}submissions/{submission.owner_slug}/{submission.number}/{page}"

    def test_it_is_listed_and_read_by_who_marks(self, client, world, handed_in):
        as_person(client, world.ta)
        assert "The code is being listed." in words_of(client.get(self.address(handed_in)))
        look()
        page = words_of(client.get(self.address(handed_in)))
        assert "train.py 1 line" in page
        assert "Format check" in page
        assert "Read the code" in words_of(client.get(self.address(handed_in, "review/")))
        assert "import torch" in words_of(client.get(self.address(handed_in, "read/frame/")))
        assert client.get(self.address(handed_in, "code/")).content == CODE

    def test_the_same_paper_with_other_code_is_listed_anew(self, client, world, essay, handed_in):
        look()
        again = receive(world, essay, zip_of(other_py="y = 2\n"))
        look()
        page = words_of(as_person(client, world.ta).get(self.address(again)))
        assert "other.py" in page
        assert "train.py" not in page

    def test_code_that_cannot_be_read_costs_the_paper_nothing(self, client, world, essay):
        receive(world, essay, CODE[:40] + b"\xff" * 20 + CODE[60:])
        look()
        run = Run.objects.get()
        assert run.verdict == "checked"

    def test_others_and_markers_without_names_do_not_get_it(self, client, world, essay, handed_in):
        look()
        assert as_person(client, world.classmate).get(self.address(handed_in, "code/")).status_code == 404
        assert as_person(client, world.student).get(self.address(handed_in, "code/")).status_code == 200
        Assignment.objects.filter(pk=essay.pk).update(is_anonymous=True)
        as_person(client, world.ta)
        assert client.get(self.address(handed_in, "code/")).status_code == 404
        assert "import torch" in words_of(client.get(self.address(handed_in, "read/frame/")))

    def test_a_paper_without_code_has_no_such_page(self, client, world, essay):
        Assignment.objects.filter(pk=essay.pk).update(with_code=WithCode.NO)
        alone = receive(world, essay, code=None, at=timezone.now())
        as_person(client, world.student)
        for page in ("code/", "read/", "read/frame/"):
            assert client.get(self.address(alone, page)).status_code == 404
