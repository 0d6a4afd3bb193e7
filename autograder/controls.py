"""What surrounds a test that has to run beside the student's code: canaries and copies with changed expectations.

A canary must fail with a text that nobody could know; a changed copy must fail because the original expects the
opposite or something else. Code that makes tests pass makes these pass too, and is found out.
"""

import ast
import re
import secrets
from contextlib import suppress
from typing import Any

from autograder.names import parsed

MEASURES = frozenset({
    "abs", "all", "allclose", "any", "approx", "array", "array_equal", "asarray", "dict", "float", "int", "isclose", "len",
    "list", "max", "min", "round", "set", "sorted", "str", "sum", "tensor", "tuple",
})  # fmt: skip
"""Functions that only look at a value: a constant handed to one is part of an expectation."""
CLOSE = frozenset({"allclose", "array_equal", "equal", "isclose"})
EQUALITY = re.compile(r"(?i)assert_?(?!.*not)(?:\w*equals?|\w*allclose|shows)|eq_")
"""Names of functions that raise unless two values are equal: unittest's, numpy's, pandas', torch's and nose's."""
FAR = 7919


def canary() -> tuple[str, str]:
    """A cell that must raise AssertionError with the text that comes with it."""
    text = secrets.token_hex(12)
    return f"assert 1 == 2, {text!r}", text


def changed_copies(source: str) -> list[str]:
    """Copies of a test that expect something else, on the same inputs. None for what has no expectation to change."""
    copies: list[str] = []
    with suppress(RecursionError):  # of an expression nested a thousand deep
        for change in (_TurnAsserts, _MoveExpectations):
            tree = parsed(source)
            if tree is None:
                return []
            changer = change()
            text = ast.unparse(ast.fix_missing_locations(changer.visit(tree)))
            if changer.changed:
                copies.append(text)
    return copies


def gives_part(source: str) -> bool:
    """Whether the cell ends in an expression that can be a part of its points."""
    tree = parsed(source)
    last = tree.body[-1] if tree and tree.body else None
    return (isinstance(last, ast.Expr) and not isinstance(last.value, ast.Constant | ast.Call)) or (
        isinstance(last, ast.Expr) and isinstance(last.value, ast.Call) and _called(last.value.func) in MEASURES
    )


class _Change(ast.NodeTransformer):
    changed = False


class _TurnAsserts(_Change):
    """`assert x` becomes `assert not x`."""

    def visit_Assert(self, node: ast.Assert) -> Any:
        self.changed = True
        return ast.Assert(ast.UnaryOp(ast.Not(), node.test), node.msg)


class _MoveExpectations(_Change):
    """One side of each plain equality becomes another value; a function's input does not.

    Nothing else moves: what equals 4 cannot equal 7923, but what is at least 2, or one of 2 and 3, may well be more.
    """

    def visit_Assert(self, node: ast.Assert) -> Any:
        self._move(node.test)
        return node

    def _move(self, test: ast.expr) -> None:
        if isinstance(test, ast.Compare) and [type(each) for each in test.ops] == [ast.Eq]:
            test.comparators[0], test.left = self._one_moved(test.comparators[0], test.left)
        elif isinstance(test, ast.Call) and _called(test.func) in CLOSE:
            self._move_arguments(test)
        elif isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            for part in test.values:
                self._move(part)

    def visit_Call(self, node: ast.Call) -> Any:
        if not EQUALITY.fullmatch(_called(node.func)):
            return self.generic_visit(node)
        self._move_arguments(node)
        return node

    def _move_arguments(self, call: ast.Call) -> None:
        """The second of what is compared, or else the first. A tolerance stays."""
        if len(call.args) >= 2:  # noqa: PLR2004  two values are compared
            call.args[1], call.args[0] = self._one_moved(call.args[1], call.args[0])

    def _one_moved(self, part: ast.expr, other: ast.expr) -> tuple[ast.expr, ast.expr]:
        inner = _MoveConstants()
        found: ast.expr = inner.visit(part)
        if not inner.changed:
            other = inner.visit(other)
        self.changed = self.changed or inner.changed
        return found, other


class _MoveConstants(_Change):
    """Every number, text and truth value becomes another, except what is handed to a function that may be a student's."""

    def visit_Call(self, node: ast.Call) -> Any:
        return self.generic_visit(node) if _called(node.func) in MEASURES else node

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        node.value = self.visit(node.value)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> Any:
        return node

    def visit_Constant(self, node: ast.Constant) -> Any:
        moved = _another(node.value)
        self.changed = self.changed or moved is not None
        return node if moved is None else ast.Constant(moved)


def _another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float | complex):
        return 3 * value + FAR
    return value + "~" if isinstance(value, str) else None


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
