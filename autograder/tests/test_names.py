"""What a cell binds, uses and imports, and how a test's expectations are changed."""

import pytest

from autograder.controls import canary, changed_copies, gives_part
from autograder.names import names_of


@pytest.mark.parametrize(
    ("source", "binds", "uses"),
    [
        ("x = 1", "x", ""),
        ("x = y + 1", "x", "y"),
        ("x += 1", "x", ""),
        ("a, (b, *c) = f()", "a b c", "f"),
        ("def f(a, b=c):\n    d = a\n    return d + e", "f", "c e"),
        ("def f():\n    global g\n    g = h", "f", "h"),
        ("async def f(): await g()", "f", "g"),
        ("class A(B):\n    n = 1\n    def m(self): return n2", "A", "B n2"),
        ("f = lambda q: q + r", "f", "r"),
        ("[i * k for i in items]", "", "items k"),
        ("{a: b for a, b in pairs}", "", "pairs"),
        ("for i in range(n): total = i", "i total", "n i"),
        ("with open(p) as handle: pass", "handle", "p"),
        ("try:\n    f()\nexcept ValueError as e:\n    print(e)", "e", "f e"),
        ("import numpy as np", "np", ""),
        ("import os.path", "os", ""),
        ("from math import sqrt, pi as p", "sqrt p", ""),
        ("(n := 3)", "n", ""),
        ("print(len(x))", "", "x"),
        ("%matplotlib inline\nx = y", "x", "y"),
        ("!ls\nx = y", "x", "y"),
        ("files = !ls\nx = files", "files x", "files"),
        ("x?\ny = z", "y", "z"),
        ("@wrap\ndef f(): pass", "f", "wrap"),
        ("def f():\n    import os\n    return os", "f", ""),
        ("x[0] = y", "", "x y"),
        ("x.a = y", "", "x y"),
        ("match v:\n    case 1: w = 2", "w", "v"),
    ],
)
def test_names_of_a_cell(source, binds, uses):
    found = names_of(source)

    assert found.binds == frozenset(binds.split())
    assert found.uses == frozenset(uses.split())


def test_imports_say_from_where():
    found = names_of("import numpy as np, os.path\nfrom math import sqrt as root\nfrom . import x\nfrom y import *")

    assert found.imports == {"np": ("numpy", ""), "os": ("os", ""), "root": ("math", "sqrt")}


@pytest.mark.parametrize("source", ["%%bash\nls", "def broken(:", "x = \x00", "(" * 500, "  %%time\nx = 1"])
def test_what_is_no_python_binds_nothing(source):
    found = names_of(source)

    assert not found.is_python
    assert not found.binds | found.uses


@pytest.mark.parametrize(
    ("source", "copies"),
    [
        ("assert f(2) == 4", ["assert not f(2) == 4", "assert f(2) == 7931"]),
        ("assert f('a') == 'b', 'no'", ["assert not f('a') == 'b', 'no'", "assert f('a') == 'b~', 'no'"]),
        ("assert abs(f(2) - 4) < 1e-6", ["assert not abs(f(2) - 4) < 1e-06"]),
        ("assert f(2)", ["assert not f(2)"]),
        ("self.assertEqual(f(2), 4)", ["self.assertEqual(f(2), 7931)"]),
        ("np.testing.assert_allclose(f(2), [1, 2])", ["np.testing.assert_allclose(f(2), [7922, 7925])"]),
        ("assert f(x)[0] == True", ["assert not f(x)[0] == True", "assert f(x)[0] == False"]),
        ("assert np.allclose(f(2), 4)", ["assert not np.allclose(f(2), 4)", "assert np.allclose(f(2), 7931)"]),
        ("f(2)", []),
        ("print('x')", []),
        ("%%bash\nassert", []),
    ],
)
def test_changed_copies_expect_something_else_on_the_same_inputs(source, copies):
    assert changed_copies(source) == copies


def test_a_canary_fails_with_a_text_of_its_own():
    one, other = canary(), canary()

    assert one != other
    with pytest.raises(AssertionError, match=one[1]):
        exec(one[0])  # noqa: S102  our own text


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("score = 1\nscore", True), ("sum(right)", True), ("a + b", True), ("assert f() == 1", False), ("True", False),
        ("check(f)", False), ("", False), ("def broken(:", False),
    ],
)  # fmt: skip
def test_cells_that_give_part_of_their_points(source, part):
    assert gives_part(source) is part
