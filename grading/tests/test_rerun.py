"""The notebook as it ran here, beside what was handed in: kept by the worker, rendered, for staff alone."""

import json

import pytest

from autograder.notebook import MAX_BYTES, write_notebook
from courses import storage
from courses.models import Role, StoredFile
from grading import engine
from grading.models import Run, RunRendering
from grading.services import execution, runs
from grading.services.rendering import RENDERER, rendering_of_run
from tests import factories as make
from tests.pages import address_of, as_person, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def submission(world):
    return make.make_submission(world.assignment, world.student)


@pytest.fixture
def run(submission):
    """As it ran: it printed something, and the hidden test is back in it."""
    ran = make.notebook(make.code("print(21 * 2)", outputs=[{"output_type": "stream", "name": "stdout", "text": "42"}]))
    ran["cells"].append(make.code("assert hidden_secret(21)"))
    made = make.run_of(submission)
    Run.objects.filter(pk=made.pk).update(executed=storage.store(write_notebook(ran)))
    made.refresh_from_db()
    return made


@pytest.mark.sandbox
def test_the_worker_keeps_the_notebook_as_it_ran(submission):
    queued = runs.queue_submission(submission=submission)

    execution.execute_run(run_id=queued.pk)

    queued.refresh_from_db()
    assert queued.state == Run.State.DONE
    ran = json.loads(storage.read(queued.executed))
    assert "assert double(21) == 42" in "".join(cell["source"] for cell in ran["cells"])


def executed(monkeypatch, submission, content):
    """Run it with an engine that writes these bytes as the executed notebook."""

    def answer(job, _):
        if content is not None:
            job.executed.write_bytes(content)
        return make.report()

    monkeypatch.setattr(engine, "grade", answer)
    monkeypatch.setattr("grading.services.workers.record_worker", lambda: None)
    monkeypatch.setattr("grading.services.workers.sandbox_is_closed", lambda: True)
    queued = runs.queue_submission(submission=submission)
    execution.execute_run(run_id=queued.pk)
    queued.refresh_from_db()
    return queued


@pytest.mark.parametrize("content", [None, b"x" * (MAX_BYTES + 1)], ids=["none", "too large"])
def test_what_was_not_written_or_is_too_large_is_not_kept(monkeypatch, submission, content):
    done = executed(monkeypatch, submission, content)

    assert (done.state, done.executed) == (Run.State.DONE, None)


def test_a_worker_that_lost_its_run_keeps_nothing(submission):
    queued = runs.queue_submission(submission=submission)
    runs.claim_run(run_id=queued.pk)

    assert not runs.record_report(run_id=queued.pk, attempt=9, report=make.report(), executed=b"late")
    assert not StoredFile.objects.filter(size=4).exists()


def test_staff_see_both_side_by_side(client, world, submission, run):
    page = as_person(client, world.ta).get(address_of(submission, "rerun/")).content.decode()
    frame = client.get(address_of(submission, "rerun/frame/"))

    assert page.count("<iframe") == 2
    assert "hidden_secret" in frame.content.decode()
    assert "42" in words_of(frame)
    assert "sandbox allow-popups" in frame["Content-Security-Policy"]
    assert "script" not in frame["Content-Security-Policy"]
    assert RunRendering.objects.get().run == run


def test_no_student_sees_it(client, world, submission, run):
    for person in (world.student, world.classmate):
        as_person(client, person)
        for tail in ("rerun/", "rerun/frame/"):
            assert client.get(address_of(submission, tail)).status_code == 403
    assert "hidden_secret" not in as_person(client, world.student).get(address_of(submission)).content.decode()


def test_student_assistants_who_may_not_read_the_tests_do_not_read_them_here(client, world, submission, run):
    as_person(client, make.enrol(world.course, Role.STUDENT_ASSISTANT, section=world.section))

    assert client.get(address_of(submission, "rerun/frame/")).status_code == 403
    assert "As it ran here" not in words_of(client.get(address_of(submission, "review/")))


def test_before_there_is_one_it_is_said(client, world, submission):
    as_person(client, world.ta)
    assert "No run to compare with" in words_of(client.get(address_of(submission, "rerun/")))
    assert client.get(address_of(submission, "rerun/frame/")).status_code == 404
    make.run_of(submission)
    assert "No run to compare with" in words_of(client.get(address_of(submission, "rerun/")))
    assert client.get(address_of(submission, "rerun/frame/")).status_code == 404


def test_the_page_is_made_once(run, monkeypatch):
    first = rendering_of_run(run)
    monkeypatch.setattr("grading.services.rendering.subprocess.run", None)

    assert rendering_of_run(run) == first
    assert first.renderer == RENDERER


def test_a_run_without_a_notebook_has_no_page(submission):
    with pytest.raises(ValueError, match="kept no notebook"):
        rendering_of_run(make.run_of(submission))
