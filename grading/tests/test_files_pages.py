"""Files of code and text: listed by a worker, read in a frame, marked with notes on their lines."""

import io
import json
import signal
import subprocess
import zipfile

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assignments.kinds.files.listing import listing_of
from assignments.kinds.files.page import body_of, facts_of, size_of
from assignments.models import Assignment, Submission
from assignments.services import create_assignment
from courses import programs
from courses.models import OutgoingMail
from courses.programs import ProgramStopped, run_program
from grading.models import Note, Rendering, Run
from grading.selectors.rubrics import questions_of
from grading.services import looks, rendering
from grading.services.execution import execute_run
from grading.services.marks import NewMark, record_marks
from grading.services.releases import release_grades
from tests.factories import DUE
from tests.pages import as_person, text_of, words_of

PAGE = "/courses/dl/assignments/code/"
HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)> " onload="x'


def zip_of(**files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_py", ".py"), content)
    return made.getvalue()


class TestThePage:
    def test_lines_have_numbers_and_colours(self):
        body = body_of(listing_of(b"import os\n\nx = '''two\nlines'''\n", "file.py"))
        assert '<span class="line" id="file-1-line-1"><span class="kn">import</span>' in body
        assert body.count('class="line"') == 4

    @pytest.mark.parametrize("name", ["file.py", "file.html", "file.md", "file", "file.unknown", "file.ipynb"])
    def test_whatever_is_written_stays_text(self, name):
        body = body_of(listing_of(HOSTILE.encode(), name))
        assert "<script" not in body
        assert "<img" not in body
        assert HOSTILE.count("<") == body.count("&lt;")

    def test_names_stay_text_too(self):
        body = body_of(listing_of(zip_of(**{HOSTILE: "x"}), "x.zip"))
        assert "<script" not in body

    def test_much_code_is_shown_plain_and_whole(self):
        long = "x = 1  # words\n" * 9_000
        body = body_of(listing_of(zip_of(a_py=long, b_py=long, c_py=long, d_py=long), "x.zip"))
        assert body.count('class="line"') == 36_000
        assert body.count('class="mi"') in (18_000, 27_000)

    def test_facts_say_why_something_is_not_shown(self):
        facts = facts_of(listing_of(zip_of(a_py="x", b=b"\x00"), "x.zip"))
        assert facts["files"] == [
            {"name": "a.py", "size": "1 byte", "lines": 1, "reason": ""},
            {"name": "b", "size": "1 byte", "lines": None, "reason": "It is no text."},
        ]
        assert facts["readable"]

    @pytest.mark.parametrize(
        ("size", "said"), [(0, "0 bytes"), (1, "1 byte"), (1023, "1023 bytes"), (1024, "1.0 kB"), (3 << 20, "3.0 MB")]
    )
    def test_sizes_in_words(self, size, said):
        assert size_of(size) == said

    def test_the_program_says_what_cannot_be_listed(self, tmp_path):
        (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 and nothing more")
        done = run_program("assignments.kinds.files", str(tmp_path / "x.zip"), "file.zip", seconds=60)
        assert done.returncode == 0
        assert b'"readable": false' in done.stdout


@pytest.fixture
def code(world):
    draft = Assignment(
        course=world.course, slug="code", title="Code", kind="files", opens_at=DUE.replace(year=2020), due_at=DUE,
        questions=["Does it train?"],
    )  # fmt: skip
    return create_assignment(draft)


def send(client, *files):
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(PAGE + "submit/", {"files": sent}, follow=True)


def look():
    for run in Run.objects.filter(state=Run.State.QUEUED):
        execute_run(run_id=run.pk)


@pytest.mark.django_db
class TestTheWayOfFiles:
    def test_from_hand_in_to_what_the_student_reads(self, client, world, code):
        as_person(client, world.student)
        assert "Choose your files, or drop them here" in words_of(client.get(PAGE))
        page = send(client, ("train.py", b"import os\nlr = 1\n"), ("notes.md", b"# Notes\n"))
        assert "Received. What lies in it is listed below." in words_of(page)
        assert "The files are being listed." in words_of(page)
        look()
        submission = Submission.objects.get()
        mine = f"{PAGE}submissions/{world.student.pk}/1/"
        page = words_of(client.get(mine))
        assert "notes.md 1 line 8 bytes train.py 2 lines 17 bytes" in page
        assert "could not be graded" not in page
        assert "0 of 0 points" not in page

        as_person(client, world.ta)
        assert f'src="{mine}read/frame/"' in text_of(client.get(mine + "review/"))
        assert 'id="file-2-line-2"' in text_of(client.get(mine + "read/frame/"))
        client.post(mine + "notes/", {"file": "train.py", "line": "2", "text": "Too high."})
        desk = text_of(client.get(mine + "review/"))
        assert "#file-2-line-2" in desk
        assert "train.py, line 2" in desk
        points = {question.grade_id: question.points for question in questions_of(code)}
        marks = {key: NewMark(most, "") for key, most in points.items()}
        record_marks(submission=submission, by=world.ta, marks=marks, maxima=points, seen=0)
        release_grades(assignment=code, by=world.lecturer, students=[world.student])

        page = as_person(client, world.student).get(mine)
        assert "train.py, line 2 : Too high." in words_of(page)
        assert "read/?at=file-2-line-2" in text_of(page)
        assert "read/frame/#file-2-line-2" in text_of(client.get(mine + "read/?at=file-2-line-2"))

    @pytest.mark.parametrize(
        ("sent", "where", "said"),
        [
            ({"text": "x"}, ("", None), ""), ({"file": "file.py", "text": "x"}, ("file.py", 1), ""),
            ({"file": "a.py", "line": "two", "text": "x"}, None, "“two” is no number of a line."),
            ({"file": "a.py", "line": "99999", "text": "x"}, None, "no number of a line"),
            ({"file": "file.py", "line": "1", "text": ""}, None, "Write the note first."),
            ({"cell": "3", "page": "2", "text": "x"}, ("", None), ""),
        ],
    )  # fmt: skip
    def test_notes_hang_on_lines_or_on_all(self, client, world, code, sent, where, said):
        send(as_person(client, world.student), ("a.py", b"x"))
        look()
        address = f"{PAGE}submissions/{world.student.pk}/1/notes/"
        page = as_person(client, world.ta).post(address, sent, follow=True)
        assert said in words_of(page)
        assert [(note.file, note.line) for note in Note.objects.all()] == ([where] if where else [])

    def test_what_cannot_be_read_is_received_and_said(self, client, world, code):
        as_person(client, world.student)
        made = zip_of(a_py="x" * 200)
        assert "Received." in words_of(send(client, ("x.zip", b"PK\x03\x04" + made[made.rfind(b"PK\x05\x06") :])))
        look()
        assert Run.objects.get().verdict == "unreadable"
        assert "This cannot be read. The zip is damaged." in words_of(
            client.get(f"{PAGE}submissions/{world.student.pk}/1/")
        )
        assert OutgoingMail.objects.filter(subject="Cannot be read: Code").count() == 1

    @pytest.mark.parametrize("content", [b"Rar!\x1a\x07", b""])
    def test_what_is_refused_stores_nothing(self, client, world, code, content):
        answer = send(as_person(client, world.student), ("x.rar", content))
        assert answer.status_code == 422
        assert "Not handed in." in words_of(answer)
        assert not Submission.objects.exists()

    def test_a_slow_machine_is_tried_again_and_is_no_fact(self, world, code, client, monkeypatch):
        send(as_person(client, world.student), ("a.py", b"x"))

        def stopped(*arguments):
            raise ProgramStopped

        with monkeypatch.context() as patched:
            patched.setattr(rendering, "_ran", stopped)
            look()
        run = Run.objects.get()
        assert (run.state, run.attempt) == (Run.State.QUEUED, 1)
        assert not Rendering.objects.exists()
        look()
        assert Run.objects.get().verdict == looks.READ

    def test_too_much_for_the_lister_is_said_once(self, world, code, client, monkeypatch):
        send(as_person(client, world.student), ("a.py", b"x"))
        ended = subprocess.CompletedProcess([], -signal.SIGABRT, b"", b"")
        monkeypatch.setattr(rendering, "_ran", lambda *arguments: ended)
        look()
        assert Run.objects.get().report["reason"] == rendering.TOO_MUCH
        assert Rendering.objects.get().problem == rendering.TOO_MUCH

    def test_the_list_stands_where_the_page_became_too_much(self, world, code, client, monkeypatch):
        send(as_person(client, world.student), ("a.py", b"x"))
        whole = rendering._ran

        def cut(*arguments):
            head = whole(*arguments).stdout.partition(b"\n")[0]
            return subprocess.CompletedProcess([], -signal.SIGABRT, head + b"\n<sec", b"")

        monkeypatch.setattr(rendering, "_ran", cut)
        look()
        assert [each["name"] for each in Run.objects.get().report["files"]] == ["file.py"]
        assert Rendering.objects.get().problem == rendering.TOO_MUCH

    def test_a_page_that_was_stopped_is_not_started_again_at_each_look(self, world, code, client, monkeypatch):
        send(as_person(client, world.student), ("a.py", b"x"))
        started = []

        def killed(*arguments, **more):
            started.append(arguments)
            return subprocess.CompletedProcess([], -signal.SIGKILL, b"", b"")

        monkeypatch.setattr(programs, "run_program", killed)
        monkeypatch.setattr(programs, "PAUSE", 60)
        for _ in range(3):
            page = words_of(client.get(f"{PAGE}submissions/{world.student.pk}/1/read/frame/"))
        cache.delete(f"stopped:rendering:{Submission.objects.get().pk}")
        assert "could not be shown just now" in page
        assert len(started) == 1
        assert not Rendering.objects.exists()

    def test_predictions_of_a_million_lines_are_listed(self, world, code, client):
        """A small zip of many short lines: their markup counts, too."""
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(130):
                archive.writestr(f"{number:03}.txt", "7\n" * 10_000)
        send(as_person(client, world.student), ("x.zip", made.getvalue()))
        look()
        files = Run.objects.get().report["files"]
        assert len(files) == 130
        assert {each["reason"] for each in files} == {"", "Too much is shown already."}
        assert Rendering.objects.get().file is not None

    def test_an_empty_file_of_a_package_is_taken_beside_another(self, world, code, client):
        send(as_person(client, world.student), ("__init__.py", b""), ("a.py", b"x = 1"))
        look()
        assert {each["name"]: each["lines"] for each in Run.objects.get().report["files"]} == {
            "__init__.py": 0,
            "a.py": 1,
        }
        page = words_of(send(client, ("a.py", b""), ("b.py", b"")))
        assert "The file is empty" in page

    def test_too_many_files_are_refused_in_words(self, world, code, client):
        page = send(as_person(client, world.student), *((f"{number}.py", b"x") for number in range(101)))
        assert "Choose at most 100 files" in words_of(page)

    def test_a_zip_without_a_file_is_said_and_mailed(self, world, code, client):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("code/", "")
            archive.writestr(".git/x", "1")
        send(as_person(client, world.student), ("x.zip", made.getvalue()))
        look()
        assert "There is no file in this zip." in OutgoingMail.objects.get(subject="Cannot be read: Code").body

    def test_a_folder_that_names_its_author_is_left_out(self, world, code, client):
        code.is_anonymous = True
        code.save()
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("20240001_Ada/src/train.py", "x = 1")
        send(as_person(client, world.student), ("20240001_Ada.Ada", made.getvalue()))
        look()
        mine = f"{PAGE}submissions/{world.student.pk}/1/"
        as_person(client, world.ta)
        for page in (mine, mine + "review/", mine + "read/", mine + "read/frame/"):
            assert "Ada" not in text_of(client.get(page)), page
        assert "src/train.py" in text_of(client.get(mine))

    def test_half_a_letter_in_a_notebook_costs_nothing(self, world, code, client):
        half = {"cell_type": "code", "metadata": {}, "source": "x = '\ud800'", "outputs": [], "execution_count": None}
        notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [half]}
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("a.ipynb", json.dumps(notebook))
            archive.writestr("b.py", "y = 2")
        send(as_person(client, world.student), ("x.zip", made.getvalue()))
        look()
        assert Run.objects.get().verdict == looks.READ
        assert "y = 2" in words_of(client.get(f"{PAGE}submissions/{world.student.pk}/1/read/frame/"))

    @pytest.mark.parametrize(
        ("file", "line", "said"),
        [("nosuch.py", "1", "There is no such file in this work."), ("file.py", "77", "file.py has 1 lines.")],
    )
    def test_a_note_hangs_on_a_line_that_is_there(self, world, code, client, file, line, said):
        send(as_person(client, world.student), ("a.py", b"x = 1"))
        look()
        mine = f"{PAGE}submissions/{world.student.pk}/1/"
        page = as_person(client, world.ta).post(mine + "notes/", {"file": file, "line": line, "text": "?"}, follow=True)
        assert said in words_of(page)
        assert not Note.objects.exists()

    def test_looking_at_it_again_locks_nothing(self, world, code, client):
        send(as_person(client, world.student), ("a.py", b"x = 1"))
        look()
        with CaptureQueriesContext(connection) as asked:
            client.get(f"{PAGE}submissions/{world.student.pk}/1/")
        assert not [query for query in asked if "SAVEPOINT" in query["sql"] or "FOR NO KEY" in query["sql"]]

    def test_without_names_the_file_itself_stays_closed(self, client, world, code):
        code.is_anonymous = True
        code.save()
        send(as_person(client, world.student), ("ada_lovelace.py", b"x = 1"))
        look()
        mine = f"{PAGE}submissions/{world.student.pk}/1/"
        as_person(client, world.ta)
        assert client.get(mine + "file/").status_code == 404
        for page in (mine, mine + "review/", mine + "read/", mine + "read/frame/"):
            answer = client.get(page)
            assert answer.status_code == 200, page
            assert b"lovelace" not in answer.content
            assert f"{mine}file/" not in text_of(answer)
        assert as_person(client, world.lecturer).get(mine + "file/").content == b"x = 1"

    def test_two_versions_have_two_pages(self, client, world, code):
        as_person(client, world.student)
        send(client, ("a.py", b"one = 1"))
        send(client, ("a.py", b"two = 2"))
        look()
        mine = f"{PAGE}submissions/{world.student.pk}/"
        assert "one" in text_of(client.get(mine + "1/read/frame/"))
        assert "two" in text_of(client.get(mine + "2/read/frame/"))

    def test_the_frame_allows_nothing(self, client, world, code):
        send(as_person(client, world.student), ("a.html", HOSTILE.encode()))
        answer = client.get(f"{PAGE}submissions/{world.student.pk}/1/read/frame/")
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert b"<script" not in answer.content

    def test_a_second_look_at_the_same_version_queues_nothing(self, world, code, client):
        send(as_person(client, world.student), ("a.py", b"x"))
        look()
        client.get(f"{PAGE}submissions/{world.student.pk}/1/")
        assert Run.objects.count() == 1


@pytest.mark.django_db
def test_the_lecturer_makes_such_an_assignment(client, world):
    as_person(client, world.lecturer)
    form = {
        "title": "Code", "slug": "code", "position": "2", "kind": "files", "questions": "Does it train?",
        "opens_at": "2026-09-01T08:00", "due_at": "2026-10-01T20:00",
    }  # fmt: skip
    page = client.post("/courses/dl/assignments/new/", form, follow=True)
    assert "Created. Next: look at what it is marked by." in words_of(page)
    made = Assignment.objects.get(slug="code")
    assert (made.kind, made.questions) == ("files", ["Does it train?"])
    assert "Does it train?" in text_of(client.get(PAGE + "criteria/"))
