"""What an assignment may ask of its runs: time, memory, a queue, a GPU, data sets; and tests generated on the way."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from assignments import services
from assignments.forms import MOST_DATA_BYTES
from assignments.models import DataFile, InstructorNotebook, Queue
from autograder.notebook import write_notebook
from courses import storage
from grading import engine, nudge
from grading.models import Run, TestResult, Worker
from grading.selectors.queues import queue_state
from grading.services import data, execution, runs, workers
from tests import factories as make
from tests.pages import NUMBERS, as_person, words_of

pytestmark = pytest.mark.django_db
DATA = NUMBERS + "data/"
READS = "def double(x):\n    return int(open('data/points.csv').read().split(',')[1]) * x"


def upload(name="points.csv", content=b"1,2\n"):
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415  kept beside its one use

    return {"file": SimpleUploadedFile(name, content)}


def attach(world, content=b"1,2\n", name="points.csv"):
    return services.attach_data(assignment=world.assignment, by=world.lecturer, content=content, name=name)


@pytest.fixture
def asked(monkeypatch):
    """Every job the engine is asked for; it answers that all is well."""
    jobs = []

    def answer(job, _still_mine):
        jobs.append(job)
        return make.report()

    monkeypatch.setattr(engine, "grade", answer)
    monkeypatch.setattr(workers, "sandbox_is_closed", lambda: True)
    monkeypatch.setattr(workers, "record_worker", lambda: None)
    return jobs


def graded(world, **written):
    run = runs.queue_submission(submission=make.make_submission(world.assignment, world.student, **written))
    execution.execute_run(run_id=run.pk)
    return Run.objects.get(pk=run.pk)


@pytest.mark.parametrize(
    ("minutes", "memory_gib", "limits"),
    [
        (5, 2, {"wall": 300.0, "memory": 2 << 30}),
        (1, 1, {"wall": 60.0, "memory": 1 << 30}),
        (60, 16, {"wall": 3600.0, "memory": 16 << 30, "cell": 3600.0}),
    ],
)
def test_limits_of_the_assignment_reach_the_engine(world, asked, minutes, memory_gib, limits):
    type(world.assignment).objects.update(minutes=minutes, memory_gib=memory_gib)
    world.assignment.refresh_from_db()

    graded(world)

    assert asked[0].limits == limits
    assert asked[0].arguments()["limits"] == limits


@pytest.mark.parametrize("wrong", [{"minutes": 0}, {"minutes": 61}, {"memory_gib": 0}, {"memory_gib": 65}])
def test_no_more_than_an_hour_and_never_nothing(world, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        type(world.assignment).objects.update(**wrong)


def test_a_lecturer_sets_limits_and_queue(client, world):
    form = {
        "title": "Numbers", "slug": "numbers", "position": "1", "opens_at": "2026-10-01T08:00", "closes_at": "",
        "due_at": "2026-10-26T23:59", "queue": "gpu", "minutes": "60", "memory_gib": "16",
    }  # fmt: skip

    as_person(client, world.lecturer).post(NUMBERS + "edit/", form)

    page = words_of(client.get(NUMBERS))
    assert "a worker with a GPU" in page
    assert "60 min, 16 GiB" in page


def test_too_much_time_is_refused_in_words(client, world):
    form = {"title": "N", "slug": "n", "position": "1", "opens_at": "2026-10-01T08:00", "due_at": "2026-10-26T23:59"}

    answer = as_person(client, world.lecturer).post(
        NUMBERS + "edit/", {**form, "queue": "grading", "minutes": "61", "memory_gib": "2"}
    )

    assert "at most an hour" in words_of(answer)
    assert type(world.assignment).objects.get().minutes == 5


@pytest.mark.parametrize("queue", Queue.values)
def test_the_bell_rings_in_the_queue_of_the_assignment(world, monkeypatch, django_capture_on_commit_callbacks, queue):
    type(world.assignment).objects.update(queue=queue)
    rung = []
    monkeypatch.setattr(nudge, "ring", lambda *call: rung.append(call))
    submission = make.make_submission(world.assignment, world.student)
    submission.assignment.refresh_from_db()

    with django_capture_on_commit_callbacks(execute=True):
        run = runs.queue_submission(submission=submission)

    assert rung == [(run.pk, queue)]
    assert runs.sweep(now=timezone.now() + timedelta(hours=1)) == 1
    assert rung[1:] == [(run.pk, queue)]


@pytest.mark.parametrize(("queue", "devices"), [("grading", ()), ("gpu", ("/dev/nvidia0",))])
def test_only_an_assignment_that_asks_gets_the_gpu(world, asked, monkeypatch, queue, devices):
    type(world.assignment).objects.update(queue=queue)
    monkeypatch.setattr(engine, "gpus", lambda: ("/dev/nvidia0",))

    graded(world)

    assert asked[0].devices == devices


@pytest.mark.parametrize(
    ("queue", "has_gpu", "lacks"), [("gpu", False, True), ("gpu", True, False), ("grading", False, False)]
)
def test_work_that_waits_for_a_gpu_that_nobody_has_is_said(client, world, queue, has_gpu, lacks):
    type(world.assignment).objects.update(queue=queue)
    runs.queue_submission(submission=make.make_submission(world.assignment, world.student))
    Worker.objects.create(name="host", seen_at=timezone.now(), tier="B", is_closed=True, has_gpu=has_gpu)

    page = words_of(as_person(client, world.lecturer).get("/operations/"))

    assert queue_state().lacks_gpu is lacks
    assert ("Work waits for a worker with a GPU" in page) is lacks
    assert ("with a GPU" in page.partition("Tier B")[2]) is has_gpu


@pytest.mark.parametrize(("tier", "closed", "said"), [("C", True, True), ("B", True, False), ("none", False, False)])
def test_work_that_is_graded_behind_weaker_walls_is_said(client, world, tier, closed, said):
    Worker.objects.create(name="host", seen_at=timezone.now(), tier=tier, is_closed=closed)

    for page in ("/operations/", "/courses/dl/"):
        assert ("weaker walls (tier C)" in words_of(as_person(client, world.lecturer).get(page))) is said


def test_a_worker_says_whether_its_host_has_a_gpu(db, monkeypatch):
    monkeypatch.setattr(engine, "gpus", lambda: ("/dev/nvidia0",))
    monkeypatch.setattr(engine, "selftest", lambda: {"tier": "B", "closed": True, "walls": {}, "message": ""})

    assert workers.record_worker().has_gpu is True


def test_a_host_without_a_gpu_has_no_devices_for_rooms():
    assert all(path.startswith("/dev/nvidia") for path in engine.gpus())


def test_data_sets_are_attached_once_and_listed_for_students(client, world):
    as_person(client, world.lecturer)

    client.post(DATA, upload())
    page = words_of(client.post(DATA, upload(content=b"3,4\n"), follow=True))

    assert "Notebooks find it as data/points.csv" in page
    assert storage.read(DataFile.objects.get().file) == b"3,4\n"
    assert "points.csv" in words_of(as_person(client, world.student).get(NUMBERS))
    assert client.get(DATA + "points.csv/").content == b"3,4\n"


def test_what_is_downloaded_is_never_a_page_of_ours(client, world):
    attach(world, b"<script>alert(1)</script>", "page.html")

    answer = as_person(client, world.student).get(DATA + "page.html/")

    assert answer["Content-Type"] == "application/octet-stream"
    assert "attachment" in answer["Content-Disposition"]


@pytest.mark.parametrize("name", [".hidden", "a b", "ä.csv", "x" * 101])
def test_names_that_are_no_file_names_are_refused(client, world, name):
    answer = as_person(client, world.lecturer).post(DATA, upload(name))

    assert answer.status_code == 422
    assert not DataFile.objects.exists()


def test_a_file_too_large_for_the_browser_is_refused_with_its_way_out(client, world, monkeypatch):
    monkeypatch.setattr("assignments.forms.MOST_DATA_BYTES", 3)

    answer = as_person(client, world.lecturer).post(DATA, upload())

    assert "Ask your operator" in words_of(answer)
    assert MOST_DATA_BYTES == 60 * 2**20


def test_a_removed_data_set_is_gone_for_later_runs(client, world):
    attach(world)

    as_person(client, world.lecturer).post(DATA + "points.csv/remove/")

    assert data.folder_of(world.assignment) is None
    assert client.get(DATA + "points.csv/").status_code == 404


def test_the_folder_follows_from_its_contents_and_is_written_once(world):
    assert data.folder_of(world.assignment) is None
    attach(world)
    first = data.folder_of(world.assignment)
    written = (first / "points.csv").stat().st_mtime_ns

    assert data.folder_of(world.assignment) == first
    assert (first / "points.csv").stat().st_mtime_ns == written
    attach(world, b"9,9\n")
    second = data.folder_of(world.assignment)
    assert (second != first, (second / "points.csv").read_bytes()) == (True, b"9,9\n")
    assert (first / "points.csv").read_bytes() == b"1,2\n"  # a run that began with it still has it


def test_a_faster_worker_has_written_the_folder_already(world, monkeypatch):
    attach(world)
    folder = data.folder_of(world.assignment)
    answers = iter([False, True])
    monkeypatch.setattr("pathlib.Path.is_dir", lambda path, *_: next(answers) if path == folder else True)

    assert data.folder_of(world.assignment) == folder
    assert not list(folder.parent.glob(".part-*"))


@pytest.mark.sandbox
def test_student_code_reads_the_data_set_and_cannot_change_it(world):
    attach(world)
    tries = READS.replace(
        "    return", "    try:\n        open('data/points.csv', 'w')\n    except OSError:\n        pass\n    return"
    )

    run = graded(world, solution=tries)

    assert TestResult.objects.get(run=run, grade_id="double_test").score == 2
    assert (data.folder_of(world.assignment) / "points.csv").read_bytes() == b"1,2\n"


def test_an_operator_attaches_a_large_file(world, tmp_path, capsys):
    (tmp_path / "images.npz").write_bytes(b"many")

    call_command("attachdata", "dl", "numbers", str(tmp_path / "images.npz"))

    assert DataFile.objects.get().attached_by == world.lecturer
    assert "data/images.npz" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("course", "name", "says"),
    [("dl", "missing.csv", "cannot be read"), ("dl", "a b.csv", "name of letters"), ("none", "x.csv", "no assignment")],
)
def test_an_operator_is_told_what_is_wrong(world, tmp_path, course, name, says):
    with pytest.raises(CommandError, match=says):
        call_command("attachdata", course, "numbers", str(tmp_path / name))


@pytest.mark.sandbox
def test_generated_tests_become_the_next_version_of_the_notebook(world, django_capture_on_commit_callbacks):
    asks = make.notebook(
        make.answer("def double(x):\n    return 2 * x"), make.assertion_cell("### HASHED AUTOTEST double(4)")
    )
    written = services.receive_notebook(
        assignment=world.assignment, by=world.lecturer, content=write_notebook(asks), name="numbers.ipynb"
    )
    run = Run.objects.get(notebook=written)

    execution.execute_run(run_id=run.pk)

    newest = InstructorNotebook.objects.filter(assignment=world.assignment).latest("version")
    assert newest.version == written.version + 1
    assert b"sha1(str(double(4))" in storage.read(newest.student_version)
    assert b"AUTOTEST" not in storage.read(newest.student_version)
    assert Run.objects.filter(notebook=newest, submission=None).count() == 1
    assert "generated" not in Run.objects.get(pk=run.pk).report


def test_the_check_page_says_where_each_test_runs_and_gives_its_report(client, world):
    run = runs.queue_check(notebook=world.notebook)
    cell = {"reference": "passed", "untouched": "failed", "points": "2", "seconds": 0.5, "role": "tests"}
    cells = [
        {**cell, "grade_id": "one", "protected": True},
        {**cell, "grade_id": "two", "protected": False},
        {**cell, "grade_id": "three", "protected": False, "role": "manual"},
    ]
    report = {"errors": [], "warnings": ["two: weak"], "max_score": "6", "seconds": 1, "cells": cells}
    runs.record_report(run_id=run.pk, attempt=runs.claim_run(run_id=run.pk), report=report)

    page = words_of(as_person(client, world.ta).get(NUMBERS + "notebook/check/"))

    for expected in ("Protected", "Tamper-evident", "marked by a person", "0.500", "two: weak"):
        assert expected in page
    assert client.get(NUMBERS + "notebook/check/report.json").json() == report


def test_there_is_no_report_before_the_check_ended(client, world):
    runs.queue_check(notebook=world.notebook)

    assert as_person(client, world.lecturer).get(NUMBERS + "notebook/check/report.json").status_code == 404
