"""Papers: PDFs that a worker holds against the format, which warns and never refuses."""

from assignments.kinds.kind import Look, WorkRefused
from assignments.models import Assignment
from assignments.owners import Owner

HEAD, TAIL = 1024, 4096
"""Bytes in which a reader looks for the marks of a PDF."""
NO_PDF = "The file is damaged or is no PDF. Make the PDF again and open it once yourself."


class PaperKind:
    """One PDF."""

    file_name = "paper.pdf"
    ending = ".pdf"

    def look(self, assignment: Assignment, owner: Owner, content: bytes) -> Look:
        """Only whether it begins and ends as a PDF does: nobody waits for more than that to have handed in."""
        if b"%PDF-" not in content[:HEAD] or b"%%EOF" not in content[-TAIL:]:
            raise WorkRefused(NO_PDF)
        return Look()
