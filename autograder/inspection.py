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
MOST_VALIDATED = 2 << 20
LONGEST = 200


def limit_this_process() -> None:
    """From here on this process may take at most 1 GiB of memory and 15 s of processor time."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))


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
        "invalid": invalid_part(raw),
        "checks": stored_checks(submitted, source.cells, source.given).as_json(),
    }


def invalid_part(raw: bytes) -> str:
    """What Jupyter's own library says against a notebook that we read all the same; empty: nothing.

    It may open nowhere else. What is large is not asked about: that takes long.
    """
    if len(raw) > MOST_VALIDATED:
        return ""
    import nbformat  # noqa: PLC0415  heavy, and only this process needs it
    from nbformat.validator import iter_validate  # noqa: PLC0415  the same

    try:
        found = [error.message for error in iter_validate(nbformat.reads(raw.decode("utf-8-sig"), as_version=4))]
    except Exception as error:  # noqa: BLE001  it raises whatever the damage makes it raise
        return str(error)[:LONGEST]
    wrong = [message for message in found if "'id' is a required property" not in message]
    return wrong[0][:LONGEST] if wrong else ""


def look_at_source(raw: bytes) -> type_of_json:
    """The graded cells of an instructor's notebook, or `refusal` with what to change."""
    try:
        source = read_source(raw)
    except SourceUnusable as error:
        return {"refusal": str(error), "cells": []}
    return {"refusal": "", "cells": [described(cell) for cell in source.cells if cell.points is not None]}
