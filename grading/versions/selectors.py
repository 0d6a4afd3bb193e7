"""The versions of one student's work, and what changed between two of them."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from assignments.models import Submission
from courses import storage
from courses.programs import run_program

SECONDS = 30


def versions_of(submission: Submission) -> list[Submission]:
    """All versions of the same student and assignment, newest first."""
    found = Submission.objects.filter(
        assignment=submission.assignment_id,
        student=submission.student_id,
        group=submission.group_id,
        file__isnull=False,
    )
    return list(found.select_related("file").order_by("-number"))


def changes_between(old: Submission, new: Submission) -> list[dict[str, Any]] | None:
    """As grading.versions.difference.Change; None where one of them cannot be read."""
    with tempfile.TemporaryDirectory(prefix="gradus-versions-") as folder:
        paths = [Path(folder, name) for name in ("old.ipynb", "new.ipynb")]
        for path, submission in zip(paths, (old, new), strict=True):
            path.write_bytes(storage.read(submission.stored))
        try:
            done = run_program("grading.versions", *map(str, paths), seconds=SECONDS)
            done.check_returncode()
        except subprocess.SubprocessError:
            return None
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found
