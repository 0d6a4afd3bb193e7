"""Where tests are placed: what their text alone says, and what running the reference solution adds to it."""

import json

import pytest

from autograder.grade import Conditions, read_source, rehearse_source
from autograder.lockstep import run_plan
from autograder.names import names_of
from autograder.nbgrader import Role
from autograder.notebook import write_notebook
from autograder.placement import Placement, TestPlace, read_placement
from autograder.rehearsal import Provenance, hidden_beside, unsplit
from autograder.report import SourceUnusable
from autograder.restore import restored_plan
from autograder.sandbox.launcher import libraries_in
from autograder.sandbox.limits import Limits
from tests.factories import answer, assertion_cell, cell, code, notebook, source_notebook, text

CONDITIONS = Conditions(Limits(wall=60, cell=20))
DOUBLE = "def double(x):\n    return 2 * x"
STACK = (
    "class Stack:\n    kind = 'list'\n    def __init__(self): self.items = []\n"
    "    def push(self, x): self.items.append(x)\n    def size(self): return len(self.items)\n"
    "    def __eq__(self, other): return self.items == other"
)


def locked(source, grade_id="setup"):
    """A read-only code cell."""
    return code(source, grade_id=grade_id, locked=True)


def source_of(*cells):
    return read_source(write_notebook(notebook(*cells)))


def placed_first(*cells):
    code = source_of(*cells).code
    reader = Provenance([names_of(cell.source) for cell in code], code)
    return reader.with_company(reader.first())


def place_by_text(*before, test):
    """What the text says of a test behind these cells."""
    return placed_first(*before, assertion_cell(test, "t")).tests["t"]


def rehearsed(*cells):
    return rehearse_source(source_of(*cells), CONDITIONS)


def rehearsed_place(*before, test):
    return rehearsed(*before, assertion_cell(test, "t")).placement.tests["t"]


def what_tests_raise(rehearsal, *cells):
    """What each test raises on these cells, placed as rehearsed."""
    source = source_of(*cells)
    plan = restored_plan(source.cells, notebook(*cells))
    setting = CONDITIONS.setting(source, b"")
    trail = run_plan(plan, [c.source for c in source.code], rehearsal.placement, setting)
    return {s.graded.grade_id: r.raised for s, r in trail.ran if s.graded and s.graded.role is Role.TESTS}


MANUAL_CODE = cell("code", "double = len", grade_id="free", grade=True, solution=True, points=1)


@pytest.mark.parametrize(
    ("before", "test", "wanted"),
    [
        ([answer(DOUBLE)], "assert double(2) == 4", ["double"]),
        ([answer("def f(): pass\ndef g(): pass")], "assert g() is f() is None", ["f", "g"]),
        ([MANUAL_CODE], "assert double('a') == 1", ["double"]),
        ([answer("x = 1")], "y = x\nassert [y for y in [x]]", ["x"]),
        ([answer("x = 1")], "assert not any(x for x in [0]) and len('a')", []),
        ([answer("x = 1")], "assert 'x'", []),
        ([answer("x = 1"), code("y = x + 1")], "assert y == 2", ["y"]),
        ([answer("x = 1"), code("y = x"), locked("z = y")], "assert z == 1", ["z"]),
        ([answer("x = 1"), text("x = 3")], "assert x == 1", ["x"]),
        ([code("y = 1"), answer("y = 2")], "assert y == 2", ["y"]),
        ([answer("y = 2"), code("y = 1")], "assert y == 1", []),
        ([answer("y = 2"), code("y = 1"), code("z = y")], "assert z == 1", []),
        ([code("y = 1"), answer("y = 2"), code("y = y + 1")], "assert y == 3", ["y"]),
        ([answer("x = 1"), assertion_cell("y = x", "first")], "assert y == 1", ["x"]),
        ([answer("x = 1"), assertion_cell("y = x", "first"), answer("y = 2", "two")], "assert y == 2", ["x", "y"]),
        ([code("%%time\nx = 1")], "assert x == 1", ["x"]),
        ([answer("x = 1")], "%%bash\necho $x", []),
        ([], "assert nowhere", ["nowhere"]),
    ],
)
def test_names_a_student_bound_last_are_wanted_from_the_student(before, test, wanted):
    place = place_by_text(*before, test=test)

    assert (place.protected, place.wanted) == (True, wanted)


@pytest.mark.parametrize(
    ("before", "test", "given", "own"),
    [
        ([code("a = 1"), code("b = 2")], "assert b", [1], ["b"]),
        ([code("a = 1"), code("def f(): return a")], "assert f()", [0, 1], ["f"]),
        ([code("a = 1"), code("a = 2")], "assert a", [0, 1], ["a"]),
        ([code("import math"), locked("a = math.pi")], "assert a", [0, 1], ["a"]),
        ([text("a = 1"), code("a = 1")], "assert a", [0], ["a"]),
        ([code("a = 1"), answer("b = a")], "assert b", [], []),
        ([code("a = 1"), answer("a = 2")], "assert a", [0], ["a"]),
        ([code("a = 1"), answer("x = 2"), code("b = x + a")], "assert a and b", [0], ["a"]),
        ([code("def helper(x=1): return a\na = 3")], "assert helper() == 3", [0], ["helper"]),
        ([code("print('no names')")], "assert print", [], []),
    ],
)
def test_the_instructors_own_cells_are_given_as_far_as_the_test_builds_on_them(before, test, given, own):
    place = place_by_text(*before, test=test)

    assert (place.given, place.own) == (given, own)


@pytest.mark.parametrize(
    ("before", "test", "imports"),
    [
        ([answer("import numpy as np")], "assert np.pi", {"np": ("numpy", "")}),
        ([answer("from math import sqrt as root")], "assert root(4) == 2", {"root": ("math", "sqrt")}),
        ([answer("import os.path")], "assert os.sep", {"os": ("os", "")}),
        ([answer("import math, json")], "assert json", {"json": ("json", "")}),
        ([answer("import math")], "import math\nassert math", {}),
        ([answer("import math"), answer("math = 3", "two")], "assert math == 3", {}),
        ([answer("math = 3"), answer("import math", "two")], "assert math.pi", {"math": ("math", "")}),
        ([answer("import math"), code("import math")], "assert math.pi", {}),
        ([answer("def f():\n    import math")], "assert math", {}),
    ],
)
def test_what_students_import_comes_from_the_library_itself(before, test, imports):
    place = place_by_text(*before, test=test)

    assert place.imports == imports
    assert not set(place.wanted) & set(imports)


@pytest.mark.parametrize(
    ("cells", "beside"),
    [
        ([assertion_cell("y = 1", "t"), code("print(y)")], ["t"]),
        ([assertion_cell("def helper(): pass", "t"), answer("helper()")], ["t"]),
        ([assertion_cell("y = 1", "t"), answer("def f(): return y")], ["t"]),
        ([assertion_cell("y = 1", "t"), assertion_cell("assert y", "u")], []),
        ([code("print(y)"), assertion_cell("y = 1", "t")], []),
        ([code("y = 0"), assertion_cell("y = 1", "t"), code("print(y)")], []),
        ([assertion_cell("y = 1", "t"), code("y = 2")], []),
        ([assertion_cell("y = 1", "t"), assertion_cell("y = 2\nz = 3", "u"), code("y")], ["t", "u"]),
        ([assertion_cell("y = 1", "t"), text("y")], []),
    ],
)
def test_tests_whose_names_later_cells_use_run_beside_too(cells, beside):
    assert placed_first(*cells).also_beside == beside


@pytest.mark.parametrize(
    ("source", "libraries"),
    [
        ("import numpy as np", ["numpy"]),
        ("  from torch.nn import Linear", ["torch"]),
        ("import matplotlib.pyplot as plt\nimport pandas", ["pandas", "matplotlib"]),
        ("%matplotlib inline", ["matplotlib"]),
        ("def f():\n    from sklearn import svm", ["sklearn"]),
        ("import os, sys", []),
        ("x = 1\nimport os, torch", ["torch"]),
        ("important = 'numpy'\nimport numpydoc", []),
    ],
)
def test_libraries_that_a_notebook_imports_are_loaded_beforehand(source, libraries):
    assert list(libraries_in(source_of(code("1"), code(source), answer("x")).raw)) == libraries


def test_unsplit_puts_every_test_beside_without_controls():
    placement = unsplit(source_of(*source_notebook()["cells"]).code)

    assert placement == Placement({"double_test": TestPlace(False), "hidden_test": TestPlace(False)}, guarded=False)
    assert not placement.splits
    assert Placement({"a": TestPlace(False), "b": TestPlace(True)}).splits


def test_hidden_tests_beside_are_those_that_have_a_hidden_part_and_no_room_of_their_own():
    hidden = "{}\n### BEGIN HIDDEN TESTS\nassert 1\n### END HIDDEN TESTS"
    tests = [
        ("open", "assert 1"),
        ("beside", hidden.format("assert 2")),
        ("apart", hidden.format("")),
        ("all", hidden[3:]),
    ]
    cells = source_of(*(assertion_cell(source, grade_id) for grade_id, source in tests)).code

    places = {grade_id: TestPlace(protected=grade_id == "apart") for grade_id, _ in tests}

    assert hidden_beside(Placement(places), cells) == ["beside", "all"]


def test_a_placement_comes_back_from_json_as_it_was():
    place = TestPlace(
        True, ["f"], {"np": ("numpy", ""), "root": ("math", "sqrt")}, ["getattr"], [0, 2], ["y"], ["assert 0"]
    )
    first = Placement({"t": place, "u": TestPlace(protected=False)}, ["t"], guarded=False)

    again = read_placement(json.loads(json.dumps(first.as_json())))

    assert again.as_json()["tests"] == json.loads(json.dumps(first.as_json()))["tests"]
    assert [again.tests[name].setting() for name in "tu"] == [first.tests[name].setting() for name in "tu"]
    assert (list(again.also_beside), again.guarded, again.splits) == (["t"], False, True)


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_a_placement_of_another_version_is_refused(version):
    written = {**Placement({}).as_json(), "version": version}

    with pytest.raises(SourceUnusable, match="check it again"):
        read_placement(written)


def test_a_placement_without_a_version_is_refused():
    with pytest.raises(SourceUnusable, match="check it again"):
        read_placement({"tests": {}, "also_beside": [], "guarded": True})


FIGURE = "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1, 2]);"


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("solution", "test", "protected"),
    [
        (DOUBLE, "assert double(2) == 4", True),
        ("import numpy as np\ndef f(n): return np.arange(n)", "assert f(3).sum() == 3", True),
        ("import pandas as pd\nd = pd.DataFrame({'a': [1]})", "assert d.shape == (1, 1) and list(d.a) == [1]", True),
        ("def f(x): raise ValueError('no')", "try: f(1)\nexcept ValueError: pass\nelse: assert False", True),
        ("def numbers(n): yield from range(n)", "assert list(numbers(3)) == [0, 1, 2]", True),
        (STACK, "s = Stack()\ns.push(1)\nassert s.size() == 1 and s.items == [1]", True),
        ("x = 1", "assert x == 1 and type(x) is int", True),
        (STACK, "assert Stack() == []", False),
        (STACK, "assert isinstance(Stack(), Stack)", False),
        (STACK, "class More(Stack): pass\nassert More().size() == 0", False),
        ("def numbers(n): yield 1", "import types\nassert isinstance(numbers(3), types.GeneratorType)", False),
        (DOUBLE, "import inspect\nassert '2 *' in inspect.getsource(double)", False),
        (DOUBLE, "assert double.__code__.co_argcount == 1", False),
        (FIGURE, "import matplotlib.figure\nassert isinstance(figure, matplotlib.figure.Figure)", False),
        ("x = 1", "assert 'x' in globals() and get_ipython().user_ns['x'] == 1", False),
        (DOUBLE, "assert double(2) == 5", False),
    ],
)
def test_a_test_is_protected_if_the_reference_passes_it_from_another_room(solution, test, protected):
    assert rehearsed_place(answer(solution), test=test).protected is protected


@pytest.mark.sandbox
def test_tests_apart_may_do_what_the_reference_needed_and_nothing_else():
    place = rehearsed_place(answer(f"{DOUBLE}\n{STACK}"), test="s = Stack()\ns.push(1)\nassert s.size() == double(.5)")

    assert set(place.allowed) == {"object", "getattr"}
    assert rehearsed_place(answer(DOUBLE), test="assert double(2) == 4").allowed == []


@pytest.mark.sandbox
def test_tests_beside_keep_the_changed_copies_that_the_reference_fails():
    found = rehearsed(answer(STACK), assertion_cell("assert isinstance(Stack(), Stack) and Stack.kind == 'list'", "t"))

    place = found.placement.tests["t"]
    assert place.controls == found.trail.learnt["t"]
    assert [copy.partition(" ")[2] for copy in place.controls] == [
        "not (isinstance(Stack(), Stack) and Stack.kind == 'list')",
        "isinstance(Stack(), Stack) and Stack.kind == 'list~'",
    ]
    assert (place.wanted, place.given, place.allowed) == ((), (), ())


@pytest.mark.sandbox
def test_a_test_that_its_own_reference_fails_has_nothing_that_must_fail():
    found = rehearsed(answer(DOUBLE), assertion_cell("assert double(2) == 5", "t"))

    assert found.placement.tests["t"] == TestPlace(protected=False, controls=[])
    assert found.trail.ran[-1][1].raised == "AssertionError"


@pytest.mark.sandbox
def test_a_name_the_reference_changes_is_the_students_from_then_on():
    test = "assert sum(values) > 0"
    before, after = assertion_cell(test, "before"), [assertion_cell(test, "after"), assertion_cell(test, "later")]
    cells = [locked("values = [1]"), before, answer("values.append(2)"), *after]

    found = rehearsed(*cells)

    assert {g: (p.protected, p.wanted, p.own) for g, p in found.placement.tests.items()} == {
        "before": (True, [], ()),
        "after": (True, ["values"], ()),
        "later": (True, ["values"], ()),
    }
    emptied = [cells[0], before, answer("values.clear()"), *after]
    assert what_tests_raise(found, *emptied) == {"before": "", "after": "AssertionError", "later": "AssertionError"}


@pytest.mark.sandbox
def test_what_only_the_instructor_bound_is_out_of_the_students_reach():
    cells = [code("key = {'a': 1}"), answer(DOUBLE), assertion_cell("assert double(key['a']) == 2", "t")]

    found = rehearsed(*cells)

    assert (found.placement.tests["t"].wanted, found.placement.tests["t"].given) == (["double"], [0])
    cheat = [cells[0], answer("key['a'] = 2\ndef double(x): return x"), cells[2]]
    assert what_tests_raise(found, *cheat) == {"t": "AssertionError"}


@pytest.mark.sandbox
def test_cells_that_need_a_tests_names_find_them_in_the_rehearsal():
    found = rehearsed(
        answer(DOUBLE), assertion_cell("four = double(2)\nassert four == 4", "t"), code("five = four + 1")
    )

    assert found.placement.also_beside == ["t"]
    assert found.placement.tests["t"].protected
    assert [result.raised for _, result in found.trail.ran] == ["", "", ""]


@pytest.mark.sandbox
def test_a_rehearsal_that_meets_a_limit_says_where():
    source = source_of(answer(DOUBLE), answer("while True: pass", "endless"), assertion_cell("assert 1", "t"))

    found = rehearse_source(source, Conditions(Limits(wall=60, cell=1)))

    assert (found.trail.stopped_at, found.placement.tests["t"].allowed) == ("endless", [])
