"""The command line is a contract: JSON as specified, exit status 0, 2 or 3."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.notebook import read_notebook, write_notebook
from autograder.sandbox.walls import package_root
from tests.factories import HIDDEN, SOLUTION, answer, assertion_cell, code, notebook, source_bytes, submitted, text

DEMO = package_root() / "term" / "demo" / "notebooks"


def autograder(*arguments):
    """(exit status, standard output, standard error) of `python -m autograder`."""
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    done = subprocess.run(command, cwd=package_root(), capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def source(tmp_path) -> Path:
    path = tmp_path / "source.ipynb"
    path.write_bytes(source_bytes())
    return path


def graded(source, raw, *options):
    path = source.with_name("submission.ipynb")
    path.write_bytes(raw)
    status, out, err = autograder("grade", "--source", source, "--submission", path, "--json", *options)
    assert status == 0, err
    return json.loads(out)


@pytest.mark.sandbox
def test_grade_prints_the_whole_answer(source):
    answer = graded(source, submitted())

    assert answer.pop("seconds") > 0
    assert answer == {
        "verdict": "graded",
        "score": "3",
        "max_score": "6",
        "needs_review": True,
        "tests": [
            {"grade_id": "double_test", "points": "2", "score": "2", "status": "passed", "protected": True, "message": ""},
            {"grade_id": "hidden_test", "points": "1", "score": "1", "status": "passed", "protected": True, "message": ""},
            {"grade_id": "analysis", "points": "3", "score": "0", "status": "needs_review", "protected": False, "message": ""},
        ],
        "flags": [],
        "checks": {"has_code": True, "has_results": True, "has_analysis": True, "in_order": True, "reproducible": "0/0"},
        "message": "",
        "stopped_at": "",
        "answers": {"analysis": "Because it is twice."},
    }  # fmt: skip


@pytest.mark.sandbox
def test_grade_gives_only_what_is_right(source):
    answer = graded(source, submitted("def double(x):\n    return 4"))

    assert [(t["score"], t["status"]) for t in answer["tests"][:2]] == [("2", "passed"), ("0", "failed")]


@pytest.mark.sandbox
def test_grade_keeps_what_was_scored_before_a_crash(source):
    crash = "def double(x):\n    import os\n    return 4 if x == 2 else os._exit(0)"

    answer = graded(source, submitted(crash))

    assert (answer["verdict"], answer["stopped_at"]) == ("crashed", "hidden_test")
    assert [(t["score"], t["status"]) for t in answer["tests"][:2]] == [("2", "passed"), ("0", "not_run")]


@pytest.mark.sandbox
def test_grade_flags_tests_that_pass_after_an_error(source):
    made = read_notebook(submitted())
    made["cells"].insert(2, code("1 / 0"))

    answer = graded(source, write_notebook(made))

    assert {f["kind"] for f in answer["flags"]} == {"passed_after_error"}
    assert answer["score"] == "3"


@pytest.mark.sandbox
def test_grade_stops_at_the_time_limit_given(source):
    answer = graded(source, submitted("while True: pass"), "--cell", "1")

    assert (answer["verdict"], answer["stopped_at"]) == ("timed_out", "double")
    assert answer["message"] == "This cell ran longer than 1 seconds and was stopped."


@pytest.mark.sandbox
def test_executed_notebook_is_written(source, tmp_path):
    graded(source, submitted(), "--executed", tmp_path / "out.ipynb")

    executed = read_notebook((tmp_path / "out.ipynb").read_bytes())
    assert HIDDEN in [c["source"] for c in executed["cells"]]


@pytest.mark.parametrize(
    ("raw", "verdict", "says"),
    [
        (b"not a notebook", "unreadable", "not valid JSON"),
        (write_notebook(notebook(text("x"), language="R")), "refused", "kernel is R"),
        (write_notebook(notebook(answer("x", "other"))), "refused", "another assignment's notebook"),
    ],
)
def test_refusals_are_answers_too(source, raw, verdict, says):
    answer = graded(source, raw)

    assert answer["verdict"] == verdict
    assert says in answer["message"]
    assert {t["status"] for t in answer["tests"]} == {"not_run"}
    assert answer["score"] == "0"


@pytest.mark.parametrize(
    "arguments",
    [
        ("grade",),
        ("grade", "--source", "/nowhere", "--submission", "/nowhere"),
        ("release", "/nowhere", "-o", "/tmp/x"),
        ("bake",),
    ],
)
def test_wrong_usage_exits_with_2(arguments):
    assert autograder(*arguments)[0] == 2


def test_an_unusable_source_exits_with_2_and_says_why(tmp_path):
    path = tmp_path / "source.ipynb"
    path.write_bytes(write_notebook(notebook(assertion_cell("1", "a"), assertion_cell("2", "a"))))

    status, _, err = autograder("grade", "--source", path, "--submission", path, "--json")

    assert status == 2
    assert "stands on two cells" in err


def test_our_own_failure_exits_with_3(source, monkeypatch):
    program = (
        "import sys; from autograder.sandbox import launcher; launcher.BOOT = 'raise SystemExit'; "
        "from autograder.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    arguments = ["grade", "--source", source, "--submission", source, "--json"]

    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=package_root(), capture_output=True, check=False
    )

    assert done.returncode == 3
    assert b"our failure" in done.stderr


def test_grade_ends_with_the_process_it_was_started_by(source):
    arguments = ["--parent", "1", "grade", "--source", source, "--submission", source, "--json"]

    assert autograder(*arguments)[0] == 3


@pytest.mark.sandbox
@pytest.mark.parametrize("name", ["numpy-basics", "backpropagation", "convolution"])
def test_demo_reference_scores_full_and_the_blank_version_0(name, tmp_path):
    path, blank = DEMO / f"{name}.ipynb", tmp_path / "blank.ipynb"
    assert autograder("release", path, "-o", blank)[0] == 0

    status, out, _ = autograder("check", path, "--json")
    found = json.loads(out)
    (tmp_path / "checked.json").write_text(out)
    grade = ("grade", "--source", path, "--checked", tmp_path / "checked.json", "--json", "--submission")
    reference, untouched = (json.loads(autograder(*grade, submission)[1]) for submission in (path, blank))

    assert status == 0
    assert (found["ok"], found["errors"], found["warnings"]) == (True, [], [])
    assert all(t["score"] == t["points"] for t in reference["tests"] if t["status"] != "needs_review")
    assert (untouched["score"], untouched["needs_review"]) == ("0", False)


@pytest.mark.sandbox
def test_check_names_the_test_that_the_reference_fails_and_the_one_anybody_passes(tmp_path):
    path = tmp_path / "source.ipynb"
    path.write_bytes(
        write_notebook(
            notebook(answer(SOLUTION), assertion_cell("assert double(1) == 3", "bad"), assertion_cell("True", "weak"))
        )
    )

    found = json.loads(autograder("check", path, "--json")[1])

    assert not found["ok"]
    assert found["errors"] == ["bad: the reference solution does not pass this test. AssertionError"]
    assert found["warnings"][0] == "weak: an untouched notebook earns 2 of 2 here."
    assert found["warnings"][1].startswith("weak: this test has no expectation of its own")


def test_inspect_looks_without_running(source, tmp_path):
    path = tmp_path / "submission.ipynb"
    path.write_bytes(submitted("raise SystemExit", analysis="YOUR ANSWER HERE"))

    found = json.loads(autograder("inspect", "--source", source, "--submission", path)[1])

    assert found["refusal"] == ""
    assert found["unanswered"] == ["analysis"]
    assert found["missing"] == []


def test_inspect_gives_up_on_memory_without_harm(source, tmp_path):
    """10 MB of brackets become gigabytes of lists: the small process refuses, the caller reads a sentence."""
    path = tmp_path / "bomb.ipynb"
    path.write_bytes(b'{"nbformat": 4, "cells": [' + b",".join([b"[[],[],[],{}]"] * 700_000) + b"]}")

    status, out, _ = autograder("inspect", "--source", source, "--submission", path)

    assert status == 0
    assert json.loads(out)["refusal"]
