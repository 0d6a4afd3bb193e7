"""Notes on single cells: written while marking, shown with the release, taken back by whoever wrote them."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from assignments.models import Submission
from autograder.notebook import MAX_CELLS
from courses.models import Enrolment
from grading.models import CellNote

LONGEST = 2000


class NoteRefused(Exception):
    """It cannot be noted like this; the message is for the marker."""


@transaction.atomic
def write_note(*, submission: Submission, by: Enrolment, sent: Mapping[str, str]) -> CellNote:
    """`cell`, `output` (or empty) and `text` as they were typed. The same once more is one: a double click."""
    Submission.objects.select_for_update(no_key=True, of=("self",)).get(pk=submission.pk)
    cell, output = _number(sent.get("cell", ""), "cell"), _number(sent.get("output", "") or "0", "output")
    text = sent.get("text", "").replace("\x00", "").strip()[:LONGEST]
    if not cell:
        raise NoteRefused("Which cell? Its number stands above it in the notebook.")
    if not text:
        raise NoteRefused("Write the note first.")
    same = CellNote.objects.filter(submission=submission, withdrawn_at=None, cell=cell, text=text, author=by)
    found = same.filter(output=output or None).first()
    return found or CellNote.objects.create(
        submission=submission, cell=cell, output=output or None, text=text, author=by
    )


def _number(text: str, what: str) -> int:
    plain = text.strip()
    if not plain:
        return 0
    if not plain.isascii() or not plain.isdigit() or len(plain) > 5 or int(plain) > MAX_CELLS:  # noqa: PLR2004  digits
        raise NoteRefused(f"“{plain[:20]}” is no number of {'a cell' if what == 'cell' else 'an output'}.")
    return int(plain)


def withdraw_note(*, submission: Submission, by: Enrolment, note: str) -> bool:
    """Take one's own note back; a lecturer any. What a release showed stays shown until the next one."""
    found = CellNote.objects.filter(
        submission=submission, withdrawn_at=None, pk=int(note[:18]) if note.isdecimal() else 0
    )
    if not by.is_lecturer:
        found = found.filter(author=by)
    return bool(found.update(withdrawn_at=timezone.now()))
