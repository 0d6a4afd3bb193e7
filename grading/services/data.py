"""Data sets on a worker's disk: written once for each set of contents, shown to every run read-only."""

import hashlib
import shutil
import tempfile
from pathlib import Path

from django.conf import settings

from assignments.models import Assignment
from assignments.selectors import data_files_of
from courses import storage


def folder_of(assignment: Assignment) -> Path | None:
    """The folder with the data sets of this assignment; None if it has none.

    Its name follows from its contents, so that a replaced file makes another folder and a run keeps what it began with.
    """
    files = data_files_of(assignment)
    if not files:
        return None
    contents = "\n".join(f"{file.name} {file.file_id}" for file in files)
    folder = Path(settings.VAR_DIR, "data", hashlib.sha256(contents.encode()).hexdigest())
    if folder.is_dir():
        return folder
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".part-"))
    try:
        for file in files:
            (part / file.name).write_bytes(storage.read(file.file))
            (part / file.name).chmod(0o444)
        part.chmod(0o755)  # read by whoever runs the notebook; the folder above keeps the host's others out
        part.rename(folder)
    except OSError:
        shutil.rmtree(part, ignore_errors=True)
        if not folder.is_dir():  # else another worker was faster
            raise
    return folder
