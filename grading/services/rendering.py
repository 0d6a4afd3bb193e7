"""Submissions as pages: made once by a limited process, kept, and made again when the renderer is another one."""

import json
import logging
import signal
import subprocess
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

from assignments.kinds.registry import kind_of
from assignments.models import Submission
from courses import storage
from courses.models import StoredFile
from courses.programs import run_program
from grading.models import Rendering, Run, RunRendering

logger = logging.getLogger(__name__)
RENDERER = 1
"""The version of `grading.rendering`: a higher one makes pages anew when they are next looked at."""
SECONDS = 40
LONGEST = 60 << 20
LATER = "This could not be shown just now. Try again in a moment, or download it."
TOO_MUCH = "This is too large or too tangled to be shown here. Download it instead."


class RenderingStopped(Exception):
    """The machine was too slow, or something of ours broke: that says nothing about the file."""


def rendering_of(submission: Submission) -> Rendering:
    """The page of this submission; made now if the worker has not made it yet. What failed by our fault is not kept."""
    found = Rendering.objects.filter(submission=submission, renderer=RENDERER).select_related("file").first()
    if found is not None:
        return found
    try:
        if kind_of(submission.assignment).shown_as == "lines":
            _, shown = _lines(submission)
        else:
            shown = _shown(_made("grading.rendering", submission.stored))
    except RenderingStopped:
        return Rendering(submission=submission, renderer=RENDERER, problem=LATER)
    return Rendering.objects.get_or_create(submission=submission, renderer=RENDERER, defaults=shown)[0]


def listing_of(submission: Submission) -> dict[str, Any]:
    """What lies in the files of this version, as `grading.rendering.lines` lists it; the page is kept beside.

    `readable` is False, and `reason` says why, where nothing can be listed. Raises RenderingStopped.
    """
    listing, shown = _lines(submission)
    Rendering.objects.get_or_create(submission=submission, renderer=RENDERER, defaults=shown)
    return listing


def rendering_of_run(run: Run) -> RunRendering:
    """The same of the notebook as it ran. Raises ValueError for a run that kept none."""
    found = RunRendering.objects.filter(run=run, renderer=RENDERER).select_related("file").first()
    if found is not None:
        return found
    if run.executed is None:
        raise ValueError("This run kept no notebook")
    try:
        shown = _shown(_made("grading.rendering", run.executed))
    except RenderingStopped:
        return RunRendering(run=run, renderer=RENDERER, problem=LATER)
    return RunRendering.objects.get_or_create(run=run, renderer=RENDERER, defaults=shown)[0]


def render_ahead(*, submission: Submission) -> None:
    """In the worker, after grading: whoever opens it finds it ready. What breaks here costs nobody anything."""
    try:
        rendering_of(submission)
    except Exception:
        logger.exception("A notebook could not be rendered", extra={"submission_id": submission.pk})


def _lines(submission: Submission) -> tuple[dict[str, Any], dict[str, Any]]:
    """The listing, and the fields of its page. The file's own name may name its author, so only its ending is given on."""
    ending = PurePosixPath(submission.original_name).suffix
    made = _made("grading.rendering.lines", submission.stored, f"file{ending}")
    head, _, body = made.partition(b"\n")
    if not head:
        return {"readable": False, "reason": TOO_MUCH}, {"problem": TOO_MUCH}
    listing: dict[str, Any] = json.loads(head)
    return listing, _shown(body) if listing["readable"] else {"problem": listing["reason"]}


def _made(program: str, file: StoredFile, *arguments: str) -> bytes:
    """What the program wrote; empty where the file is too much for it. Raises RenderingStopped."""
    with tempfile.TemporaryDirectory(prefix="gradus-page-") as folder:
        path = Path(folder, "file")
        path.write_bytes(storage.read(file))
        try:
            done = run_program(program, str(path), *arguments, seconds=SECONDS)
        except subprocess.TimeoutExpired as error:
            raise RenderingStopped from error
    if done.returncode < 0 and -done.returncode != signal.SIGXCPU:
        raise RenderingStopped
    return done.stdout if done.returncode == 0 and len(done.stdout) <= LONGEST else b""


def _shown(body: bytes) -> dict[str, Any]:
    return {"file": storage.store(body)} if body else {"problem": TOO_MUCH}
