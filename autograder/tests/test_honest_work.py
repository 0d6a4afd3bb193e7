"""What once cost honest work a mark, its protection or its outputs, and must not again."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from autograder.__main__ import main
from autograder.check import check
from autograder.grade import Conditions, grade, read_source
from autograder.matching import restored
from autograder.names import names_of
from autograder.nbgrader import grade_id_of
from autograder.notebook import read_notebook, write_notebook
from autograder.release import canonical_cells
from autograder.report import SourceUnusable, Status
from autograder.sandbox import launcher, walls
from autograder.sandbox.limits import Limits
from autograder.sandbox.supervisor import open_sandbox
from tests.factories import answer, assertion_cell, code, manual, notebook, source_notebook, text

CONDITIONS = Conditions(Limits())
ASKED = [text("# Q1"), manual("YOUR ANSWER HERE", "q1"), text("# Q2"), manual("YOUR ANSWER HERE", "q2")]
STUB = "YOUR ANSWER HERE"


def locked(source, grade_id="setup"):
    return code(source, grade_id=grade_id, locked=True)


def outcome(source, *student):
    """The last test's outcome for a student whose cells are these."""
    report, _ = grade(read_source(write_notebook(notebook(*source))), write_notebook(notebook(*student)), CONDITIONS)
    return report.tests[-1]


def printed(sandbox, source):
    return "".join(output.get("text", "") for output in sandbox.run_cell(source).outputs)


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ([text("# Q1"), text("Because."), text("# Q2"), text(STUB)], {1: "q1", 3: "q2"}),
        ([text("# Q1"), text("Because."), text("# Q2"), text("By B.")], {1: "q1", 3: "q2"}),
        ([text("# Q1"), text("# Q2"), text("By B.")], {2: "q2"}),
        ([text("# Q1"), text("# Q2")], {}),
        ([text("# Q1"), text("Because."), text("And so."), text("# Q2"), text("By B.")], {4: "q2"}),
        ([text("Because."), text("By B.")], {0: "q1", 1: "q2"}),
        ([text(STUB), text("By B.")], {0: "q1", 1: "q2"}),
        ([text("# Q2"), text("By B."), text("# Q1"), text("Because.")], {}),
    ],
)
def test_written_answers_without_ids_are_found_between_the_questions(cells, found):
    source = notebook(*ASKED)

    assert restored(cells, canonical_cells(source), {}, source) == found


def test_an_answer_is_found_beside_one_that_kept_its_id():
    source = notebook(*ASKED)
    cells = [text("# Q1"), text("Because."), text("# Q2"), manual("By B.", "q2")]

    assert restored(cells, canonical_cells(source), {3: "q2"}, source) == {1: "q1"}


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("test", "reference", "student"),
    [
        ("S.mode == 1 or S.mode == 2", "mode = 1", "mode = 2"),
        ("S.mode in (2, 3)", "mode = 2", "mode = 3"),
        ("len(S.items) >= 2", "items = [1, 2]", "items = [1, 2, 3]"),
        ("S.mode != 3", "mode = 2", "mode = 4"),
        ("1 <= S.mode < 3", "mode = 1", "mode = 2"),
        ("S.name == 'a' and S.size > 1", "name, size = 'a', 2", "name, size = 'a', 99"),
    ],
)
def test_another_allowed_answer_is_no_tampering(test, reference, student):
    tests = assertion_cell(f"assert isinstance(S(), S)\nassert {test}", "t")
    source = [answer(f"class S:\n    {reference}", "s"), tests]

    found = outcome(source, answer(f"class S:\n    {student}", "s"), tests)

    assert (found.status, found.score) == (Status.PASSED, 2)


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("before", "test"),
    [
        ([locked("values = [1]"), answer("values.append(2)")], "assert sum(values) == 3"),
        (
            [locked("import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})"), answer("df['b'] = df.a * 2")],
            "assert df.b.tolist() == [2, 4]",
        ),
        (
            [
                locked("from typing import List", "one"),
                locked("def mean(xs: List[float]) -> float:\n    return sum(xs) / len(xs)", "two"),
                answer("x = [1, 3]"),
            ],
            "assert mean(x) == 2",
        ),
        ([locked("def check(n):\n    assert double(n) == 2 * n"), answer("def double(x): return 2 * x")], "check(2)"),
        ([code("x = 1"), answer("x = 2"), assertion_cell("assert x == 2", "a"), code("x = 10")], "assert x == 10"),
    ],
)
def test_tests_of_ordinary_shape_are_protected(before, test):
    found = check(write_notebook(notebook(*before, assertion_cell(test, "t"))), CONDITIONS)

    assert found.errors == []
    assert found.placement.tests["t"].protected is True


@pytest.mark.sandbox
def test_a_name_of_an_earlier_test_does_not_stand_in_for_the_students():
    first, second = assertion_cell("x = double(2)\nassert x == 4", "a"), assertion_cell("assert x == 4", "b")
    source = [answer("def double(n): return 2 * n", "d"), first, answer("x = 4", "x"), second]

    found = outcome(source, answer("def double(n): return 2 * n", "d"), first, answer("pass", "x"), second)

    assert (found.status, found.score) == (Status.FAILED, 0)


@pytest.mark.parametrize(
    ("source", "uses"),
    [
        ("def f(x: List[int]) -> Dict: return x", {"List", "Dict"}),
        ('s = ("%d"\n     % n)', {"n"}),
        ('t = """\n!not a command\n"""\nuse(t)', {"use", "t"}),
        ("%matplotlib inline\nplot(y)", {"plot", "y"}),
    ],
)
def test_names_are_read_from_valid_python_as_it_stands(source, uses):
    assert names_of(source).uses == uses


def test_an_expression_too_deep_to_read_has_no_names():
    assert names_of("assert x == " + " + ".join(["a"] * 3000)).is_python in (True, False)


@pytest.mark.sandbox
def test_hashes_and_random_numbers_are_the_same_in_every_zygote():
    ask = "import random, numpy\nprint(hash('a'), list({'x', 'y', 'z'}), random.random(), numpy.random.rand())"
    said = []
    for _ in range(2):
        with (
            contextlib.closing(launcher.start_zygote(("numpy",))) as zygote,
            open_sandbox(limits=Limits(), zygote=zygote, seed=5) as sandbox,
        ):
            said.append(printed(sandbox, ask))

    assert said[0] == said[1]


def test_libraries_of_both_notebooks_are_loaded_beforehand():
    student = write_notebook(notebook(code("import os, numpy")))

    assert launcher.libraries_in(write_notebook(source_notebook()), student) == ("numpy",)


def test_a_student_fills_no_host_with_heavy_zygotes():
    student = write_notebook(notebook(code("import torch, sklearn, scipy")))

    assert launcher.libraries_in(write_notebook(source_notebook()), student) == ()


@pytest.mark.sandbox
def test_the_executed_notebook_is_valid_and_whole():
    source = notebook(answer("def double(x):\n    return 2 * x"), assertion_cell("assert double(1) == 2"))
    student = notebook(
        text("# \ud800"), answer("def double(x): return 2 * x"), code("print('\ud800')\nh = display(1, display_id='q')")
    )

    _, executed = grade(read_source(write_notebook(source)), json.dumps(student).encode(), CONDITIONS)

    again = nbformat.reads(write_notebook(executed).decode(), 4)
    nbformat.validate(again)
    assert "double_test" in [grade_id_of(cell) for cell in again["cells"]] or any(
        "assert double(1) == 2" in cell["source"] for cell in again["cells"]
    )


@pytest.mark.sandbox
def test_displays_are_updated_and_cleared_as_in_jupyter():
    with open_sandbox(limits=Limits()) as sandbox:
        sandbox.run_cell("from IPython.display import clear_output")
        first = sandbox.run_cell("h = display(1, display_id='t')")
        sandbox.run_cell("h.update(2)")
        kept = sandbox.run_cell("print('kept')\nclear_output(wait=True)")
        replaced = sandbox.run_cell("print('old')\nclear_output(wait=True)\nprint('new')")
        cleared = sandbox.run_cell("print('gone')\nclear_output()")

    assert first.outputs[0]["data"]["text/plain"] == "2"
    assert [o["text"] for o in kept.outputs] == ["kept\n"]
    assert [o["text"] for o in replaced.outputs] == ["new\n"]
    assert cleared.outputs == []


@pytest.mark.sandbox
def test_wide_tables_are_shown_as_in_jupyter():
    with open_sandbox(limits=Limits()) as sandbox:
        assert printed(sandbox, "import pandas\nprint(pandas.get_option('display.max_columns'))") == "20\n"


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ([assertion_cell("assert double(1) == 2\n5")], "The test gave 5, more than its 2 points"),
        ([assertion_cell("assert double(1) == 2"), code("1 / 0")], "“1 / 0” raises ZeroDivisionError"),
    ],
)
def test_the_check_says_what_is_wrong_with_the_notebook_itself(cells, says):
    found = check(write_notebook(notebook(answer("def double(x): return 2 * x"), *cells)), CONDITIONS)

    assert says in " ".join(found.errors + found.warnings)
    assert "tell your instructor" not in " ".join(found.errors)


@pytest.mark.sandbox
def test_a_reference_that_runs_out_of_memory_is_said_in_a_sentence():
    cells = (code("x = bytearray(2_000_000_000)"), answer("y = 1"), assertion_cell("assert y == 1"))

    found = check(write_notebook(notebook(*cells)), Conditions(Limits(memory=512 << 20)))

    assert "The reference solution ran out of memory. Raise the limit, or let it use less." in found.errors


@pytest.mark.parametrize("content", ["nope", "{}", "[]", '{"placement": {"version": 1}}'])
def test_a_file_that_no_check_wrote_is_wrong_usage(tmp_path, capsys, content):
    (tmp_path / "s.ipynb").write_bytes(write_notebook(source_notebook()))
    (tmp_path / "c.json").write_text(content)
    paths = ["--source", str(tmp_path / "s.ipynb"), "--submission", str(tmp_path / "s.ipynb")]

    assert main(["grade", *paths, "--checked", str(tmp_path / "c.json"), "--json"]) == 2
    assert "check" in capsys.readouterr().err


def test_the_placement_of_another_notebook_is_refused():
    other = check(write_notebook(notebook(answer("x = 1"), assertion_cell("assert x == 1", "other"))), CONDITIONS)
    source = read_source(write_notebook(source_notebook()))

    with pytest.raises(SourceUnusable, match="of another notebook"):
        grade(source, write_notebook(source_notebook()), Conditions(Limits(), placement=other.placement))


def test_a_folder_of_data_that_is_missing_is_wrong_usage(tmp_path, capsys):
    (tmp_path / "s.ipynb").write_bytes(write_notebook(source_notebook()))

    assert main(["check", str(tmp_path / "s.ipynb"), "--assets", str(tmp_path / "none")]) == 2
    assert "no folder with data sets" in capsys.readouterr().err


@pytest.mark.sandbox
def test_a_killed_owner_leaves_no_folder_of_its_zygote_behind(tmp_path):
    program = (
        "import time; from autograder.sandbox import launcher; zygote = launcher.start_zygote(()); "
        "print(zygote.folder, flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    owner = subprocess.Popen(
        [sys.executable, "-c", program], cwd=walls.package_root(), env=environment, stdout=subprocess.PIPE
    )
    folder = Path(owner.stdout.readline().decode().strip())
    assert folder.is_dir()

    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    ends = time.monotonic() + 20
    while folder.exists() and time.monotonic() < ends:
        time.sleep(0.05)

    assert not folder.exists()


def test_a_lone_surrogate_does_not_stop_a_notebook_from_being_written():
    assert read_notebook(write_notebook(notebook(text("a\ud800b"))))["cells"][0]["source"] == "a?b"
