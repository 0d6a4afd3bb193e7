"""Submissions as pages: made once by a limited process, kept, and made again when the renderer is another one."""

import logging
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

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
LATER = "This notebook could not be shown just now. Try again in a moment, or download it."
TOO_MUCH = "This notebook is too large or too tangled to be shown here. Download it instead."


def rendering_of(submission: Submission) -> Rendering:
    """The page of this submission; made now if the worker has not made it yet. What failed by our fault is not kept."""
    found = Rendering.objects.filter(submission=submission, renderer=RENDERER).select_related("file").first()
    if found is not None:
        return found
    kept, shown = _made(submission.stored)
    if not kept:
        return Rendering(submission=submission, renderer=RENDERER, **shown)
    return Rendering.objects.get_or_create(submission=submission, renderer=RENDERER, defaults=shown)[0]


def rendering_of_run(run: Run) -> RunRendering:
    """The same of the notebook as it ran. Raises ValueError for a run that kept none."""
    found = RunRendering.objects.filter(run=run, renderer=RENDERER).select_related("file").first()
    if found is not None:
        return found
    if run.executed is None:
        raise ValueError("This run kept no notebook")
    kept, shown = _made(run.executed)
    if not kept:
        return RunRendering(run=run, renderer=RENDERER, **shown)
    return RunRendering.objects.get_or_create(run=run, renderer=RENDERER, defaults=shown)[0]


def render_ahead(*, submission: Submission) -> None:
    """In the worker, after grading: whoever opens it finds it ready. What breaks here costs nobody anything."""
    try:
        rendering_of(submission)
    except Exception:
        logger.exception("A notebook could not be rendered", extra={"submission_id": submission.pk})


def _made(file: StoredFile) -> tuple[bool, dict[str, Any]]:
    """Whether what came out is to be kept, and `file` or `problem`."""
    with tempfile.TemporaryDirectory(prefix="gradus-page-") as folder:
        path = Path(folder, "notebook.ipynb")
        path.write_bytes(storage.read(file))
        try:
            done = run_program("grading.rendering", str(path), seconds=SECONDS)
        except subprocess.TimeoutExpired:
            return False, {"problem": LATER}
    if done.returncode < 0 and -done.returncode != signal.SIGXCPU:
        return False, {"problem": LATER}
    body = done.stdout if done.returncode == 0 and len(done.stdout) <= LONGEST else b""
    return True, {"file": storage.store(body)} if body else {"problem": TOO_MUCH}
