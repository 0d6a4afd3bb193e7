"""Notes: written while marking, shown with the release, taken back by whoever wrote them."""

from django.db import transaction
from django.utils import timezone

from assignments.models import Submission
from courses.models import Enrolment
from courses.requests import clean_text, key_in
from grading.models import Note
from grading.notes.forms import LONGEST, Anchor, NoteRefused

NOWHERE: Anchor = {**dict.fromkeys(("cell", "output", "page", "left", "top", "width", "height", "line")), "file": ""}


@transaction.atomic
def write_note(*, submission: Submission, by: Enrolment, text: str, anchor: Anchor) -> Note:
    """Words on a place, or on the whole work. The same once more is one: a double click. Raises NoteRefused."""
    Submission.objects.select_for_update(no_key=True, of=("self",)).get(pk=submission.pk)
    text = clean_text(text, LONGEST)
    if not text:
        raise NoteRefused("Write the note first.")
    where = {field: anchor.get(field, default) for field, default in NOWHERE.items()}
    same = Note.objects.filter(submission=submission, withdrawn_at=None, text=text, author=by, **where)
    return same.first() or Note.objects.create(submission=submission, text=text, author=by, **where)


def withdraw_note(*, submission: Submission, by: Enrolment, note: str) -> bool:
    """Take one's own note back; a lecturer any. What a release showed stays shown until the next one."""
    key = key_in(note)
    found = Note.objects.filter(submission=submission, withdrawn_at=None, pk=key)
    if not by.is_lecturer:
        found = found.filter(author=by)
    return bool(found.update(withdrawn_at=timezone.now()))
