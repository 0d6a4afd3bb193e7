"""What a worker does with one run: claim, hand to the engine or to the format check, write the answer."""

import logging
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from assignments.models import Queue
from autograder.client import Abandoned
from autograder.notebook import MAX_BYTES
from courses import storage
from courses.models import StoredFile
from grading import engine
from grading.models import Run
from grading.services import data, looks, runs, workers
from grading.services.rendering import render_ahead

logger = logging.getLogger(__name__)


def execute_run(*, run_id: int) -> None:
    """Do one run if it is free. Doing it twice is harmless."""
    workers.record_worker()
    is_look = Run.objects.filter(pk=run_id, notebook=None).exists()
    if not is_look and not workers.sandbox_is_closed():
        logger.error("A wall of the sandbox is open: nothing is graded here", extra={"run_id": run_id})
        return
    attempt = runs.claim_run(run_id=run_id)
    if attempt is None:
        return
    try:
        if is_look:
            looks.look_at(run_id=run_id, attempt=attempt)
            return
        report, executed = _report(run_id, attempt)
        generated = report.pop("generated", "")
        if runs.record_report(run_id=run_id, attempt=attempt, report=report, executed=executed) and generated:
            runs.take_generated(run_id=run_id, content=generated.encode())
        _render_ahead(run_id)
    except Abandoned:
        logger.warning("Run was taken by another worker", extra={"run_id": run_id, "attempt": attempt})
    except Exception as error:
        # Whatever broke here is ours and not the notebook's: the run goes back, and after three times staff are told.
        logger.exception("Runner broke", extra={"run_id": run_id, "attempt": attempt})
        runs.give_back(run_id=run_id, attempt=attempt, reason=repr(error))


def _render_ahead(run_id: int) -> None:
    run = Run.objects.select_related("submission__file").get(pk=run_id)
    if run.submission is not None:
        render_ahead(submission=run.submission)


def _report(run_id: int, attempt: int) -> tuple[dict[str, Any], bytes]:
    """What the engine says, and the notebook as it ran; none of a check, and none that is too large to be read."""
    related = ("notebook__source", "notebook__assignment", "submission__file")
    run = Run.objects.select_related(*related).get(pk=run_id)
    if run.notebook is None:
        raise ValueError(f"{run} runs no notebook")
    assignment = run.notebook.assignment
    still_mine = partial(_beat, run_id, attempt)
    with tempfile.TemporaryDirectory(prefix="gradus-run-") as folder:
        job = engine.Job(
            _written(Path(folder, "source.ipynb"), run.notebook.source),
            assets=data.folder_of(assignment),
            limits=engine.limits_of(minutes=assignment.minutes, memory_gib=assignment.memory_gib),
            devices=engine.gpus() if assignment.queue == Queue.GPU else (),
        )
        if run.submission is None:
            return engine.check(job, still_mine), b""
        submission = _written(Path(folder, "submission.ipynb"), run.submission.stored)
        placement = runs.placement_of(notebook=run.notebook)
        executed = Path(folder, "executed.ipynb")
        graded = replace(job, submission=submission, placement=placement, executed=executed)
        report = engine.grade(graded, still_mine)
        fits = executed.exists() and executed.stat().st_size <= MAX_BYTES
        return report, executed.read_bytes() if fits else b""


def _written(path: Path, file: StoredFile) -> Path:
    path.write_bytes(storage.read(file))
    return path


def _beat(run_id: int, attempt: int) -> bool:
    """While a run goes on: this host lives, and the lease is ours for another while, if it still is."""
    workers.record_worker()
    return runs.extend_lease(run_id=run_id, attempt=attempt)
