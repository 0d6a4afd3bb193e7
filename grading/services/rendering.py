"""Submissions as pages: made once by a limited process, kept, and made again when the renderer is another one."""

import json
import logging
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from assignments.kinds.registry import CODE, kind_of
from assignments.models import Submission
from courses import storage
from courses.models import StoredFile
from courses.programs import run_limited, unless_just_stopped
from grading.models import Rendering, Run, RunRendering

logger = logging.getLogger(__name__)
RENDERER = 1
"""The version of `assignments.kinds.notebook`: a higher one makes pages anew when they are next looked at."""
SECONDS = 40
LONGEST = 60 << 20
LATER = "This could not be shown just now. Try again in a moment, or download it."
TOO_MUCH = "This is too large or too tangled to be shown here. Download it instead."


def rendering_of(submission: Submission) -> Rendering:
    """The page of this submission; made now if the worker has not made it yet. What failed by our fault is not kept."""
    found = Rendering.objects.filter(submission=submission, renderer=RENDERER).select_related("file").first()
    if found is not None:
        return found
    is_lines = submission.code_file is not None or kind_of(submission.assignment).shown_as == "lines"
    shown = unless_just_stopped(
        f"rendering:{submission.pk}",
        lambda: _lines(submission)[1] if is_lines else _shown(_made("assignments.kinds.notebook", submission.stored)),
    )
    if shown is None:
        return Rendering(submission=submission, renderer=RENDERER, problem=LATER)
    return Rendering.objects.get_or_create(submission=submission, renderer=RENDERER, defaults=shown)[0]


def listing_of(submission: Submission) -> dict[str, Any]:
    """What lies in the files of this version, or in the code beside it, as `assignments.kinds.files` lists it; the page is
    kept beside.

    `readable` is False, and `reason` says why, where nothing can be listed. Raises ProgramStopped.
    """
    listing, shown = _lines(submission)
    Rendering.objects.get_or_create(submission=submission, renderer=RENDERER, defaults=shown)
    return listing


def rendering_of_run(run: Run) -> RunRendering:
    """The same of the notebook as it ran. Raises ValueError for a run that kept none."""
    found = RunRendering.objects.filter(run=run, renderer=RENDERER).select_related("file").first()
    if found is not None:
        return found
    executed = run.executed
    if executed is None:
        raise ValueError("This run kept no notebook")
    shown = unless_just_stopped(
        f"run-rendering:{run.pk}", lambda: _shown(_made("assignments.kinds.notebook", executed))
    )
    if shown is None:
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
    code = submission.code_file
    name = submission.original_name if code is None else submission.code_name
    done = _ran("assignments.kinds.files", code or submission.stored, f"file{CODE.ending_of(name)}")
    head, _, body = done.stdout.partition(b"\n")
    if not head:
        return {"readable": False, "reason": TOO_MUCH}, {"problem": TOO_MUCH}
    listing: dict[str, Any] = json.loads(head)  # written first: it stands where the page became too much
    if not listing["readable"]:
        return listing, {"problem": listing["reason"]}
    return listing, _shown(body if done.returncode == 0 and len(body) <= LONGEST else b"")


def _made(program: str, file: StoredFile) -> bytes:
    """What the program wrote; empty where the file is too much for it. Raises ProgramStopped."""
    done = _ran(program, file)
    return done.stdout if done.returncode == 0 and len(done.stdout) <= LONGEST else b""


def _ran(program: str, file: StoredFile, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    with tempfile.TemporaryDirectory(prefix="gradus-page-") as folder:
        path = Path(folder, "file")
        path.write_bytes(storage.read(file))
        return run_limited(program, str(path), *arguments, seconds=SECONDS)


def _shown(body: bytes) -> dict[str, Any]:
    return {"file": storage.store(body)} if body else {"problem": TOO_MUCH}
