"""Looking at uploaded notebooks without running them: in a separate, limited process that knows no secret."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings

from assignments.models import InstructorNotebook
from autograder.inspection import inspect_files
from courses import storage

RELEASE_SECONDS = 30


class NotebookRefused(Exception):
    """The file cannot be taken; the message says what is wrong and what to do."""


def look_at_submission(notebook: InstructorNotebook, content: bytes) -> list[str]:
    """Notices for the student, or NotebookRefused."""
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        source, submission = Path(folder, "source.ipynb"), Path(folder, "submission.ipynb")
        source.write_bytes(storage.read(notebook.source))
        submission.write_bytes(content)
        found = inspect_files(source=source, submission=submission)
    if found["refusal"]:
        raise NotebookRefused(found["refusal"])
    return notices(found)


def look_at_source(content: bytes) -> tuple[list[dict[str, Any]], bytes]:
    """The graded cells of an instructor's notebook and its student version, or NotebookRefused."""
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        source, released = Path(folder, "source.ipynb"), Path(folder, "student.ipynb")
        source.write_bytes(content)
        found = inspect_files(source=source)
        if found["refusal"]:
            raise NotebookRefused(found["refusal"])
        command = [sys.executable, "-m", "autograder", "release", str(source), "-o", str(released)]
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, env={}, capture_output=True, timeout=RELEASE_SECONDS, check=False
        )
        if done.returncode:
            raise NotebookRefused(done.stderr.decode(errors="replace").removeprefix("autograder: ").strip())
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
    return said


def _listed(names: list[str]) -> str:
    return ", ".join(names)
