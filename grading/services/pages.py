"""Pages of PDFs as pictures: drawn once by a limited process, kept, and never the student's own bytes."""

import logging
import subprocess
import tempfile
from pathlib import Path

from assignments.models import Submission
from courses import storage
from courses.models import StoredFile
from courses.programs import run_program
from grading.models import PageImage

logger = logging.getLogger(__name__)
DRAWER = 1
WIDTH = 1100
"""Pixels."""
SECONDS = 40
MOST_AHEAD = 12
"""So many pages are drawn before somebody asks."""


def page_image(source: StoredFile, page: int) -> StoredFile | None:
    """The picture of one page, drawn now if nobody has tried yet; None where it cannot be drawn, which is kept too."""
    found = PageImage.objects.filter(source=source.pk, page=page, drawer=DRAWER).select_related("file").first()
    if found is None:
        drawn = _drawn(source, page)
        file = storage.store(drawn) if drawn is not None else None
        found, _ = PageImage.objects.get_or_create(source=source.pk, page=page, drawer=DRAWER, defaults={"file": file})
    return found.file


def draw_ahead(*, submission_id: int) -> None:
    """In the worker, when something was handed in: whoever opens it finds it drawn. What breaks here costs nobody anything."""
    submission = Submission.objects.select_related("file").filter(pk=submission_id).first()
    if submission is None or not submission.has_file:
        return
    for page in range(1, MOST_AHEAD + 1):
        try:
            if page_image(submission.stored, page) is None:
                return
        except Exception:
            logger.exception("A page could not be drawn", extra={"submission_id": submission_id, "page": page})
            return


def _drawn(source: StoredFile, page: int) -> bytes | None:
    """PNG; None where there is no such page, or where it takes too much."""
    with tempfile.TemporaryDirectory(prefix="gradus-page-") as folder:
        path = Path(folder, "paper.pdf")
        path.write_bytes(storage.read(source))
        try:
            done = run_program("papercheck.picture", str(path), str(page), str(WIDTH), seconds=SECONDS)
        except subprocess.TimeoutExpired:
            return None
    return done.stdout if done.returncode == 0 and done.stdout.startswith(b"\x89PNG") else None
