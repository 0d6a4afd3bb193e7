"""A notebook as a page: everything honest is there, nothing else is."""

import base64
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from assignments.kinds.notebook.anchors import anchor_of
from assignments.kinds.notebook.page import MOST_TEXT, body_of
from autograder.notebook import read_notebook, write_notebook
from courses import storage
from courses.markdown import rendered, rendered_cell
from grading.models import Rendering, Run
from grading.services.execution import execute_run
from grading.services.rendering import LATER, RENDERER, TOO_MUCH, render_ahead, rendering_of
from tests import factories as make
from tests import hostile
from tests.pages import address_of, as_person, text_of, words_of


def body(*cells, **extra):
    made = make.notebook(*cells, **extra)
    return body_of(read_notebook(write_notebook(made)))


def shown(data, **more):
    return body(make.code("x", outputs=[{"output_type": "display_data", "data": data, "metadata": {}, **more}]))


class TestCells:
    def test_code_is_highlighted_and_every_cell_has_an_anchor(self):
        page = body(make.text("Text"), make.code("def double(x):\n    return 2 * x"))

        assert '<section id="cell-2" class="cell code">' in page
        assert '<span class="k">def</span>' in page
        assert "cell 1" in page

    def test_a_graded_cell_is_found_by_its_id(self):
        page = body(make.manual("My words", grade_id="analysis"))

        assert f'<mark id="{anchor_of("analysis")}">analysis</mark>' in page

    def test_formulas_are_mathml(self):
        page = body(make.text("Inline $x^2$, displayed\n\n\\begin{align}\na &= b\n\\end{align}"))

        assert "<msup>" in page
        assert "<mtable" in page

    def test_the_order_in_which_cells_were_run_is_shown(self):
        assert "run as 7" in body(make.code("x", execution_count=7))

    def test_attached_pictures_are_in_the_page(self):
        cell = make.text("![pixel](attachment:a%20b.png)")
        cell["attachments"] = {"a b.png": {"image/png": hostile.PIXEL}}

        assert f'<img src="data:image/png;base64,{hostile.PIXEL}" alt="pixel">' in body(cell)

    def test_raw_cells_and_other_languages_are_shown_plain(self):
        assert "<b>" not in body(make.cell("raw", "<b>raw</b>"))
        other = make.notebook(make.code("def x: pass"), language="julia")
        assert '<span class="k">' not in body_of(read_notebook(write_notebook(other)))

    def test_a_cells_own_harmless_html_is_kept(self):
        assert "<b>bold</b>" in body(make.text("<b>bold</b> and <sub>2</sub>"))


class TestOutputs:
    def test_what_was_printed_without_the_codes_that_colour_a_terminal(self):
        page = body(
            make.code(
                "x", outputs=[{"output_type": "stream", "name": "stdout", "text": ["\x1b[1;31mred", "\x1b[0m <i>"]}]
            )
        )

        assert '<pre class="stdout">red &lt;i&gt;</pre>' in page

    def test_tables_of_data_frames_are_tables(self):
        page = shown({"text/html": "<table class='dataframe'><tr><th>a</th></tr></table>", "text/plain": "a"})

        assert "<table><tbody><tr><th>a</th></tr></tbody></table>" in page

    def test_a_picture_stands_instead_of_its_words(self):
        page = shown({"image/png": hostile.PIXEL, "text/plain": "<Figure>"})

        assert 'alt="a picture that the cell made"' in page
        assert "Figure" not in page

    def test_what_says_it_is_a_picture_and_is_none_is_left_out(self):
        page = shown({"image/png": base64.b64encode(b"<script>").decode(), "text/plain": "instead"})

        assert "<img" not in page
        assert "instead" in page

    def test_vector_pictures_are_pictures_and_nothing_else(self):
        page = shown({"image/svg+xml": "<svg onload='x'/>"})

        assert re.search(r'<img src="data:image/svg\+xml;base64,[A-Za-z0-9+/=]+"', page)
        assert "<svg" not in page

    def test_interactive_outputs_say_that_they_are_not_shown(self):
        assert "An interactive output is not shown here." in shown({"application/javascript": "x", "text/plain": "y"})

    def test_an_error_shows_its_traceback(self):
        error = {
            "output_type": "error",
            "ename": "ValueError",
            "evalue": "no",
            "traceback": ["\x1b[31mTraceback", "ValueError: no"],
        }

        assert '<pre class="error">Traceback\nValueError: no</pre>' in body(make.code("x", outputs=[error]))

    def test_endless_output_is_cut_and_says_so(self):
        page = body(
            make.code("x", outputs=[{"output_type": "stream", "name": "stdout", "text": "y" * (MOST_TEXT + 10)}])
        )

        assert "cut here: 10 characters more" in page


class TestHostile:
    def test_nothing_that_could_run_or_fetch_is_left(self):
        page = body_of(read_notebook(write_notebook(hostile.notebook())))

        assert not re.search(
            r"<(script|style|iframe|object|embed|link|meta|base|form|input|video|audio|svg|noscript)\b", page
        )
        assert not re.search(r"<[^>]*\son\w+\s*=", page)
        assert not re.search(r"(href|src)\s*=\s*[\"']?\s*(javascript|data:text)", page, re.IGNORECASE)
        assert not re.search(r"src=\"(?!data:image/)", page)
        assert "style=" not in page

    @pytest.mark.parametrize(
        "address", ["data:text/html,x", "da\tta:text/html,x", " data:text/html,x", "DATA:text/html,x"]
    )
    def test_no_link_carries_its_page_with_it(self, address):
        page = body(make.text(f'<a href="{address}">x</a>'))

        assert "href" not in page

    def test_what_is_honest_survives(self):
        page = body_of(read_notebook(write_notebook(hostile.notebook())))

        assert "An honest heading" in page
        assert f'src="data:image/png;base64,{hostile.PIXEL}"' in page
        assert page.count("<section") == page.count("</section>") == len(hostile.notebook()["cells"])

    @given(st.text(max_size=200))
    def test_no_text_breaks_out_of_its_cell(self, text):
        page = body(
            make.text(text), make.code(text, outputs=[{"output_type": "stream", "name": "stdout", "text": text}])
        )

        assert page.count("<section") == page.count("</section>") == 2
        assert "<script" not in page.lower()

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner) | st.dictionaries(st.sampled_from(["text/plain", "text/html", "image/png", "x"]), inner)
            ),
            max_leaves=8,
        )
    )
    def test_any_data_makes_a_page(self, data):
        assert shown(data).count("<section") == 1

    @pytest.mark.parametrize(
        "source", ["$" * 3000, "[" * 3000, "<" * 3000, "*a" * 1500, "> " * 500 + "x", "`" * 2999, "![" * 1000]
    )
    def test_text_that_is_slow_for_others_is_quick_here(self, source):
        began = time.process_time()
        body(make.text(source))

        assert time.process_time() - began < 20

    @pytest.mark.parametrize("text", hostile.MARKDOWN)
    def test_texts_of_staff_are_as_harmless(self, text):
        for page in (str(rendered(text)), rendered_cell(text, {})):
            assert not re.search(r"<(script|style|iframe|svg|form|input)\b|<[^>]*\son\w+=|src=\"(?!data:image)", page)


class TestProcess:
    def run(self, content, tmp_path):
        path = Path(tmp_path, "n.ipynb")
        path.write_bytes(content)
        command = [sys.executable, "-m", "assignments.kinds.notebook", str(path)]
        return subprocess.run(command, cwd=settings.BASE_DIR, env={}, capture_output=True, check=False, timeout=60)

    def test_it_needs_no_database_and_no_settings(self, tmp_path):
        done = self.run(make.submitted(), tmp_path)

        assert done.returncode == 0
        assert b"Because it is twice." in done.stdout

    def test_what_is_no_notebook_says_so(self, tmp_path):
        done = self.run(b"%PDF", tmp_path)

        assert (done.returncode, done.stdout) == (1, b"")
        assert b"PDF that was renamed" in done.stderr

    def test_it_cannot_take_all_memory(self, tmp_path):
        deep = b'{"cells":[{"cell_type":"code","source":"","metadata":{"a":' + b"[" * 900 + b"]" * 900 + b"}}," * 4000
        done = self.run(deep[:9_000_000] + b'{"cell_type":"raw","source":""}],"nbformat":4}', tmp_path)

        assert done.returncode in (0, 1)


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def submission(self, world):
        return make.make_submission(world.assignment, world.student)

    def test_the_frame_forbids_everything(self, client, world, submission):
        answer = as_person(client, world.ta).get(address_of(submission, "read/frame/"))

        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "sandbox allow-popups" in policy
        assert "script" not in policy
        assert answer["X-Frame-Options"] == "SAMEORIGIN"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "Because it is twice." in words_of(answer)

    def test_a_ta_reads_the_whole_notebook_beside_the_marks(self, client, world, submission):
        make.run_of(submission)

        page = text_of(as_person(client, world.ta).get(address_of(submission, "review/")))

        assert f'src="{address_of(submission, "read/frame/")}"' in page
        assert f"{address_of(submission, 'read/frame/')}#{anchor_of('analysis')}" in page

    def test_the_page_is_made_once(self, client, world, submission, monkeypatch):
        address = address_of(submission, "read/frame/")
        first = as_person(client, world.ta).get(address).content
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("made again"))

        assert client.get(address).content == first
        assert Rendering.objects.get().renderer == RENDERER

    def test_another_renderer_makes_it_anew(self, world, submission, monkeypatch):
        rendering_of(submission)
        monkeypatch.setattr("grading.services.rendering.RENDERER", RENDERER + 1)

        rendering_of(submission)

        assert Rendering.objects.count() == 2

    def test_what_cannot_be_shown_says_so(self, client, world, submission):
        Rendering.objects.create(submission=submission, renderer=RENDERER, problem=TOO_MUCH)

        assert "Download it instead" in words_of(
            as_person(client, world.student).get(address_of(submission, "read/frame/"))
        )

    def test_what_failed_by_our_fault_is_said_and_tried_again(self, world, submission, monkeypatch):
        with monkeypatch.context() as busy:
            busy.setattr("grading.services.rendering.SECONDS", 0.001)
            assert rendering_of(submission).problem == LATER

        assert rendering_of(submission).file is not None

    def test_what_is_too_large_stays_too_large(self, world, submission, monkeypatch):
        monkeypatch.setattr("grading.services.rendering.LONGEST", 10)

        assert rendering_of(submission).problem == TOO_MUCH
        assert Rendering.objects.get().problem == TOO_MUCH

    def test_the_worker_makes_it_after_grading(self, world, submission, monkeypatch):
        monkeypatch.setattr("grading.services.workers.record_worker", lambda: None)
        monkeypatch.setattr("grading.services.workers.sandbox_is_closed", lambda: True)
        monkeypatch.setattr("grading.services.execution._report", lambda *_: (make.report(), b""))
        run = make.runs.queue_again(submission=submission)

        execute_run(run_id=run.pk)

        assert Run.objects.get(pk=run.pk).state == Run.State.DONE
        assert Rendering.objects.filter(submission=submission).exists()

    def test_what_breaks_in_it_costs_nothing(self, world, submission, monkeypatch, caplog):
        monkeypatch.setattr(storage, "read", lambda _: (_ for _ in ()).throw(ValueError("damaged")))

        render_ahead(submission=submission)

        assert "could not be rendered" in caplog.text

    def test_a_student_reads_only_their_own(self, client, world, submission):
        assert as_person(client, world.student).get(address_of(submission, "read/")).status_code == 200
        assert as_person(client, world.classmate).get(address_of(submission, "read/frame/")).status_code == 404
