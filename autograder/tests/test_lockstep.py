"""Two rooms in step, for real: what students' cells and tests see of each other, and how a run ends."""

import json
from dataclasses import replace

import pytest

from autograder.grade import read_source
from autograder.lockstep import run_plan
from autograder.nbgrader import Role
from autograder.notebook import write_notebook
from autograder.placement import Placement, TestPlace
from autograder.report import Verdict
from autograder.restore import restored_plan
from autograder.sandbox.launcher import nursery
from autograder.sandbox.limits import MIB, Limits
from autograder.sandbox.supervisor import Setting
from tests.factories import answer, assertion_cell, code, notebook, text

pytestmark = pytest.mark.sandbox
LIMITS = Limits(wall=60, cell=20, output=MIB)
QUICK = replace(LIMITS, cell=1)
ANYTHING = ("anything",)
BESIDE = TestPlace(protected=False)
DOUBLE = "def double(x):\n    return 2 * x"


def apart(*wanted, allowed=ANYTHING, **fields):
    """A protected test that takes these names from the student."""
    return TestPlace(True, wanted, allowed=allowed, **fields)


def ran(*cells, limits=LIMITS, libraries=(), try_copies=False, placed=None, **places):
    """The trail of a notebook handed in as it is; `places` by the ids of its tests, or a whole placement."""
    raw = write_notebook(notebook(*cells))
    source = read_source(raw)
    plan = restored_plan(source.cells, notebook(*cells))
    setting = Setting(limits, zygote=nursery.zygote(libraries))
    made = placed or Placement(places)
    return run_plan(plan, [cell.source for cell in source.code], made, setting, try_copies=try_copies)


def result_of(trail, grade_id):
    return next(result for step, result in trail.ran if step.graded and step.graded.grade_id == grade_id)


def raised(trail):
    """What each test raised, by its id."""
    tests = [(step.graded, result) for step, result in trail.ran if step.graded and step.graded.role is Role.TESTS]
    return {cell.grade_id: result.raised for cell, result in tests}


def error_of(trail, grade_id):
    """Name and text of a test's error, as its score will say it."""
    (error,) = [o for o in result_of(trail, grade_id).outputs if o["output_type"] == "error"]
    return error["ename"], error["evalue"]


def printed(result):
    return "".join(o["text"] for o in result.outputs if o["output_type"] == "stream")


def one_test(solution, source, place, **settings):
    """What a single test raised on a solution."""
    return ran(answer(solution), assertion_cell(source, "t"), t=place, **settings)


def test_cells_run_in_order_and_share_one_state_that_tests_see_at_their_own_place():
    trail = ran(
        code("log = ['a']"),
        text("Append."),
        answer("log.append('b')"),
        assertion_cell("assert log == ['a', 'b']", "early"),
        code("  \n"),
        code("log.append('c')"),
        assertion_cell("assert log == ['a', 'b', 'c']", "late"),
        early=apart("log"),
        late=apart("log"),
    )

    assert [step.source for step, _ in trail.ran] == [
        "log = ['a']",
        "log.append('b')",
        "assert log == ['a', 'b']",
        "log.append('c')",
        "assert log == ['a', 'b', 'c']",
    ]
    assert raised(trail) == {"early": "", "late": ""}
    assert (trail.stopped, trail.stopped_at, trail.flags) == (None, "", [])


LOOK = """
import sys
seen = []
def look():
    frame, found = sys._getframe(), [repr(In), repr(globals())]
    while frame:
        found.append(repr(frame.f_code.co_consts) + repr(frame.f_locals))
        frame = frame.f_back
    return any("marzi" + "pan" in text for text in found)
def double(x):
    seen.append(look())
    return 2 * x
"""
SECRET = "word = 'almond'\n### BEGIN HIDDEN TESTS\nassert double(1) == 2, 'marzipan'\n### END HIDDEN TESTS"


@pytest.mark.parametrize(("place", "visible"), [(apart("double"), False), (BESIDE, True)])
def test_hidden_tests_are_nowhere_the_students_code_can_look(place, visible):
    trail = ran(answer(LOOK), assertion_cell(SECRET, "t"), code("print(seen, look())"), t=place)

    assert raised(trail) == {"t": ""}
    assert printed(trail.ran[-1][1]).strip() == f"[{visible}] {visible}"


def test_of_a_test_that_later_cells_build_on_only_the_visible_text_runs_beside():
    cells = (answer(LOOK), assertion_cell(SECRET, "t"), code("print(word, look())"))

    without = ran(*cells, t=apart("double"))
    beside = ran(*cells, placed=Placement({"t": apart("double")}, also_beside=["t"]))

    assert without.ran[-1][1].raised == "NameError"
    assert raised(beside) == {"t": ""}
    assert printed(beside.ran[-1][1]).strip() == "almond False"
    assert beside.ran[-1][1].raised == ""


def test_what_students_functions_print_under_a_test_is_dropped_and_the_tests_own_words_are_kept():
    solution = (
        "import os\ndef double(x):\n    print('got', x)\n    os.system('echo below')\n    return 2 * x\nprint('cell')"
    )

    cells = (answer(solution), assertion_cell("print('tested', double(2))", "t"), code("print('end')"))

    trail = ran(*cells, t=apart("double"))

    assert [printed(result) for _, result in trail.ran] == ["cell\n", "tested 4\n", "end\n"]


def test_a_test_that_a_submission_broke_says_only_that():
    solution = "class Lie:\n    def __eq__(self, other): return True\ndef double(x): return Lie()"

    trail = one_test(solution, "print('before')\nvalue = double(2)\nprint('after')", apart("double", allowed=()))

    assert result_of(trail, "t").raised == "SubmissionError"
    assert [output["output_type"] for output in result_of(trail, "t").outputs] == ["error"]
    assert error_of(trail, "t")[1] == "The submission's value cannot be used like this here (object)."


FOREVER = "while True: pass"
MUCH = "print('x' * 2_000_000)"
LEAVE = "import os; os._exit(3)"
LEAVE_BY_AND_BY = """def f():
    import contextlib, os, time
    for link in range(63, 2, -1):
        with contextlib.suppress(OSError):
            os.close(link), time.sleep(0.02)
    os._exit(3)"""


@pytest.mark.parametrize(
    ("cells", "place", "verdict", "where"),
    [
        ([code("x = 1"), code(FOREVER)], BESIDE, Verdict.TIMED_OUT, "cell 2"),
        ([answer(FOREVER)], BESIDE, Verdict.TIMED_OUT, "double"),
        ([assertion_cell(FOREVER, "t")], BESIDE, Verdict.TIMED_OUT, "t"),
        ([assertion_cell(FOREVER, "t")], apart(), Verdict.TIMED_OUT, "t"),
        ([answer(f"def f():\n    {FOREVER}"), assertion_cell("f()", "t")], apart("f"), Verdict.TIMED_OUT, "t"),
        ([answer(MUCH)], BESIDE, Verdict.TOO_MUCH_OUTPUT, "double"),
        ([assertion_cell(MUCH, "t")], apart(), Verdict.TOO_MUCH_OUTPUT, "t"),
        ([answer(LEAVE)], BESIDE, Verdict.CRASHED, "double"),
        ([assertion_cell(LEAVE, "t")], apart(), Verdict.CRASHED, "t"),
        ([answer(f"def f(): {LEAVE}"), assertion_cell("f()", "t")], apart("f"), Verdict.CRASHED, "t"),
        ([answer(LEAVE_BY_AND_BY), assertion_cell("f()", "t")], apart("f"), Verdict.CRASHED, "t"),
    ],
)
def test_a_limit_ends_the_run_at_the_cell_that_met_it(cells, place, verdict, where):
    tail = [code("print('never')"), assertion_cell("assert True", "after")]
    before = code("print('before')", grade_id="setup", locked=True)
    limits = QUICK if verdict is Verdict.TIMED_OUT else LIMITS

    trail = ran(text("Title"), before, *cells, *tail, limits=limits, t=place, after=apart())

    wanted = "cell 4" if where == "cell 2" else where  # behind the title and the locked cell
    assert (trail.stopped.verdict, trail.stopped_at) == (verdict, wanted)
    assert not trail.stopped.killed
    assert printed(trail.ran[0][1]) == "before\n"
    assert len(trail.ran) == len(cells)


@pytest.mark.parametrize("source", ["{}", "def f(): {}\nf()"])
def test_a_kernel_that_was_killed_is_told_apart_from_one_that_left(source):
    trail = ran(
        answer(source.format("import os; os.kill(os.getpid(), 9)")), assertion_cell("assert True", "t"), t=apart()
    )

    assert (trail.stopped.verdict, trail.stopped.killed, trail.stopped_at) == (Verdict.CRASHED, True, "double")
    assert trail.ran == []


def test_memory_a_students_function_asks_for_fails_its_test_and_not_the_run():
    cells = (answer("def take(): return len(bytearray(900_000_000))"), assertion_cell("take()", "t"))

    trail = ran(*cells, code("1"), limits=replace(LIMITS, memory=400 * MIB), t=apart("take"))

    assert raised(trail) == {"t": "MemoryError"}
    assert trail.stopped is None


STRIP = """
import ast
class Strip(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
get_ipython().ast_transformers.append(Strip())
def double(x): return 0
"""
REWRITE = """
get_ipython().transform_cell = lambda source, *_, **__: source.replace("assert", "pass; 0,")
def double(x): return 0
"""
FOR_A_WHILE = """
first = []
def rewrite(source, *_, **__):
    if "assert" in source and source not in first:
        first.append(source)
    return source.replace("assert", "pass; 0,") if source in first[:2] else source
get_ipython().transform_cell = rewrite
def double(x): return 0
"""


@pytest.mark.parametrize("cheat", [STRIP, REWRITE, FOR_A_WHILE])
def test_canaries_catch_code_that_makes_every_assertion_pass(cheat):
    cells = (answer(cheat), assertion_cell("assert double(2) == 4", "t"))

    beside, protected = ran(*cells, t=BESIDE), ran(*cells, t=apart("double"))
    unguarded = ran(*cells, placed=Placement({"t": BESIDE}, guarded=False))

    assert (raised(beside), beside.tampered) == ({"t": ""}, {"t"})
    assert [(flag.kind, flag.grade_id) for flag in beside.flags] == [("tampered", "t")]
    assert (raised(protected), protected.tampered) == ({"t": "AssertionError"}, set())
    assert (raised(unguarded), unguarded.tampered, unguarded.flags) == ({"t": ""}, set(), [])


@pytest.mark.parametrize(
    ("solution", "fell", "tampered"),
    [
        ("class Four:\n    value = 4", "", set()),
        ("class Four:\n    value = 5", "AssertionError", set()),
        ("class Liar:\n    def __eq__(self, other): return True\nclass Four:\n    value = Liar()", "", {"t"}),
        ("pass", "NameError", set()),
    ],
)
def test_changed_copies_catch_a_value_that_equals_everything(solution, fell, tampered):
    place = replace(BESIDE, controls=["assert Four.value == 5 and isinstance(Four(), Four)"])

    trail = one_test(solution, "assert Four.value == 4 and isinstance(Four(), Four)", place)

    assert (raised(trail), trail.tampered) == ({"t": fell}, tampered)


def test_only_the_test_itself_speaks_and_not_its_controls():
    controls = ["print('copy')\nassert double(2) == 5", "print('other')\nassert not double(2) == 4"]

    trail = one_test(DOUBLE, "print('test')\nassert double(2) == 4", replace(BESIDE, controls=controls))

    assert printed(result_of(trail, "t")) == "test\n"
    assert (len(trail.ran), trail.tampered) == (2, set())


@pytest.mark.parametrize("place", [BESIDE, apart("double", "seen")])
@pytest.mark.parametrize(
    ("source", "learnt"),
    [
        ("assert double(2) == 4", ["assert not double(2) == 4", "assert double(2) == 7931"]),
        ("assert double(2) != 3", ["assert not double(2) != 3"]),
        ("assert double(2) < 9", ["assert not double(2) < 9"]),
        ("print(double(2))", []),
    ],
)
def test_of_the_changed_copies_those_that_fail_are_learnt(source, learnt, place):
    trail = one_test(f"seen = []\n{DOUBLE}", source, place, try_copies=True)

    assert trail.learnt == {"t": learnt}


def test_nothing_is_learnt_from_a_test_apart_that_fails():
    trail = one_test(DOUBLE, "assert double(2) == 5", apart("double"), try_copies=True)

    assert (raised(trail), trail.learnt) == ({"t": "AssertionError"}, {})


def test_a_test_that_cannot_run_twice_beside_gets_no_copies():
    source = "seen.append(1)\nassert seen == [1]"

    trail = one_test("seen = []", source, BESIDE, try_copies=True)

    assert (raised(trail), trail.learnt) == ({"t": ""}, {"t": []})


@pytest.mark.parametrize(
    ("solution", "source"),
    [
        ("def f(items): items.append(9)", "a = [1]\nf(a)\nassert a == [1, 9]"),
        ("def f(items): items.sort(); return items", "a = b = [2, 1]\nf(items=a)\nassert b == [1, 2]"),
        ("def f(items): items['n'] = {1}", "a = {}\nf(a)\nassert a == {'n': {1}}"),
        ("def f(items): items = items + [9]", "a = [1]\nf(a)\nassert a == [1]"),
        (
            "import numpy as np\ndef f(x): x *= 2",
            "import numpy as np\na = np.ones(2)\nf(a)\nassert a.tolist() == [2, 2]",
        ),
        ("import numpy as np\ndef f(x): return x.T @ x", "import numpy as np\nassert f(np.eye(2)).dtype == np.float64"),
        (
            "def f(frame): frame['b'] = frame.a * 2",
            "import pandas as pd\na = pd.DataFrame({'a': [1, 2]})\nf(a)\nassert a.b.tolist() == [2, 4]",
        ),
        (
            "def f(frame): return frame.groupby('k').v.sum()",
            "import pandas as pd\na = pd.DataFrame({'k': list('aab'), 'v': [1, 2, 3]})\nassert dict(f(a)) == {'a': 3, 'b': 3}",
        ),
        ("def f(g, x): return g(g(x))", "assert f(lambda x: x + 1, 1) == 3"),
    ],
)
def test_arguments_and_results_cross_as_if_there_were_one_room(solution, source):
    assert raised(one_test(solution, source, apart("f"), libraries=("numpy",))) == {"t": ""}


@pytest.mark.parametrize(
    ("body", "name", "said"),
    [
        ("raise ValueError('too small')", "ValueError", "too small"),
        ("return 1 / 0", "ZeroDivisionError", "division by zero"),
        ("raise NotImplementedError()", "NotImplementedError", ""),
        ("class Odd(KeyError): pass\n    raise Odd('mine')", "KeyError", "\"Odd: 'mine'\""),
        ("return [].pop()", "IndexError", "pop from empty list"),
        ("return f(x)", "RecursionError", "maximum recursion depth exceeded"),
    ],
)
def test_what_a_students_function_raises_is_the_tests_error(body, name, said):
    trail = one_test(f"def f(x):\n    {body}", "assert f(1) == 1", apart("f"))

    assert error_of(trail, "t") == (name, said)


def test_an_error_a_test_expects_passes_it():
    source = "try:\n    f(-1)\nexcept ValueError as error:\n    assert 'small' in str(error)\nelse:\n    assert False, 'none'"

    assert raised(one_test("def f(x): raise ValueError('too small')", source, apart("f"))) == {"t": ""}
    assert raised(one_test("def f(x): return x", source, apart("f"))) == {"t": "AssertionError"}


def test_a_missing_name_fails_the_tests_that_need_it_and_no_other():
    cells = (answer(DOUBLE), *(assertion_cell(f"assert {f}(2) == 4", f"t_{f}") for f in ("triple", "double")))

    trail = ran(*cells, t_triple=apart("triple"), t_double=apart("double"))

    assert error_of(trail, "t_triple") == ("NameError", "name 'triple' is not defined")
    assert raised(trail) == {"t_triple": "NameError", "t_double": ""}


def test_a_name_the_student_took_away_is_gone_for_the_next_test():
    tests = [assertion_cell("assert x == 1", "before"), code("del x"), assertion_cell("assert x == 1", "after")]

    trail = ran(answer("x = 1"), *tests, before=apart("x"), after=apart("x"))

    assert raised(trail) == {"before": "", "after": "NameError"}


def test_tests_build_on_the_instructors_own_cells_run_once_and_not_on_the_students_version():
    cells = (
        code("calls = []\ndef check(x): calls.append(x); return x == 4", grade_id="setup", locked=True),
        answer(f"check = lambda x: True\n{DOUBLE}"),
        assertion_cell("assert check(double(2))", "right"),
        assertion_cell("assert not check(double(3))\nassert calls == [4, 6]", "wrong"),
    )

    trail = ran(*cells, right=apart("double", given=[0]), wrong=apart("double", given=[0]))

    assert raised(trail) == {"right": "", "wrong": ""}


def test_names_of_libraries_are_taken_from_libraries():
    solution = "import math\nmath.sqrt = lambda x: 2\ndef root(x): return math.sqrt(x)"
    place = apart("root", imports={"sqrt": ("math", "sqrt"), "m": ("math", "")})

    assert raised(one_test(solution, "assert root(9) == sqrt(9) == m.sqrt(9)", place)) == {"t": "AssertionError"}
    assert raised(one_test("root = lambda x: x ** .5", "assert root(9) == sqrt(9) == m.sqrt(9)", place)) == {"t": ""}


def test_unguarded_tests_run_where_the_student_is_once_each_and_alone():
    source = "seen.append('t')\nassert In[-2].startswith('seen')"

    trail = ran(
        answer("seen = []"), assertion_cell(source, "t"), code("seen"), placed=Placement({"t": BESIDE}, guarded=False)
    )

    assert raised(trail) == {"t": ""}
    assert json.dumps(trail.ran[-1][1].outputs[0]["data"]) == json.dumps({"text/plain": "['t']"})
