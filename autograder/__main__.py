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
from dataclasses import replace
from pathlib import Path

from autograder import inspection
from autograder.check import check
from autograder.grade import grade, read_source
from autograder.notebook import read_notebook, write_notebook
from autograder.release import student_version
from autograder.report import NotebookUnreadable, RunnerError, SourceUnusable, type_of_json
from autograder.sandbox import linux
from autograder.sandbox.limits import Limits
from autograder.sandbox.selftest import selftest

UNITS = {"": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
USAGE, BROKEN = 2, 3


def main(arguments: list[str] | None = None) -> int:
    """Parse, run, print; the status for the shell."""
    options = _parser().parse_args(arguments)
    if options.parent:
        linux.die_with_parent()
        if os.getppid() != options.parent:
            return BROKEN
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
    commands = parser.add_subparsers(required=True, metavar="release | check | grade | inspect | selftest")
    release = commands.add_parser("release", help="write the student version")
    release.add_argument("source", type=Path)
    release.add_argument("-o", "--output", type=Path, required=True)
    release.set_defaults(run=_release)
    checks = commands.add_parser(
        "check", help="run the reference and the student version, print what the tests are worth"
    )
    checks.add_argument("source", type=Path)
    _add_limits(checks, _check)
    grading = commands.add_parser("grade", help="grade a submission")
    grading.add_argument("--source", type=Path, required=True)
    grading.add_argument("--submission", type=Path, required=True)
    grading.add_argument("--assets", type=Path)
    grading.add_argument("--executed", type=Path, help="write the executed notebook here")
    _add_limits(grading, _grade)
    looking = commands.add_parser("inspect", help="look at a notebook without running it")
    looking.add_argument("--source", type=Path, required=True)
    looking.add_argument("--submission", type=Path)
    looking.set_defaults(run=_inspect)
    testing = commands.add_parser("selftest", help="probe every wall of the sandbox from inside")
    testing.add_argument("--json", action="store_true")
    testing.set_defaults(run=_selftest)
    return parser


def _add_limits(parser: argparse.ArgumentParser, run: object) -> None:
    parser.add_argument("--wall", type=float, default=Limits.wall, help="seconds for the notebook")
    parser.add_argument("--cell", type=float, default=Limits.cell, help="seconds for one cell")
    parser.add_argument("--memory", type=_size, default=Limits.memory, help="for example 2GiB")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def _size(text: str) -> int:
    found = re.fullmatch(r"(\d+)\s*(KiB|MiB|GiB|)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 2GiB")
    return int(found[1]) * UNITS[found[2]]


def _limits(options: argparse.Namespace) -> Limits:
    return replace(Limits(), wall=options.wall, cell=options.cell, memory=options.memory)


def _release(options: argparse.Namespace) -> int:
    options.output.write_bytes(write_notebook(student_version(read_notebook(options.source.read_bytes()))))
    return 0


def _check(options: argparse.Namespace) -> int:
    report = check(options.source.read_bytes(), limits=_limits(options)).as_json()
    if options.json:
        return _print(report)
    for line in (*report["errors"], *report["warnings"]):
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{len(report['cells'])} graded cells, {report['max_score']} points\n")
    return 0


def _grade(options: argparse.Namespace) -> int:
    source = read_source(options.source.read_bytes())
    raw = options.submission.read_bytes()
    report, executed = grade(source, raw, limits=_limits(options), assets=options.assets)
    if options.executed and executed is not None:
        options.executed.write_bytes(write_notebook(executed))
    answer = report.as_json()
    if options.json:
        return _print(answer)
    sys.stdout.write(f"{answer['verdict']}: {answer['score']} of {answer['max_score']} {answer['message']}\n")
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
    result = selftest()
    if options.json:
        _print({"tier": result.tier, "closed": result.closed, "walls": result.walls, "message": result.message})
    else:
        for wall, holds in result.walls.items():
            sys.stdout.write(f"{'holds' if holds else 'OPEN '}  {wall.replace('_', ' ')}\n")
        sys.stdout.write(f"tier {result.tier}. {result.message}\n")
    return 0 if result.closed else BROKEN


def _print(answer: type_of_json) -> int:
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
