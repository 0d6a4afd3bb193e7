"""Papers: PDFs that are held against the format, which warns and never refuses."""

from assignments import format_checks
from assignments.kinds.kind import Look, WorkRefused
from assignments.models import Assignment
from assignments.owners import Owner
from courses.models import StoredFile


class PaperKind:
    """One PDF."""

    file_name = "paper.pdf"
    ending = ".pdf"

    def look(self, assignment: Assignment, owner: Owner, content: bytes) -> Look:
        rules = format_checks.rules_of(assignment, owner)
        try:
            report = format_checks.look(content, rules)
        except format_checks.PaperRefused as refused:
            raise WorkRefused(str(refused)) from refused
        return Look(kept={"rules": rules, "report": report})

    def keep(self, stored: StoredFile, look: Look) -> None:
        format_checks.keep(stored, look.kept["rules"], look.kept["report"])
