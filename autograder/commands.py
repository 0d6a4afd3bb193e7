"""What the autograder can be asked, with arguments and answers as JSON: by the command line and by the engine."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from autograder.check import check
from autograder.grade import Conditions, Source, grade, read_source, with_generated_tests
from autograder.notebook import write_notebook
from autograder.placement import read_placement
from autograder.report import SourceUnusable
from autograder.sandbox.launcher import libraries_in
from autograder.sandbox.limits import Limits
from autograder.sandbox.selftest import selftest

Arguments = Mapping[str, Any]
"""`source`, `submission`, `executed`, `assets`: paths; `limits`: as Limits; `placement`: from a check; `devices`; `split`."""


def answer(command: str, arguments: Arguments) -> dict[str, Any]:
    """The answer to `grade`, `check` or `selftest`. Raises SourceUnusable, RunnerError."""
    known: dict[str, Callable[[Arguments], dict[str, Any]]] = {"grade": _grade, "check": _check, "selftest": _selftest}
    if command not in known:
        raise SourceUnusable(f"There is no command {command!r}.")
    return known[command](arguments)


def libraries_needed(arguments: Arguments) -> tuple[str, ...]:
    """The libraries that the notebooks of a request import; none if they cannot be read (its answer will say so)."""
    paths = (arguments.get("source"), arguments.get("submission"))
    try:
        return libraries_in(*(Path(path).read_bytes() if path else b"" for path in paths))
    except OSError:
        return ()


def _source(arguments: Arguments) -> Source:
    return read_source(Path(arguments["source"]).read_bytes())


def _conditions(arguments: Arguments) -> Conditions:
    placement = arguments.get("placement")
    assets = Path(arguments["assets"]) if arguments.get("assets") else None
    if assets and not assets.is_dir():
        raise SourceUnusable(f"{assets} is no folder with data sets.")
    return Conditions(
        limits=replace(Limits(), **arguments.get("limits", {})),
        assets=assets,
        placement=read_placement(placement) if placement else None,
        split=arguments.get("split", True),
        devices=tuple(arguments.get("devices", ())),
    )


def _grade(arguments: Arguments) -> dict[str, Any]:
    raw = Path(arguments["submission"]).read_bytes()
    conditions = _conditions(arguments)
    report, executed = grade(with_generated_tests(_source(arguments), conditions), raw, conditions)
    if arguments.get("executed") and executed is not None:
        Path(arguments["executed"]).write_bytes(write_notebook(executed))
    return report.as_json()


def _check(arguments: Arguments) -> dict[str, Any]:
    return check(Path(arguments["source"]).read_bytes(), _conditions(arguments)).as_json()


def _selftest(_: Arguments) -> dict[str, Any]:
    found = selftest()
    return {**asdict(found), "closed": found.closed}
