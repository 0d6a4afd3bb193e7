"""Papers: PDFs that a worker holds against the format, which warns and never refuses."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile

from assignments import format_checks
from assignments.kinds.kind import Look, WorkKind, WorkRefused
from assignments.models import Assignment, Kind
from assignments.owners import Owner

MOST_BYTES = 40 << 20
HEAD, TAIL = 1024, 4096
"""Bytes in which a reader looks for the marks of a PDF."""
NO_PDF = "The file is damaged or is no PDF. Make the PDF again and open it once yourself."


class PaperField(forms.FileField):
    """A PDF, refused by size before a byte of it is read."""

    widget = forms.ClearableFileInput(attrs={"accept": ".pdf,application/pdf"})
    default_error_messages: ClassVar = {
        "required": "Choose a PDF first.",
        "empty": "The file is empty. Make the PDF again and choose it.",
        "missing": "Choose a PDF first.",
    }

    def clean(self, data: Any, initial: Any = None) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = super().clean(data, initial)
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(
                f"The file is {(file.size or 0) / 2**20:.0f} MB; a PDF may have at most {MOST_BYTES >> 20} MB. "
                "Make its pictures smaller and hand in again."
            )
        return file


class PaperKind(WorkKind):
    """One PDF."""

    name, label, noun = Kind.PAPER, "Paper (PDF)", "PDF"
    hint = "One PDF, at most 40 MB."
    file_name, ending = "paper.pdf", ".pdf"
    rest = "Writing, figures and format"
    settings = ("questions", "with_code")
    takes_code, shown_as = True, "pages"

    def field(self) -> forms.FileField:
        return PaperField(label="PDF")

    def look(self, assignment: Assignment, owner: Owner, content: bytes) -> Look:
        """Only whether it begins and ends as a PDF does: nobody waits for more than that to have handed in."""
        if b"%PDF-" not in content[:HEAD] or b"%%EOF" not in content[-TAIL:]:
            raise WorkRefused(NO_PDF)
        return Look()

    def asked(self, assignment: Assignment, owner: Owner) -> str:
        return format_checks.key_of(assignment, owner)
