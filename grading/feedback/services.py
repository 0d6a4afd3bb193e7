"""What a student keeps of a released grade: one file with marks and comments, and of a notebook its cells in between."""

import json
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from assignments.kinds.registry import kind_of
from assignments.models import Submission
from courses import storage
from courses.policy.words import points_text
from courses.programs import ProgramStopped, run_limited, unless_just_stopped
from grading.models import FeedbackBody, ReleasedGrade
from grading.rows import VisibleNote, VisibleRow, thawed

SECONDS = 60
BROKE = 1
"""How Python ends at an error that nobody foresaw."""
LONGEST = 60 << 20


def body_of(released: ReleasedGrade, submission: Submission) -> str:
    """The notebook with what was released of it, as sanitised HTML; empty where it cannot be made, or is no notebook.

    Made once for each released grade by a limited process; what failed by our fault is not kept.
    """
    if not kind_of(submission.assignment).has_cells:
        return ""
    kept = FeedbackBody.objects.filter(released=released).select_related("file").first()
    if kept is None:
        made = unless_just_stopped(f"feedback:{released.pk}", lambda: _made(submission, said_in(released)))
        if made is None:
            return ""
        file = storage.store(made) if made else None
        kept, _ = FeedbackBody.objects.get_or_create(released=released, defaults={"file": file})
    return storage.read(kept.file).decode() if kept.file is not None else ""


def said_in(released: ReleasedGrade) -> dict[str, dict[str, list[str]]]:
    """What was said of each graded cell, by its id, and noted on each cell, by its number."""
    cells: dict[str, list[str]] = defaultdict(list)
    notes: dict[str, list[str]] = defaultdict(list)
    for row in map(thawed, released.rows):
        cells[row.grade_id] += _words(row)
    for note in (VisibleNote(**each) for each in released.notes):
        if note.cell:
            notes[str(note.cell)].append(f"{note.where}: {note.text} ({note.author})")
    return {"cells": dict(cells), "notes": dict(notes)}


def _words(row: VisibleRow) -> list[str]:
    score = "not marked" if row.score is None else points_text(row.score)
    said = [f"{row.name}: {score} of {points_text(row.points)}"]
    said += [row.message] if row.message else []
    said += [f"{text} {signed}" for text, signed in row.rubric]
    said += [f"{row.comment} ({row.marker})" if row.marker else row.comment] if row.comment else []
    return said


def _made(submission: Submission, said: dict[str, Any]) -> bytes:
    """Empty where the notebook is too much for it. Raises ProgramStopped."""
    with tempfile.TemporaryDirectory(prefix="gradus-feedback-") as folder:
        notebook, words = Path(folder, "notebook.ipynb"), Path(folder, "said.json")
        notebook.write_bytes(storage.read(submission.stored))
        words.write_text(json.dumps(said))
        done = run_limited("grading.feedback", str(notebook), str(words), seconds=SECONDS)
    if done.returncode == BROKE:  # that says nothing about the notebook
        raise ProgramStopped
    return done.stdout if done.returncode == 0 and len(done.stdout) <= LONGEST else b""
