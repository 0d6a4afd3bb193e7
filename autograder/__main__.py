"""The command line that other programs use.

Exit status: 0 the question was answered (also when a notebook is refused), 2 wrong usage or an unusable source,
3 our own failure.
"""

import argparse
import json
import os
import re
import sys
import traceback
from pathlib import Path

from autograder import commands, inspection, service
from autograder.grade import Conditions, read_source, with_generated_tests
from autograder.notebook import write_notebook
from autograder.release import student_version
from autograder.report import NotebookUnreadable, RunnerError, SourceUnusable, type_of_json
from autograder.sandbox import linux
from autograder.sandbox.launcher import nursery
from autograder.sandbox.limits import Limits

UNITS = {"": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
USAGE, BROKEN = 2, 3


def main(arguments: list[str] | None = None) -> int:
    """Parse, run, print; the status for the shell."""
    options = _parser().parse_args(arguments)
    if options.parent:
        linux.die_with_parent()
        if os.getppid() != options.parent:
            return BROKEN
    nursery.alone = options.without_namespaces
    try:
        answer: int = options.run(options)
    except (SourceUnusable, NotebookUnreadable, OSError) as error:
        sys.stderr.write(f"autograder: {error}\n")
        return USAGE
    except RunnerError as error:
        sys.stderr.write(f"autograder: our failure: {error}\n")
        return BROKEN
    except Exception:  # noqa: BLE001  a mistake of ours must not look like an answer about the notebook
        sys.stderr.write(f"autograder: our failure: {traceback.format_exc()}\n")
        return BROKEN
    return answer


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m autograder", description=__doc__)
    parser.add_argument("--parent", type=int, default=0, help="end with the process that has this id")
    parser.add_argument("--without-namespaces", action="store_true", help="tier C, weaker: see docs/autograder.md")
    programs = parser.add_subparsers(required=True, metavar="release | check | grade | inspect | serve | selftest")
    release = programs.add_parser("release", help="write the student version")
    release.add_argument("source", type=Path)
    release.add_argument("-o", "--output", type=Path, required=True)
    release.add_argument("--generate", action="store_true", help="run the reference to write AUTOTEST lines out")
    release.set_defaults(run=_release)
    checks = programs.add_parser(
        "check", help="run the reference and the student version, print what the tests are worth"
    )
    checks.add_argument("source", type=Path)
    _add_limits(checks, _check)
    grading = programs.add_parser("grade", help="grade a submission")
    grading.add_argument("--source", type=Path, required=True)
    grading.add_argument("--submission", type=Path, required=True)
    grading.add_argument("--checked", type=Path, help="what `check --json` printed: saves running the reference again")
    grading.add_argument("--executed", type=Path, help="write the executed notebook here")
    _add_limits(grading, _grade)
    looking = programs.add_parser("inspect", help="look at a notebook without running it")
    looking.add_argument("--source", type=Path, required=True)
    looking.add_argument("--submission", type=Path)
    looking.set_defaults(run=_inspect)
    serving = programs.add_parser("serve", help="answer requests over a Unix socket; see autograder/service.py")
    serving.add_argument("socket", type=Path)
    serving.set_defaults(run=_serve)
    testing = programs.add_parser("selftest", help="probe every wall of the sandbox from inside")
    testing.add_argument("--json", action="store_true")
    testing.set_defaults(run=_selftest)
    return parser


def _add_limits(parser: argparse.ArgumentParser, run: object) -> None:
    parser.add_argument("--wall", type=float, default=Limits.wall, help="seconds for the notebook")
    parser.add_argument("--cell", type=float, default=Limits.cell, help="seconds for one cell")
    parser.add_argument("--memory", type=_size, default=Limits.memory, help="for example 2GiB")
    parser.add_argument("--assets", type=Path, help="a folder that appears read-only as data/")
    parser.add_argument("--no-split", action="store_true", help="tests in the student's process, as nbgrader does")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def _size(text: str) -> int:
    found = re.fullmatch(r"(\d+)\s*(KiB|MiB|GiB|)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 2GiB")
    return int(found[1]) * UNITS[found[2]]


def _release(options: argparse.Namespace) -> int:
    source = read_source(options.source.read_bytes())
    if options.generate:
        source = with_generated_tests(source, Conditions(Limits()))
    options.output.write_bytes(write_notebook(student_version(source.notebook)))
    return 0


def _arguments(options: argparse.Namespace) -> dict[str, object]:
    return {
        "source": options.source,
        "limits": {"wall": options.wall, "cell": options.cell, "memory": options.memory},
        "assets": options.assets,
        "split": not options.no_split,
    }


def _check(options: argparse.Namespace) -> int:
    report = commands.answer("check", _arguments(options))
    if options.json:
        return _print(report)
    for line in (*report["errors"], *report["warnings"]):
        sys.stdout.write(f"{line}\n")
    for cell in report["cells"]:
        label = "protected" if cell["protected"] else "tamper-evident" if cell["role"] == "tests" else "by a person"
        sys.stdout.write(f"{cell['grade_id']}: {cell['points']} points, {label}, {cell['seconds']:.3f} s\n")
    sys.stdout.write(f"{len(report['cells'])} graded cells, {report['max_score']} points\n")
    return 0


def _grade(options: argparse.Namespace) -> int:
    placement = _placement_in(options.checked) if options.checked else None
    more = {"submission": options.submission, "executed": options.executed, "placement": placement}
    answer = commands.answer("grade", {**_arguments(options), **more})
    if options.json:
        return _print(answer)
    sys.stdout.write(f"{answer['verdict']}: {answer['score']} of {answer['max_score']} {answer['message']}\n")
    return 0


def _placement_in(path: Path) -> dict[str, object]:
    try:
        placement: dict[str, object] = json.loads(path.read_bytes())["placement"]
    except (ValueError, KeyError, TypeError) as error:
        raise SourceUnusable(f"{path} is not what `check --json` printed.") from error
    return placement


def _serve(options: argparse.Namespace) -> int:
    service.serve(options.socket)
    return 0


def _inspect(options: argparse.Namespace) -> int:
    inspection.limit_this_process()
    try:
        if options.submission is None:
            return _print(inspection.look_at_source(options.source.read_bytes()))
        source = read_source(options.source.read_bytes())
        return _print(inspection.look_at_submission(source, options.submission.read_bytes()))
    except MemoryError:
        return _print({"refusal": "The file is too tangled to be a notebook. Save it again in Jupyter.", "cells": []})


def _selftest(options: argparse.Namespace) -> int:
    found = commands.answer("selftest", {})
    if options.json:
        _print(found)
    else:
        for wall, holds in found["walls"].items():
            sys.stdout.write(f"{'holds' if holds else 'OPEN '}  {wall.replace('_', ' ')}\n")
        sys.stdout.write(f"tier {found['tier']}. {found['message']}\n")
    return 0 if found["closed"] else BROKEN


def _print(answer: type_of_json) -> int:
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
