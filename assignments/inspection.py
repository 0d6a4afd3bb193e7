"""Looking at uploaded notebooks without running them: in a separate, limited process that knows no secret."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings

from assignments.models import InstructorNotebook
from autograder.report import RunnerError
from courses import storage
from courses.programs import run_program

SECONDS = 30
USAGE, BROKEN = 2, 3
ERROR_LENGTH = 400
TOO_SLOW = "The file took too long to read. Save the notebook again in Jupyter and retry."
TOO_TANGLED = "The file is too large or too tangled to be a notebook. Save it again in Jupyter."


class NotebookRefused(Exception):
    """The file cannot be taken; the message says what is wrong and what to do."""


def look_at_submission(notebook: InstructorNotebook, content: bytes) -> list[str]:
    """Notices for the student, or NotebookRefused."""
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        source, submission = Path(folder, "source.ipynb"), Path(folder, "submission.ipynb")
        source.write_bytes(storage.read(notebook.source))
        submission.write_bytes(content)
        found = _inspect("--source", str(source), "--submission", str(submission))
    return notices(found)


def look_at_source(content: bytes) -> tuple[list[dict[str, Any]], bytes]:
    """The graded cells of an instructor's notebook and its student version, or NotebookRefused."""
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        source, released = Path(folder, "source.ipynb"), Path(folder, "student.ipynb")
        source.write_bytes(content)
        found = _inspect("--source", str(source))
        done = _autograder("release", str(source), "-o", str(released))
        if done.returncode:
            raise NotebookRefused(_said(done).removeprefix("autograder: "))
        return found["cells"], released.read_bytes()


def notices(found: dict[str, Any]) -> list[str]:
    """What the look found, in the student's words. None of it refuses the work."""
    said = []
    if found["missing"]:
        said.append(f"Missing from your notebook: {_listed(found['missing'])}. Test cells are put back before grading.")
    if found["changed"]:
        said.append(f"You changed the tests in {_listed(found['changed'])}. The instructor's own tests are used.")
    if found["unanswered"]:
        said.append(f"Still untouched: {_listed(found['unanswered'])}.")
    if not found["checks"]["has_results"]:
        said.append("The notebook has no results. Run all cells and save before handing in, so that graders see them.")
    elif not found["checks"]["in_order"]:
        said.append("The cells were not run in order from top to bottom. Restart the kernel and run all, then save.")
    if found.get("invalid"):
        said.append(f"Jupyter may refuse to open this notebook, though it was read here: {found['invalid']}")
    return said


def _inspect(*arguments: str) -> dict[str, Any]:
    """What `autograder inspect` found. Raises NotebookRefused with its sentence, RunnerError when it broke itself."""
    done = _autograder("inspect", *arguments)
    if done.returncode in (USAGE, BROKEN):
        raise RunnerError(_said(done)[-ERROR_LENGTH:])
    if done.returncode:
        raise NotebookRefused(TOO_TANGLED)
    found: dict[str, Any] = json.loads(done.stdout)
    if found["refusal"]:
        raise NotebookRefused(found["refusal"])
    return found


def _autograder(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return run_program("autograder", *arguments, seconds=SECONDS)
    except subprocess.TimeoutExpired as error:
        raise NotebookRefused(TOO_SLOW) from error


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode(errors="replace").strip()


def _listed(names: list[str]) -> str:
    return ", ".join(names)
