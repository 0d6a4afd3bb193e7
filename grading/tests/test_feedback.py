"""The file that a student keeps after a release: everything that was said, in one page that runs nothing."""

import json
import re
import signal
import subprocess
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter

from assignments.kinds.notebook.page import body_of as our_page
from assignments.services import receive_submission
from autograder.notebook import read_notebook, write_notebook
from courses import programs
from courses.programs import ProgramStopped, run_program
from grading.feedback import services
from grading.feedback.__main__ import TOO_MUCH, body_of
from grading.models import FeedbackBody
from grading.notes.services import write_note
from grading.services.marks import NewMark, record_marks
from tests import factories as make
from tests import hostile
from tests.pages import address_of, as_person, words_of

NOTHING: dict[str, dict] = {"cells": {}, "notes": {}}
SCRIPT = "<script>alert(1)</script>"


def words_in(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


class TestTheNotebook:
    def test_words_stand_behind_their_cells(self):
        notebook = read_notebook(make.submitted(analysis="My words."))
        body = body_of(
            notebook, {"cells": {"analysis": ["analysis: 3 of 3", "Clear."]}, "notes": {"1": ["Nice start"]}}
        )
        assert body.index("Nice start") < body.index("My words.") < body.index("Clear.")
        assert body.count('class="feedback"') == 2

    @pytest.mark.parametrize(
        "text", [SCRIPT, "# no heading", "*a* _b_ `c` $x$", "a\nb", "[x](javascript:alert(1))", "&amp;"]
    )
    def test_what_was_said_stays_text(self, text):
        body = body_of(read_notebook(make.submitted()), {"cells": {"analysis": [text]}, "notes": {}})
        (said,) = re.findall(r'<div class="feedback"><p>(.*?)</p></div>', body, re.DOTALL)
        assert not re.search(r"<(?!br>)", said)

    def test_half_a_letter_costs_nothing(self):
        notebook = read_notebook(make.submitted(analysis="My words."))
        notebook["cells"][0]["source"] += "\ud800"
        assert "My words." in body_of(notebook, NOTHING)
        assert "My words." in our_page(notebook)

    def test_outputs_that_are_none_are_left_out_and_the_others_stay(self):
        notebook = read_notebook(make.submitted())
        code = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
        shown = {"output_type": "stream", "name": "stdout", "text": "kept"}
        code["outputs"] = [shown, {"output_type": "stream", "name": 3, "text": "broken"}]
        body = body_of(notebook, NOTHING)
        assert "kept" in body
        assert "broken" not in body

    def test_hostile_notebooks_run_nothing(self):
        body = body_of(read_notebook(write_notebook(hostile.notebook())), NOTHING)
        assert "<script" not in body
        assert not re.search(r"<[^>]*\son\w+=", body)
        assert "javascript:" not in re.sub(r">[^<]*<", "><", body)

    def test_the_program_says_what_is_no_notebook(self, tmp_path):
        (tmp_path / "x.ipynb").write_bytes(b"{}")
        (tmp_path / "said.json").write_text(json.dumps(NOTHING))
        done = run_program("grading.feedback", str(tmp_path / "x.ipynb"), str(tmp_path / "said.json"), seconds=60)
        assert done.returncode == TOO_MUCH
        assert b"not a notebook" in done.stderr

    @pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
    def test_nbconvert_shows_the_words_that_our_renderer_shows(self):
        """The oracle of our own page: the same sources and printed outputs, in the same order."""
        cells = [
            make.code("total = 1 + 1\nprint(total)", outputs=[{"output_type": "stream", "name": "stdout", "text": "2\n"}]),
            make.text("Some *words* and `code`."),
            make.code("raise ValueError('no')", outputs=[
                {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": ["\x1b[31mValueError\x1b[0m: no"]}
            ]),
            make.code("3", outputs=[
                {"output_type": "execute_result", "data": {"text/plain": "3"}, "metadata": {}, "execution_count": 1}
            ]),
        ]  # fmt: skip
        raw = write_notebook(make.notebook(*cells))
        whole = nbformat.reads(raw.decode(), as_version=4)
        theirs, _ = HTMLExporter(template_name="basic", exclude_anchor_links=True).from_notebook_node(whole)
        wanted = re.findall(r"\w+", re.sub(r"In \[[^\]]*\]:|Out\[[^\]]*\]:", " ", words_in(theirs)))
        ours = iter(re.findall(r"\w+", words_in(our_page(read_notebook(raw)))))
        assert [word for word in wanted if word not in ours] == []


@pytest.fixture
def released(world):
    submission = make.make_submission(world.assignment, world.student, analysis="My own analysis.")
    make.run_of(submission)
    marks = {"analysis": NewMark(make.Decimal(2), f"Half of it. {SCRIPT}")}
    record_marks(submission=submission, by=world.ta, marks=marks, maxima={"analysis": make.Decimal(3)}, seen=0)
    write_note(submission=submission, by=world.ta, text="Why twice?", anchor={"cell": 2})
    make.release_of(submission, world.lecturer)
    return submission


@pytest.mark.django_db
class TestTheFile:
    def test_marks_comments_notes_and_the_notebook_in_one_file(self, client, world, released):
        as_person(client, world.student)
        assert "Keep the feedback" in words_of(client.get(address_of(released)))
        answer = client.get(address_of(released, "feedback/"))
        page = answer.content.decode()

        assert answer["Content-Disposition"].startswith('attachment; filename="numbers-v1-feedback.html"')
        assert answer["Content-Type"] == "application/octet-stream"
        assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page
        said = words_in(page)
        for words in ("My own analysis.", "Half of it.", "Why twice?", "Cell 2", world.student.user.name):
            assert words in said
        assert "<script" not in page
        assert page.count("Half of it.") == 2
        assert not re.search(r'(src|href)="(?!data:|#|https?://|mailto:)', page)

    def test_it_is_made_once(self, client, world, released, monkeypatch):
        as_person(client, world.student)
        client.get(address_of(released, "feedback/"))
        monkeypatch.setattr(services, "_made", None)
        assert b"My own analysis." in client.get(address_of(released, "feedback/")).content
        assert FeedbackBody.objects.count() == 1

    def test_a_slow_machine_costs_only_the_notebook_and_is_not_kept(self, client, world, released, monkeypatch):
        def slow(*arguments):
            raise ProgramStopped

        monkeypatch.setattr(services, "_made", slow)
        page = as_person(client, world.student).get(address_of(released, "feedback/")).content.decode()
        assert "Half of it." in page
        assert not FeedbackBody.objects.exists()

    @pytest.mark.parametrize(("status", "kept"), [(-signal.SIGKILL, 0), (1, 0), (3, 1), (-signal.SIGXCPU, 1)])
    def test_only_what_says_something_of_the_notebook_is_kept(self, client, world, released, monkeypatch, status, kept):
        ended = subprocess.CompletedProcess([], status, b"", b"")
        monkeypatch.setattr(programs, "run_program", lambda *arguments, **more: ended)
        page = words_of(as_person(client, world.student).get(address_of(released, "feedback/")))
        assert "Your notebook could not be put into this file." in page
        assert FeedbackBody.objects.count() == kept

    def test_only_the_student_and_only_after_the_release(self, client, world, released):
        for person in (world.ta, world.lecturer, world.classmate, world.stranger):
            assert as_person(client, person).get(address_of(released, "feedback/")).status_code == 404
        fresh: Any = receive_submission(
            assignment=world.assignment, owner=world.student, by=world.student, content=make.submitted(mark="new"),
            name="x", received_at=world.assignment.due_at - make.timedelta(hours=1),
        )  # fmt: skip
        assert as_person(client, world.student).get(address_of(fresh, "feedback/")).status_code == 404

    def test_it_says_what_was_released_and_not_what_stands_now(self, client, world, released):
        write_note(submission=released, by=world.ta, text="Later words", anchor={"cell": 1})
        assert b"Later words" not in as_person(client, world.student).get(address_of(released, "feedback/")).content
