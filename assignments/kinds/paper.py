"""Papers: PDFs that a worker holds against the format, which warns and never refuses."""

from __future__ import annotations

from typing import ClassVar

from django import forms

from assignments import format_checks
from assignments.kinds.kind import Look, OneFile, WorkKind, WorkRefused
from assignments.models import Assignment, Kind
from assignments.owners import Owner

MOST_BYTES = 40 << 20
HEAD, TAIL, PADDING = 1024, 4096, b"\0 \t\r\n"
"""Bytes in which a reader looks for the marks of a PDF."""
NO_PDF = "The file is damaged or is no PDF. Make the PDF again and open it once yourself."
CUT_OFF = "This PDF looks cut off: its end is missing, and pages with it."


class PaperField(OneFile):
    """A PDF."""

    most = MOST_BYTES
    too_large = (
        f"The file is {{size}} MB; a PDF may have at most {MOST_BYTES >> 20} MB. "
        "Make its pictures smaller and hand in again."
    )
    widget = forms.ClearableFileInput(attrs={"accept": ".pdf,application/pdf"})
    default_error_messages: ClassVar = {
        "required": "Choose a PDF first.",
        "empty": "The file is empty. Make the PDF again and choose it.",
        "missing": "Choose a PDF first.",
    }


class PaperKind(WorkKind):
    """One PDF."""

    name, label, noun = Kind.PAPER, "Paper (PDF)", "PDF"
    hint = "One PDF, at most 40 MB."
    file_name, ending = "paper.pdf", ".pdf"
    rest = "Writing, figures and format"
    settings = ("questions", "with_code")
    shown_as = "pages"

    def field(self) -> forms.FileField:
        return PaperField(label="PDF")

    def look(self, assignment: Assignment, owner: Owner, content: bytes) -> Look:
        """Only whether it begins and ends as a PDF does: nobody waits for more than that to have handed in."""
        if b"%PDF-" not in content[:HEAD]:
            raise WorkRefused(NO_PDF)
        return Look(doubt="" if b"%%EOF" in content.rstrip(PADDING)[-TAIL:] else CUT_OFF)

    def asked(self, assignment: Assignment, owner: Owner) -> str:
        return format_checks.key_of(assignment, owner)
