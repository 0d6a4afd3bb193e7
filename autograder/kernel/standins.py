"""What answers inside for libraries that notebooks of courses import and that need not be installed: otter and nose.

`otter` is always ours: the real one would look for its files. `nose.tools` is made from unittest, as nose made it.
"""

import contextlib
import doctest
import importlib.util
import io
import re
import sys
import unittest
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

LATER = "{} is checked when your submission is graded."


def install() -> None:
    """Make `import otter` and, where it is not installed, `import nose.tools` work."""
    _modules(otter={"Notebook": Notebook}, **{"otter._cases": {"Question": Question, "assert_shows": assert_shows}})
    _modules(**{"otter.test_files": {"test_case": test_case}})
    if importlib.util.find_spec("nose") is None:
        _modules(nose={}, **{"nose.tools": nose_tools()})


def _modules(**contents: dict[str, Any]) -> None:
    for name, names in contents.items():
        module = sys.modules[name] = ModuleType(name)
        vars(module).update(names)
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], last, module)


class Notebook:
    """`otter.Notebook()` in a student's notebook: says that checking comes later, whatever it is asked."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def check(self, question: str, *_: Any, **__: Any) -> "Later":
        return Later(question)

    def check_all(self, *_: Any, **__: Any) -> "Later":
        return Later("Every question")

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *_, **__: None


class Later:
    """The answer to a check."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __repr__(self) -> str:
        return LATER.format(self._what)


class Question:
    """Counts the points of a question's cases while they run."""

    def __init__(self, all_or_nothing: bool) -> None:  # noqa: FBT001  generated calls
        self._all_or_nothing = all_or_nothing
        self._earned: list[float] = []
        self._failures: list[str] = []
        self._failed = False

    @contextlib.contextmanager
    def case(self, points: float, *, hidden: bool) -> Iterator[None]:
        """One case: its points if the block ends without an exception. What a hidden case says stays here."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  whatever a test raises
            self._failed = True
            self._failures += [] if hidden else [f"{type(error).__name__}: {error}"]
        else:
            self._earned.append(points)

    def score(self) -> float:
        """The points; AssertionError if there are none although a case failed."""
        score = 0.0 if self._failed and self._all_or_nothing else round(sum(self._earned), 6)
        if self._failed and not score:
            raise AssertionError(self._failures[0] if self._failures else "A hidden test failed.")
        return score


@contextlib.contextmanager
def assert_shows(want: str, error: str | None = None, *, flags: int = 0) -> Iterator[Callable[[Any], None]]:
    """A doctest's example: what the block prints and shows must be `want`, or its exception must read `error`."""
    printed = io.StringIO()

    def show(value: Any) -> None:
        if value is not None:
            printed.write(f"{value!r}\n")

    try:
        with contextlib.redirect_stdout(printed):
            yield show
    except Exception as found:
        if error is None:
            raise
        want, got = _of_exceptions(found, error, flags)
    else:
        if error is not None:
            raise AssertionError(f"expected {error.strip()}, but nothing was raised")
        got = printed.getvalue()
    if not doctest.OutputChecker().check_output(want, got, flags):
        raise AssertionError(f"expected {want.strip() or 'nothing'}, got {got.strip() or 'nothing'}")


def _of_exceptions(found: Exception, error: str, flags: int) -> tuple[str, str]:
    """What was wanted and what was raised, as two texts to compare."""
    want, got = error.strip(), f"{type(found).__name__}: {found}".strip()
    if flags & doctest.IGNORE_EXCEPTION_DETAIL:
        want, got = want.partition(":")[0].rpartition(".")[2], got.partition(":")[0]
    return want + "\n", got + "\n"


class TestCase:
    """A function marked with `test_case`. `run` calls it; a returned dictionary would be Otter's own business."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.run = function


def test_case(*_: Any, **__: Any) -> Callable[[Callable[..., Any]], TestCase]:
    """Otter's decorator; points and hiding were read from the text already."""
    return TestCase


def nose_tools() -> dict[str, Any]:
    """`assert_equal` and the others, from unittest's methods; `ok_`, `eq_` and `raises`."""
    case = unittest.TestCase()
    case.maxDiff = None
    names = [name for name in dir(case) if name.startswith("assert") and "_" not in name]
    tools = {re.sub(r"([A-Z])", lambda found: "_" + found[1].lower(), name): getattr(case, name) for name in names}
    return {**tools, "ok_": _ok, "eq_": case.assertEqual, "raises": _raises}


def _ok(expression: Any, message: str | None = None) -> None:
    if not expression:
        raise AssertionError(message)


def _raises(*errors: type[BaseException]) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    def decorate(function: Callable[..., Any]) -> Callable[..., None]:
        def run(*arguments: Any, **named: Any) -> None:
            try:
                function(*arguments, **named)
            except errors:
                return
            raise AssertionError(f"{function.__name__}() did not raise {' or '.join(e.__name__ for e in errors)}")

        return run

    return decorate
