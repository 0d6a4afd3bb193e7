"""What the command line and the engine can ask: every argument reaches the place where it counts."""

import json

import nbformat
import pytest

from autograder import commands
from autograder.__main__ import main
from autograder.notebook import read_notebook, write_notebook
from autograder.report import SourceUnusable
from tests import factories as make

CRASHES_WITHOUT_DATA = "def double(x):\n    return int(open('data/factor.txt').read()) * x"
HUNGRY = "table = bytearray(300 * 2**20)\ndef double(x):\n    return 2 * x"


@pytest.fixture
def files(tmp_path):
    """Arguments of a request whose notebooks are whole."""
    return filed(tmp_path, make.submitted())


def filed(folder, submission, source=None):
    (folder / "source.ipynb").write_bytes(source or make.source_bytes())
    (folder / "submission.ipynb").write_bytes(submission)
    return {"source": folder / "source.ipynb", "submission": folder / "submission.ipynb"}


def flags_of(files):
    return ["--source", str(files["source"]), "--submission", str(files["submission"])]


@pytest.fixture
def shell(capsys):
    """A command of the shell: (status, what it printed)."""

    def run(*arguments):
        status = main([str(argument) for argument in arguments])
        return status, capsys.readouterr().out

    return run


@pytest.mark.sandbox
def test_each_command_answers_in_json(files):
    graded, checked, tested = (
        json.loads(json.dumps(commands.answer(command, files))) for command in ("grade", "check", "selftest")
    )

    assert (graded["verdict"], graded["score"], graded["max_score"]) == ("graded", "3", "6")
    assert (checked["ok"], checked["max_score"], len(checked["cells"])) == (True, "6", 3)
    assert (tested["closed"], set(tested["walls"].values())) == (True, {True})


@pytest.mark.parametrize(
    ("imports", "libraries"),
    [
        ("", ()),
        ("import os, sys", ()),
        ("import numpy as np", ("numpy",)),
        ("from sklearn.svm import SVC\nimport pandas", ("pandas", "sklearn")),
        ("def late():\n    import torch.nn as nn", ("torch",)),
        ("%matplotlib inline", ("matplotlib",)),
        ("import os, torch; import sys", ("torch",)),
        ("important = 'torch'", ()),
    ],
)
def test_the_libraries_a_source_imports_are_found(imports, libraries, files):
    cells = (make.code(imports), make.answer(make.SOLUTION), make.assertion_cell("assert double(1) == 2"))
    files["source"].write_bytes(write_notebook(make.notebook(*cells)))

    assert commands.libraries_needed(files) == libraries


def test_no_library_is_needed_where_there_is_no_source_to_read(files):
    files["source"].write_bytes(b"no notebook")

    assert commands.libraries_needed(files) == ()
    assert commands.libraries_needed({"source": "/nowhere"}) == ()
    assert commands.libraries_needed({}) == ()


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("solution", "limits", "verdict", "says"),
    [
        ("while True: pass", {"cell": 1}, "timed_out", "longer than 1 seconds"),
        ("while True: pass", {"wall": 1.5}, "timed_out", "notebook ran longer than 1.5 seconds"),
        ("print('x' * 3_000_000)", {"output": 2**21}, "too_much_output", "more than 2 MB"),
        ("for i in range(99): display(i)", {"messages": 50}, "too_much_output", "or 50 messages"),
        (HUNGRY, {"memory": 2**28}, "out_of_memory", ""),
        (HUNGRY, {"memory": 2**30}, "graded", ""),
    ],
)
def test_limits_reach_the_notebook(solution, limits, verdict, says, tmp_path):
    files = filed(tmp_path, make.submitted(solution))

    answer = commands.answer("grade", {**files, "limits": limits})

    assert answer["verdict"] == verdict
    assert says in answer["message"]


@pytest.mark.sandbox
def test_the_executed_notebook_shows_what_ran(tmp_path):
    files = filed(tmp_path, make.submitted("def double(x):\n    return 3 * x\nprint('ran')\n6 * 7"))

    commands.answer("grade", {**files, "executed": tmp_path / "out.ipynb"})

    executed = read_notebook((tmp_path / "out.ipynb").read_bytes())
    by_id = {c["metadata"]["nbgrader"]["grade_id"]: c for c in executed["cells"] if "nbgrader" in c["metadata"]}
    printed, value = by_id["double"]["outputs"]
    assert (printed["text"], value["data"]["text/plain"]) == ("ran\n", "42")
    assert by_id["double_test"]["outputs"][0]["ename"] == "AssertionError"
    assert by_id["analysis"]["source"] == "Because it is twice."
    nbformat.validate(nbformat.from_dict({**executed, "nbformat_minor": 4}))  # ids of cells came with 5


@pytest.mark.sandbox
@pytest.mark.parametrize("raw", [b"{}", write_notebook(make.notebook(make.text("x"), language="R"))])
def test_no_executed_notebook_where_nothing_ran(raw, tmp_path):
    answer = commands.answer("grade", {**filed(tmp_path, raw), "executed": tmp_path / "out.ipynb"})

    assert answer["verdict"] in {"unreadable", "refused"}
    assert not (tmp_path / "out.ipynb").exists()


@pytest.mark.sandbox
@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_a_placement_of_another_version_is_refused(version, files):
    placement = {**commands.answer("check", files)["placement"], "version": version}

    with pytest.raises(SourceUnusable, match="another version of the autograder; check it again"):
        commands.answer("grade", {**files, "placement": placement})


@pytest.mark.sandbox
@pytest.mark.parametrize(("split", "protected", "seen"), [(True, {True}, False), (False, {False}, True)])
def test_without_the_split_tests_run_in_the_students_process(split, protected, seen, tmp_path):
    """What a test binds is the student's to read only where both share a process."""
    source = make.notebook(
        make.answer(make.SOLUTION),
        make.assertion_cell("expected = 4\nassert double(2) == expected"),
        make.assertion_cell("assert double(3) == 6", "later"),
    )
    spies = (
        "def double(x):\n    return globals().get('expected', 4) if x == 2 else (6 if 'expected' in globals() else 0)"
    )
    files = filed(tmp_path, write_notebook(make.notebook(make.answer(spies))), write_notebook(source))

    tests = commands.answer("grade", {**files, "split": split})["tests"]

    assert {t["protected"] for t in tests} == protected
    assert [t["status"] == "passed" for t in tests] == [True, seen]


@pytest.mark.sandbox
def test_the_shell_grades_by_what_a_check_printed(files, tmp_path, shell):
    status, printed = shell("check", files["source"], "--json")
    known = json.loads(printed)
    for place in known["placement"]["tests"].values():
        place.update(protected=False)
    (tmp_path / "known.json").write_text(json.dumps(known))

    _, as_found = shell("grade", *flags_of(files), "--json")
    _, as_told = shell("grade", *flags_of(files), "--json", "--checked", tmp_path / "known.json")

    assert status == 0
    assert [t["protected"] for t in json.loads(as_found)["tests"]] == [True, True, False]
    assert [t["protected"] for t in json.loads(as_told)["tests"]] == [False, False, False]
    assert json.loads(as_told)["score"] == json.loads(as_found)["score"] == "3"


@pytest.mark.sandbox
def test_the_shell_grades_without_the_split(files, shell):
    status, printed = shell("grade", *flags_of(files), "--no-split", "--json")

    answer = json.loads(printed)
    assert (status, answer["score"]) == (0, "3")
    assert {t["protected"] for t in answer["tests"]} == {False}


@pytest.mark.sandbox
@pytest.mark.parametrize(("given", "score"), [(True, "3"), (False, "0")])
def test_the_shell_hands_data_in(given, score, tmp_path, shell):
    (tmp_path / "assets").mkdir(mode=0o755)
    (tmp_path / "assets" / "factor.txt").write_text("2")
    tmp_path.chmod(0o755)
    files = filed(tmp_path, make.submitted(CRASHES_WITHOUT_DATA))

    status, printed = shell("grade", *flags_of(files), "--json", *(["--assets", tmp_path / "assets"] if given else []))

    assert (status, json.loads(printed)["score"]) == (0, score)


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("size", "verdict"), [("256MiB", "out_of_memory"), (str(2**28), "out_of_memory"), ("1 GiB", "graded")]
)
def test_the_shell_limits_memory(size, verdict, tmp_path, shell):
    files = filed(tmp_path, make.submitted(HUNGRY))

    status, printed = shell("grade", *flags_of(files), "--json", "--memory", size)

    assert (status, json.loads(printed)["verdict"]) == (0, verdict)


@pytest.mark.parametrize(
    "flags", [("--memory", "2GB"), ("--memory", "much"), ("--memory", "-1"), ("--wall", "soon"), ("--split",)]
)
def test_the_shell_refuses_flags_it_does_not_know(flags, files, capsys):
    with pytest.raises(SystemExit) as left:
        main(["grade", *flags_of(files), *flags])

    assert left.value.code == 2
    assert flags[0] in capsys.readouterr().err


@pytest.mark.sandbox
def test_the_shell_tells_people_in_lines(files, shell):
    _, graded = shell("grade", *flags_of(files))
    _, checked = shell("check", files["source"])

    assert graded.strip() == "graded: 3 of 6"
    lines = [line.rpartition(",")[0] if line.endswith(" s") else line for line in checked.splitlines()]
    assert lines == [
        "double_test: 2 points, protected",
        "hidden_test: 1 points, protected",
        "analysis: 3 points, by a person",
        "3 graded cells, 6 points",
    ]
