"""A look at a notebook without running it, for the instant checks at upload: `python -m autograder inspect`."""

import resource

from autograder.check import described
from autograder.checks import stored_checks
from autograder.grade import Source, read_source, refusal
from autograder.notebook import read_notebook
from autograder.report import NotebookUnreadable, SourceUnusable, type_of_json
from autograder.restore import restored_plan

MEMORY = 1024 * 2**20
SECONDS = 15


def limit_this_process() -> None:
    """From here on this process may take at most 1 GiB of memory and 15 s of processor time."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def look_at_submission(source: Source, raw: bytes) -> type_of_json:
    """`refusal` is a sentence or empty; `missing`, `unanswered` and `changed` are grade ids."""
    try:
        submitted = read_notebook(raw)
    except NotebookUnreadable as error:
        return {"refusal": str(error)}
    if reason := refusal(source, submitted):
        return {"refusal": reason}
    plan = restored_plan(source.cells, submitted, source.notebook)
    answers = {c.grade_id: c.source.strip() for c in source.cells if not c.locked}
    return {
        "refusal": "",
        "missing": [f.grade_id for f in plan.flags if f.kind == "cell_missing"],
        "changed": [f.grade_id for f in plan.flags if f.kind == "test_cell_changed"],
        "unanswered": [g for g, stub in answers.items() if plan.answers.get(g, "").strip() == stub],
        "checks": stored_checks(submitted, source.cells, source.given).as_json(),
    }


def look_at_source(raw: bytes) -> type_of_json:
    """The graded cells of an instructor's notebook, or `refusal` with what to change."""
    try:
        source = read_source(raw)
    except SourceUnusable as error:
        return {"refusal": str(error), "cells": []}
    return {"refusal": "", "cells": [described(cell) for cell in source.cells if cell.points is not None]}
