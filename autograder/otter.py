"""Otter-Grader's notebooks, brought to the form in which everything else here is graded.

Formats: otter-grader 7.0.0, tests in the notebook's metadata or in `tests/*.py` beside it, as doctests ("OK format")
or as functions marked `test_case`. Each question becomes a test cell at the place of its `grader.check`; its answers
are the cells tagged `otter_answer_cell` or marked with `SOLUTION`. `kernel/standins.py` answers for otter inside.
"""

import ast
import dis
import doctest
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from autograder.names import names_of
from autograder.nbgrader import MOST_POINTS, SCHEMA, VALID_ID, block_of
from autograder.notebook import MAX_BYTES, Cell, Notebook, read_notebook
from autograder.report import NotebookUnreadable, SourceUnusable

CHECK = re.compile(r"""^\s*grader\.check\(\s*["']([\w-]+)["']\s*\)\s*;?\s*$""", re.MULTILINE)
ANSWER_TAG, IGNORE_TAG = "otter_answer_cell", "otter_ignore"
PROMPT = "..."
SOLUTION_LINE = re.compile(r"^(?P<indent>\s*)(?P<name>[\w.\[\], ]+?=)?.*#\s*SOLUTION(?P<gone> NO PROMPT)?\s*$")


@dataclass(frozen=True)
class Case:
    """One test case: the lines of a cell that runs it. `points`: as written, or None for its share of the rest."""

    lines: Sequence[str]
    points: Decimal | None
    hidden: bool


@dataclass(frozen=True)
class Question:
    """One question's tests. `points`: of the question, one for each case, or None (worth 1)."""

    name: str
    points: Decimal | Sequence[Decimal] | None
    all_or_nothing: bool
    prologue: str
    cases: Sequence[Case]

    def shares(self) -> list[Decimal]:
        """Points of each case: what is given counts, what is left of the question's points is split equally."""
        if isinstance(self.points, list):
            return list(self.points)
        given = [case.points for case in self.cases]
        open_cases = given.count(None)
        known = sum((points for points in given if points is not None), Decimal())
        whole = self.points if isinstance(self.points, Decimal) else (known if known or not open_cases else Decimal(1))
        rest = max(whole - known, Decimal()) / open_cases if open_cases else Decimal()
        return [rest if points is None else points for points in given]


def converted(notebook: Notebook) -> Notebook:
    """The notebook with nbgrader's metadata on its cells; the same notebook if it has no Otter tests or was converted."""
    if any("shown" in block_of(cell) for cell in notebook["cells"]):
        return notebook
    questions = {question.name: question for question in _questions(notebook)}
    if not questions:
        return notebook
    cells: list[Cell] = []
    for number, cell in enumerate(notebook["cells"], start=1):
        if IGNORE_TAG in _tags(cell):
            continue
        found = CHECK.findall(cell["source"]) if cell["cell_type"] == "code" else []
        if not found or CHECK.sub("", cell["source"]).strip():
            cells.append(_answer(number, cell))
        cells += [_test_cell(questions.pop(name)) for name in found if name in questions]
    cells += [_test_cell(question) for question in questions.values()]
    if not any(block_of(cell).get("solution") for cell in cells):
        raise SourceUnusable(
            "No cell is marked as an answer, so students would get the solution. "
            f"Tag the answer cells `{ANSWER_TAG}` (otter assign does) or mark them with # BEGIN SOLUTION and # END SOLUTION."
        )
    return {**notebook, "cells": cells}


def public_tests(notebook: Notebook) -> Notebook:
    """The notebook without hidden test cases in its metadata, for students who run Otter themselves."""
    otter = _otter(notebook)
    if not isinstance(otter.get("tests"), dict):
        return notebook
    tests = {name: _public(test) for name, test in otter["tests"].items()}
    kept = {name: test for name, test in tests.items() if test is not None}
    return {**notebook, "metadata": {**notebook["metadata"], "otter": {**otter, "tests": kept}}}


def from_zip(raw: bytes) -> Notebook:
    """The one notebook of a zip file with the `tests/*.py` beside it in its metadata. Raises NotebookUnreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            files = {file.filename: file for file in archive.infolist() if not file.filename.startswith("__MACOSX")}
            if sum(file.file_size for file in files.values()) > MAX_BYTES:
                raise NotebookUnreadable("The files in this zip are too large together.")
            notebooks = [name for name in files if name.endswith(".ipynb")]
            if len(notebooks) != 1:
                raise NotebookUnreadable(f"The zip holds {len(notebooks)} notebooks; put in one, and its tests/*.py.")
            notebook = read_notebook(archive.read(notebooks[0]))
            sources = [archive.read(name).decode() for name in sorted(files) if re.search(r"(^|/)tests/\w+\.py$", name)]
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, RuntimeError) as error:
        raise NotebookUnreadable(f"The zip file cannot be read: {error}") from error
    return with_tests(notebook, sources)


def with_tests(notebook: Notebook, sources: Sequence[str]) -> Notebook:
    """The notebook with these test files in its metadata; they win over tests of the same name."""
    otter = _otter(notebook)
    found = otter.get("tests")
    tests = dict(found) if isinstance(found, dict) else {}
    for source in sources:
        test = _literal(source, "test")
        name = test.get("name") if isinstance(test, dict) else _literal(source, "name")
        tests[str(name)] = test if isinstance(test, dict) else source
    return {**notebook, "metadata": {**notebook["metadata"], "otter": {**otter, "tests": tests}}}


def _otter(notebook: Notebook) -> Mapping[str, Any]:
    otter = notebook["metadata"].get("otter")
    return otter if isinstance(otter, dict) else {}


def _tags(cell: Cell) -> Sequence[str]:
    tags = cell["metadata"].get("tags")
    return tags if isinstance(tags, list) else []


def _questions(notebook: Notebook) -> Iterator[Question]:
    tests = _otter(notebook).get("tests")
    for name, test in tests.items() if isinstance(tests, dict) else ():
        if not VALID_ID.fullmatch(name):
            raise SourceUnusable(f"The question “{name}” has no usable name: letters, digits, “_” and “-” only.")
        if isinstance(test, list) and all(isinstance(line, str) for line in test):
            test = "".join(test)  # noqa: PLW2901  as notebooks store text
        yield _from_functions(name, test) if isinstance(test, str) else _from_doctests(name, test)


def _from_doctests(name: str, test: Any) -> Question:
    suites = test.get("suites") if isinstance(test, dict) else None
    if not isinstance(suites, list) or len(suites) != 1 or not isinstance(suites[0], dict):
        raise SourceUnusable(f"The tests of “{name}” need exactly one suite.")
    suite = suites[0]
    cases = suite.get("cases")
    if suite.get("setup") or suite.get("teardown") or suite.get("type", "doctest") != "doctest":
        raise SourceUnusable(f"The tests of “{name}” have a setup, a teardown or a type that is not doctest.")
    if not isinstance(cases, list) or not all(isinstance(c, dict) and isinstance(c.get("code"), str) for c in cases):
        raise SourceUnusable(f"The tests of “{name}” have no cases with code.")
    made = [
        Case(
            _doctest_lines(name, case["code"]), _points(name, case.get("points")), case.get("hidden", True) is not False
        )
        for case in cases
    ]
    points = test.get("points")
    listed = [_points(name, each) or Decimal() for each in points] if isinstance(points, list) else None
    if listed is not None and len(listed) != len(made):
        raise SourceUnusable(f"The tests of “{name}” have {len(made)} cases but {len(listed)} points.")
    return Question(name, listed or _points(name, points), bool(test.get("all_or_nothing")), "", made)


def _doctest_lines(name: str, code: str) -> Sequence[str]:
    """The examples as a function's body: names it binds stay its own, as doctest copies its globals."""
    try:
        examples = doctest.DocTestParser().get_examples(code)
    except ValueError as error:
        raise SourceUnusable(f"A test of “{name}” is no doctest: {error}") from error
    bound: set[str] = set()
    taken: set[str] = set()
    lines: list[str] = []
    for example in examples:
        taken |= _read_first(example.source) - bound
        bound |= names_of(example.source).binds
        flags = sum(flag for flag, on in example.options.items() if on)
        lines.append(f"    with _otter.assert_shows({example.want!r}, {example.exc_msg!r}, flags={flags}) as _show:")
        lines += [f"        {line}" for line in _shown(name, example.source)]
    parameters = ", ".join(f"{each}={each}" for each in sorted(taken & bound))
    return [f"def _case({parameters}):", *(lines or ["    pass"]), "_case()"]


def _read_first(source: str) -> set[str]:
    """Names that a piece of code reads before it binds them, if it binds them at all."""
    try:
        code = compile(source, "example", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return set()  # said by _shown
    first: dict[str, str] = {}
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_NAME", "STORE_NAME"):
            first.setdefault(str(step.argval), step.opname)
    return {name for name, opname in first.items() if opname == "LOAD_NAME"}


def _shown(name: str, source: str) -> list[str]:
    """An expression is shown as the interpreter shows it; a statement runs."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise SourceUnusable(f"A test of “{name}” has a syntax error: {source.strip()}") from error
    if len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
        return [f"_show({ast.unparse(tree.body[0].value)})"]
    return ast.unparse(tree).splitlines()


def _from_functions(name: str, source: str) -> Question:
    """A test file with functions marked `@test_case(points=…, hidden=…)`."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise SourceUnusable(f"The test file of “{name}” has a syntax error in line {error.lineno}.") from error
    cases: list[Case] = []
    for part in tree.body:
        if isinstance(part, ast.FunctionDef) and (options := _test_case(part)) is not None:
            handed = ", ".join(
                f"{each.arg}={'globals()' if each.arg == 'env' else each.arg}"
                for each in (*part.args.args, *part.args.kwonlyargs)
            )
            lines = [f"{part.name}.run({handed})"]
            cases.append(Case(lines, _points(name, options.get("points")), bool(options.get("hidden", False))))
    points = _literal(source, "points")
    whole = bool(_literal(source, "all_or_nothing"))
    return Question(name, _points(name, points), whole, source.strip("\n"), cases)


def _test_case(function: ast.FunctionDef) -> Mapping[str, Any] | None:
    """What the decorator `test_case` of this function says; None without one."""
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if ast.unparse(called).rpartition(".")[2] == "test_case":
            keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
            return {k.arg: k.value.value for k in keywords if k.arg and isinstance(k.value, ast.Constant)}
    return None


def _literal(source: str, name: str) -> Any:
    """The literal that a file binds to this name, or None."""
    with_errors = (SyntaxError, ValueError, RecursionError, MemoryError)
    try:
        for part in ast.parse(source).body:
            if isinstance(part, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in part.targets):
                return ast.literal_eval(part.value)
    except with_errors:
        return None
    return None


def _points(name: str, written: Any) -> Decimal | None:
    if written is None:
        return None
    try:
        points = Decimal(str(written))
    except InvalidOperation:
        points = Decimal(-1)
    if not points.is_finite() or not 0 <= points <= MOST_POINTS:
        raise SourceUnusable(f"The points of “{name}” are {written!r}: give a number from 0 to {MOST_POINTS}.")
    return points


def _test_cell(question: Question) -> Cell:
    """One test cell for all cases of a question; its last line is what they are worth."""
    shares = question.shares()
    lines = [
        "from otter import _cases as _otter",
        question.prologue,
        f"_question = _otter.Question({question.all_or_nothing})",
    ]
    for case, points in zip(question.cases, shares, strict=True):
        lines.append(f"with _question.case({points!s}, hidden={case.hidden}):")
        lines += [f"    {line}" for line in case.lines]
    lines.append("_question.score()")
    block = {
        "schema_version": SCHEMA, "grade_id": question.name, "grade": True, "solution": False, "locked": True, "task": False,
        "points": float(sum(shares, Decimal())), "shown": f'grader.check("{question.name}")',
        "hides": any(case.hidden for case in question.cases),
    }  # fmt: skip
    source = "\n".join(line for line in lines if line)
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {"nbgrader": block},
        "outputs": [],
        "execution_count": None,
    }


def _answer(number: int, cell: Cell) -> Cell:
    """An answer cell with the prompt that students get in its place; other cells as they are."""
    marked = "BEGIN SOLUTION" in cell["source"] or any(SOLUTION_LINE.match(line) for line in cell["source"].split("\n"))
    if cell["cell_type"] != "code" or not (marked or ANSWER_TAG in _tags(cell)):
        return cell
    block = {
        "schema_version": SCHEMA, "grade_id": f"answer-{number}", "grade": False, "solution": True, "locked": False,
        "task": False, "prompt": _prompt(cell["source"]) if marked else PROMPT,
    }  # fmt: skip
    return {**cell, "metadata": {**cell["metadata"], "nbgrader": block}}


def _prompt(source: str) -> str:
    """`x = 5 # SOLUTION` becomes `x = ...`, a marked region `...` at its indentation."""
    kept: list[str] = []
    inside = False
    for line in source.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        if "BEGIN SOLUTION" in line:
            inside = True
            kept += [] if "NO PROMPT" in line else [indent + PROMPT]
        elif "END SOLUTION" in line:
            inside = False
        elif not inside and (found := SOLUTION_LINE.match(line)):
            name = f"{found['name'].strip()} " if found["name"] else ""
            kept += [] if found["gone"] else [indent + name + PROMPT]
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def _public(test: Any) -> Any:
    """The test without its hidden cases; None if nothing is left. Test files stay home if any case is hidden."""
    if isinstance(test, list):
        test = "".join(map(str, test))
    if isinstance(test, str):
        return None if "hidden=True" in test.replace(" ", "") else test
    if not isinstance(test, dict) or not isinstance(test.get("suites"), list):
        return None
    suites = [
        {**suite, "cases": [case for case in suite.get("cases", []) if case.get("hidden", True) is False]}
        for suite in test["suites"]
    ]
    return {**test, "suites": suites} if any(suite["cases"] for suite in suites) else None
