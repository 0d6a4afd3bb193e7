"""Notebooks without any marked cell: run for feedback, with a report of what came out the same again."""

import base64
import io

import pytest
from matplotlib.figure import Figure

from autograder import pictures
from autograder.check import PLAIN, check
from autograder.checks import pictures_of, reproduced
from autograder.grade import Conditions, grade, read_source
from autograder.notebook import read_notebook, write_notebook
from autograder.release import student_version
from autograder.sandbox.limits import Limits
from autograder.sandbox.supervisor import open_sandbox
from tests.factories import code, notebook, text

CONDITIONS = Conditions(Limits())
PLOT = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot({})\nplt.show()"
SOURCE = notebook(text("# Free work\nTrain a network."), code("import random"))


def drawn(values, **how):
    """A picture of a curve, as a saved notebook holds it."""
    figure = Figure(figsize=(4, 3), dpi=how.pop("dpi", 72))
    figure.subplots().plot(values, **how)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode()


def shown(picture):
    return {"output_type": "display_data", "data": {"image/png": picture, "text/plain": "<Figure>"}, "metadata": {}}


def printed(words):
    return {"output_type": "stream", "name": "stdout", "text": words}


def report_of(*cells):
    return grade(read_source(write_notebook(SOURCE)), write_notebook(notebook(*cells)), CONDITIONS)[0]


def test_a_plain_notebook_is_released_as_it_is_without_results():
    source = notebook(text("# Hello"), {**code("1 + 1"), "outputs": [printed("2")]})

    released = student_version(source)["cells"]

    assert [cell["source"] for cell in released] == ["# Hello", "1 + 1"]
    assert released[1]["outputs"] == []


@pytest.mark.sandbox
def test_the_check_of_a_plain_notebook_says_that_it_earns_nothing():
    found = check(write_notebook(SOURCE), CONDITIONS).as_json()

    assert (found["ok"], found["cells"], found["max_score"], found["warnings"]) == (True, [], "0", [PLAIN])


@pytest.mark.sandbox
def test_any_python_notebook_may_be_handed_in_and_gets_its_checks():
    report = report_of(
        text("My own analysis: the loss falls."),
        {**code("print(1 + 1)"), "outputs": [printed("2\n")], "execution_count": 1},
        {**code("print(3)"), "outputs": [printed("4\n")], "execution_count": 2},
    )

    assert (str(report.verdict), report.as_json()["max_score"]) == ("graded", "0")
    assert report.checks.as_json() == {
        "has_code": True, "has_results": True, "has_analysis": True, "in_order": True, "reproducible": "1/2",
    }  # fmt: skip


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("stored", "reproducible"),
    [
        (drawn([1, 2, 3]), "1/1"),
        (drawn([1, 2, 3], color="#2878b5"), "1/1"),
        (drawn([1, 2, 3], dpi=110), "1/1"),
        (drawn([3, 1, 3, 1, 3, 1, 3], linewidth=9), "0/1"),
        ("bm90IGEgcGljdHVyZQ==", "0/1"),
        ("", "0/0"),
    ],
)
def test_pictures_are_compared_by_what_they_show(stored, reproducible):
    cell = {**code(PLOT.format([1, 2, 3])), "outputs": [shown(stored)]}

    assert report_of(cell).checks.reproducible == reproducible


@pytest.mark.sandbox
def test_a_picture_that_is_no_longer_drawn_counts_as_changed():
    cell = {**code("x = 1"), "outputs": [shown(drawn([1, 2]))]}

    assert report_of(cell).checks.reproducible == "0/1"


@pytest.mark.sandbox
def test_pictures_too_large_to_compare_are_left_out(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_BYTES", 100)
    cell = {**code(PLOT.format([1, 2, 3])), "outputs": [shown(drawn([1, 2, 3]))]}

    assert report_of(cell).checks.reproducible == "0/0"


@pytest.mark.sandbox
def test_a_room_that_ends_while_it_compares_costs_nothing():
    with open_sandbox(limits=Limits(wall=6, cell=6)) as room:
        room.run_cell("import builtins, time; builtins.print = lambda *_: time.sleep(60)")

        assert pictures.look_alike(room, [(drawn([1]), drawn([1]))]) is None


@pytest.mark.sandbox
def test_what_a_room_says_about_pictures_is_data_and_not_code():
    with open_sandbox(limits=Limits()) as room:
        room.run_cell("say = print\nprint = lambda *_: say('__import__(\"os\").getcwd()')")

        assert pictures.look_alike(room, [(drawn([1]), drawn([1]))]) is None


def test_nothing_to_compare_is_not_asked():
    assert pictures.look_alike(None, []) is None


@pytest.mark.parametrize(
    ("outputs", "found"),
    [
        ([], []),
        ([printed("x")], []),
        ([shown("abc")], ["abc"]),
        ([shown(["ab", "c\n"])], ["abc"]),
        ([{"output_type": "display_data", "data": {"text/html": "x"}}], []),
        ([{"output_type": "display_data", "data": None}], []),
    ],
)
def test_pictures_are_found_in_outputs(outputs, found):
    assert pictures_of(outputs) == found


def test_pictures_and_texts_are_counted_together():
    cell = {**code("1"), "outputs": [printed("2")]}

    assert reproduced([(cell, [printed("2")])], [True, False]) == "2/3"


def test_a_plain_notebook_in_another_language_is_refused_as_any_other():
    raw = write_notebook(notebook(code("1"), language="julia"))

    report, _ = grade(read_source(write_notebook(SOURCE)), raw, CONDITIONS)

    assert str(report.verdict) == "refused"
    assert read_notebook(raw)["cells"]
