"""The look without running, and the instructor's check."""

from decimal import Decimal

import pytest

from autograder.check import CheckReport, described
from autograder.grade import read_source, refusal
from autograder.inspection import MOST_VALIDATED, look_at_source, look_at_submission
from autograder.notebook import read_notebook, write_notebook
from autograder.placement import Placement
from autograder.release import canonical_cells, hides_tests, released_checksum, student_version, visible_source
from autograder.report import Checks, Flag, Report, SourceUnusable, Status, TestOutcome, Verdict
from tests import factories as make

SOURCE = read_source(make.source_bytes())


def looked_at(**changes):
    return look_at_submission(SOURCE, make.submitted(**changes))


def test_an_honest_notebook_has_nothing_to_say():
    found = looked_at()

    assert (found["refusal"], found["missing"], found["changed"], found["unanswered"]) == ("", [], [], [])
    assert found["checks"]["has_analysis"]


def test_untouched_cells_are_named():
    made = student_version(make.source_notebook())

    found = look_at_submission(SOURCE, write_notebook(made))

    assert found["unanswered"] == ["double", "analysis"]
    assert not found["checks"]["has_code"]


def test_changed_and_missing_tests_are_named():
    made = read_notebook(make.submitted())
    for cell in made["cells"]:
        if "double_test" in str(cell["metadata"]):
            cell["source"] = "assert True"
    made["cells"] = [c for c in made["cells"] if "hidden_test" not in str(c["metadata"])]

    found = look_at_submission(SOURCE, write_notebook(made))

    assert (found["changed"], found["missing"]) == (["double_test"], ["hidden_test"])


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        (write_notebook(make.notebook(make.code("1"))), "another assignment"),
        (write_notebook(make.notebook(make.answer("x"), language="R")), "kernel is R"),
    ],
)
def test_a_refusal_is_a_sentence(raw, says):
    assert says in look_at_submission(SOURCE, raw)["refusal"]


def test_a_source_is_described_by_its_graded_cells():
    found = look_at_source(make.source_bytes())

    assert found["refusal"] == ""
    assert [(c["grade_id"], c["role"], c["points"], c["hidden"]) for c in found["cells"]] == [
        ("double_test", "tests", "2", False),
        ("hidden_test", "tests", "1", True),
        ("analysis", "manual", "3", False),
    ]


@pytest.mark.parametrize("raw", [b"", b"{}", write_notebook(make.notebook(make.answer("x"), make.answer("y")))])
def test_an_unusable_source_is_refused_with_a_sentence(raw):
    found = look_at_source(raw)

    assert found["cells"] == []
    assert found["refusal"].endswith(".")


def test_a_source_in_another_language_is_unusable():
    with pytest.raises(SourceUnusable, match="only Python"):
        read_source(write_notebook(make.notebook(make.assertion_cell("1", "a"), language="R")))


def test_one_known_cell_is_enough_to_be_this_assignment():
    submitted = read_notebook(write_notebook(make.notebook(make.answer("x = 1"))))

    assert refusal(SOURCE, submitted) == ""


def test_what_students_see_of_a_hidden_test():
    cells = {c.grade_id: c for c in canonical_cells(make.source_notebook())}
    hidden = cells["hidden_test"]

    assert hides_tests(hidden)
    assert not hides_tests(cells["double_test"])
    assert visible_source(hidden) == "assert double(1) == 2"
    released = {
        c["metadata"]["nbgrader"]["grade_id"]: c["metadata"]["nbgrader"]["checksum"]
        for c in student_version(make.source_notebook())["cells"]
        if "nbgrader" in c["metadata"]
    }
    assert {g: released_checksum(c) for g, c in cells.items()} == released


def report_of(*outcomes, verdict=Verdict.GRADED):
    return Report(verdict, [TestOutcome(g, Decimal(p), Decimal(s), status) for g, p, s, status in outcomes])


def test_a_check_report_is_what_the_page_reads():
    cells = [c for c in SOURCE.cells if c.grade_id == "double_test"]
    reference = report_of(("double_test", 2, 2, Status.PASSED))
    untouched = report_of(("double_test", 2, 0, Status.FAILED))

    found = CheckReport(cells, reference, untouched, Placement({}), {"double_test": 0.25}, [], ["weak"]).as_json()

    assert (found["ok"], found["max_score"], found["warnings"]) == (True, "2", ["weak"])
    assert found["cells"][0]["reference"] == "passed"
    assert found["cells"][0]["untouched"] == "failed"


def test_a_check_with_errors_is_not_ok():
    assert CheckReport([], report_of(), report_of(), Placement({}), {}, ["bad"]).as_json()["ok"] is False


def test_a_read_only_cell_is_described_without_points():
    (cell,) = canonical_cells(make.notebook(make.code("import math", grade_id="setup", locked=True)))

    assert described(cell)["points"] is None


def test_a_report_adds_up_its_tests():
    found = report_of(("a", 2, 1, Status.PARTIAL), ("b", 3, 0, Status.NEEDS_REVIEW)).as_json()

    assert (found["score"], found["max_score"], found["needs_review"]) == ("1", "5", True)


def test_a_report_of_nothing_is_zero_of_zero():
    found = Report(Verdict.REFUSED).as_json()

    assert (found["score"], found["max_score"], found["needs_review"]) == ("0", "0", False)
    assert found["checks"] == Checks().as_json()


def test_flags_are_plain_json():
    assert Flag("cell_moved", "a", "why").as_json() == {"kind": "cell_moved", "grade_id": "a", "detail": "why"}


def test_a_name_that_stands_in_many_assignments_does_not_make_it_this_one():
    other = make.notebook(make.answer("x = 1", "softmax"), make.manual("My words."))

    assert "another assignment" in look_at_submission(SOURCE, write_notebook(other))["refusal"]


def test_an_assignment_of_text_alone_is_known_by_its_text_cells():
    essay = read_source(write_notebook(make.notebook(make.manual("Your words."))))
    written = write_notebook(make.notebook(make.manual("My words.")))

    assert look_at_submission(essay, written)["refusal"] == ""


def test_what_jupyter_would_not_open_is_said_and_read_all_the_same():
    made = read_notebook(make.submitted())
    made["cells"][0]["outputs"] = [{"output_type": "stream", "name": 7, "text": "x"}]
    made["cells"][0]["cell_type"] = "code"

    found = look_at_submission(SOURCE, write_notebook(made))

    assert found["refusal"] == ""
    assert found["invalid"]
    assert looked_at()["invalid"] == ""


def test_a_large_notebook_is_not_asked_about():
    made = read_notebook(make.submitted())
    made["metadata"]["large"] = "x" * MOST_VALIDATED
    assert look_at_submission(SOURCE, write_notebook(made))["invalid"] == ""
