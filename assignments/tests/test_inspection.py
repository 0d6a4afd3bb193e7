"""What the small process says, in the student's words; what it cannot say is a sentence too."""

import subprocess

import pytest

from assignments import inspection
from assignments.inspection import TOO_SLOW, TOO_TANGLED, NotebookRefused, look_at_source, look_at_submission, notices
from autograder.report import RunnerError
from tests import factories as make

CHECKS = {"has_results": True, "in_order": True}
QUIET = {"missing": [], "changed": [], "unanswered": [], "checks": CHECKS}


def test_an_honest_notebook_is_told_nothing():
    assert notices(QUIET) == []


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({"missing": ["a", "b"]}, "Missing from your notebook: a, b."),
        ({"changed": ["a"]}, "You changed the tests in a."),
        ({"unanswered": ["a"]}, "Still untouched: a."),
        ({"checks": {"has_results": False, "in_order": False}}, "has no results"),
        ({"checks": {"has_results": True, "in_order": False}}, "not run in order"),
    ],
)
def test_each_finding_has_its_sentence(found, says):
    (said,) = notices({**QUIET, **found})

    assert says in said
    assert said.endswith(".")


def answering(monkeypatch, *, status=0, out=b"{}", err=b""):
    done = subprocess.CompletedProcess([], status, out, err)
    monkeypatch.setattr(inspection, "_autograder", lambda *_: done)


@pytest.fixture
def notebook(world):
    return world.notebook


@pytest.mark.django_db
def test_a_notebook_that_kills_the_small_process_is_refused(monkeypatch, notebook):
    answering(monkeypatch, status=-9)

    with pytest.raises(NotebookRefused, match=TOO_TANGLED):
        look_at_submission(notebook, b"")


@pytest.mark.django_db
def test_a_notebook_that_takes_for_ever_is_refused(monkeypatch, notebook):
    def slow(*_, **__):
        raise subprocess.TimeoutExpired("autograder", 30)

    monkeypatch.setattr("assignments.inspection.subprocess.run", slow)

    with pytest.raises(NotebookRefused, match=TOO_SLOW):
        look_at_submission(notebook, b"")


@pytest.mark.django_db
@pytest.mark.parametrize("status", [2, 3])
def test_a_failure_of_ours_is_not_the_students(monkeypatch, notebook, status):
    answering(monkeypatch, status=status, err=b"autograder: disk full")

    with pytest.raises(RunnerError, match="disk full"):
        look_at_submission(notebook, b"")


def test_the_student_version_comes_with_the_cells():
    cells, released = look_at_source(make.source_bytes())

    assert [cell["grade_id"] for cell in cells] == ["double_test", "hidden_test", "analysis"]
    assert b"return 2 * x" not in released


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"%PDF", "PDF that was renamed"),
        (
            make.write_notebook(make.notebook(make.assertion_cell("### BEGIN HIDDEN TESTS", "a"))),
            "no “END HIDDEN TESTS”",
        ),
        (make.write_notebook(make.notebook(make.answer("x"), make.text("### BEGIN MARK SCHEME"))), "may have it"),
    ],
)
def test_an_unusable_source_names_what_to_change(content, says):
    with pytest.raises(NotebookRefused, match=says):
        look_at_source(content)


def test_the_small_process_knows_no_secret(monkeypatch):
    seen = {}
    monkeypatch.setattr(
        "assignments.inspection.subprocess.run",
        lambda *_, **options: seen.update(options) or subprocess.CompletedProcess([], 0, b"{}"),
    )

    inspection._autograder("inspect")

    assert seen["env"] == {}
    assert seen["timeout"] == inspection.SECONDS
