"""nbgrader's generated tests: `### AUTOTEST f(3); g` and `### HASHED AUTOTEST f(3)` become asserts.

What an expression is worth is found by running the instructor's notebook, solutions inside, behind the walls. Rules:
nbgrader 0.9.6, `preprocessors/instantiatetests.py` with the templates of its user guide.
"""

import ast
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.nbgrader import Role, role_of
from autograder.notebook import Cell, Notebook
from autograder.report import SourceUnusable
from autograder.sandbox.supervisor import CellResult, Sandbox, Setting, Stopped, open_sandbox

MARK, HASHED = "AUTOTEST", "HASHED"
SETUP = "from hashlib import sha1"
SUCCESS = "print('Success!')"
TYPE = ("type({})", "the type of {} is not correct")
LENGTH = ("len({})", "the length of {} is not correct")
VALUE = ("{}", "the value of {} is not correct")
MEMBERS = ("sorted(map(str, {}))", "the members of {} are not correct")
ORDER = ("{}", "the members of {} are correct, but not in this order")
CHECKS = {
    "float": (TYPE, ("round({}, 2)", "the value of {} is not correct (rounded to 2 decimal places)")),
    "set": (TYPE, LENGTH, VALUE),
    "list": (TYPE, LENGTH, MEMBERS, ORDER),
    "tuple": (TYPE, LENGTH, MEMBERS, ORDER),
    "str": (
        TYPE,
        LENGTH,
        ("{}.lower()", "the text of {} is not correct"),
        ("{}", "the text of {} is correct, but not its upper and lower case"),
    ),
    "dict": (
        TYPE,
        ("len(list({}.keys()))", "the number of keys of {} is not correct"),
        ("sorted(map(str, {}.keys()))", "the keys of {} are not correct"),
        ("sorted(map(str, {}.values()))", "the keys of {} are correct, but not its values"),
        ("{}", "keys and values of {} are correct, but do not belong together so"),
    ),
}
OTHER = (TYPE, VALUE)


@dataclass(frozen=True)
class Marked:
    """One line of a test cell that asks for tests of these expressions."""

    indent: str
    hashed: bool
    snippets: Sequence[str]


def has_autotests(notebook: Notebook) -> bool:
    """Whether any code cell asks for generated tests."""
    return any(_marked(line) for cell in notebook["cells"] if cell["cell_type"] == "code" for line in _lines(cell))


def instantiated(notebook: Notebook, setting: Setting) -> Notebook:
    """The notebook with its tests written out. Raises SourceUnusable where the reference gives no value; RunnerError."""
    with open_sandbox(limits=setting.limits, assets=setting.assets, zygote=setting.zygote, seed=setting.seed) as room:
        cells = [_instantiated(number, cell, room) for number, cell in enumerate(notebook["cells"], start=1)]
    return {**notebook, "cells": cells}


def _lines(cell: Cell) -> list[str]:
    lines: list[str] = cell["source"].split("\n")
    return lines


def _marked(line: str) -> Marked | None:
    before, mark, after = line.partition(MARK)
    if not mark or not line.lstrip().startswith("#"):
        return None
    snippets = [snippet for part in after.split(";") if (snippet := part.strip())]
    return Marked(line[: len(line) - len(line.lstrip())], HASHED in before, snippets)


def _instantiated(number: int, cell: Cell, room: Sandbox) -> Cell:
    if cell["cell_type"] != "code":
        return cell
    if not any(_marked(line) for line in _lines(cell)):
        _run(number, room, cell["source"])
        return cell
    if role_of(cell) is not Role.TESTS:
        raise SourceUnusable(f"Cell {number} asks for generated tests but is not an “Autograder tests” cell.")
    lines = [*_written_out(number, cell, room), SUCCESS]
    return {**cell, "source": "\n".join(lines)}


def _written_out(number: int, cell: Cell, room: Sandbox) -> Iterator[str]:
    salt = int(hashlib.sha256(f"{cell['source']}{number}".encode()).hexdigest(), 16) % 10**6
    waiting: list[str] = []
    ready = False
    for line in _lines(cell):
        if (marked := _marked(line)) is None:
            waiting.append(line)
            yield line
            continue
        _run(number, room, "\n".join([*waiting, "" if ready else SETUP]))
        if not ready:
            yield marked.indent + SETUP
        waiting, ready = [], True
        for snippet in marked.snippets:
            salt += 1
            for test in _tests(number, room, snippet, f"{salt:x}" if marked.hashed else ""):
                yield marked.indent + test
        yield ""


def _tests(number: int, room: Sandbox, snippet: str, salt: str) -> Iterator[str]:
    kind = _value(number, room, f"type({snippet}).__name__")
    for template, failure in CHECKS.get(kind, OTHER):
        shown = f"str({template.format(snippet)})"
        if salt:
            shown = f'sha1({shown}.encode("utf-8")+b"{salt}").hexdigest()'
        yield f"assert {shown} == {_value(number, room, shown)!r}, {failure.format(snippet)!r}"


def _value(number: int, room: Sandbox, expression: str) -> str:
    """A text that the kernel shows for an expression."""
    result = _run(number, room, expression)
    shown = next((o["data"]["text/plain"] for o in result.outputs if o["output_type"] == "execute_result"), None)
    try:
        return str(ast.literal_eval(str(shown)))
    except (ValueError, SyntaxError) as error:
        raise SourceUnusable(f"Cell {number}: the expression {expression} has no value to test.") from error


def _run(number: int, room: Sandbox, source: str) -> CellResult:
    try:
        result = room.run_cell(source)
    except Stopped as stop:
        raise SourceUnusable(f"Cell {number} did not run to its end: {stop.message}") from stop
    if result.raised:
        raise SourceUnusable(f"Cell {number} raises {result.raised}, so no tests can be generated from it.")
    return result
