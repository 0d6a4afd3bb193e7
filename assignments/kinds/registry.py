"""Which kinds of work there are."""

from assignments.kinds.files.kind import FilesKind
from assignments.kinds.kind import HandedInKind
from assignments.kinds.notebook import NotebookKind
from assignments.kinds.paper import PaperKind
from assignments.models import Assignment

KINDS: dict[str, HandedInKind] = {kind.name: kind for kind in (NotebookKind(), PaperKind(), FilesKind())}
"""By the name that an assignment has for them; for the others nothing is handed in."""


def kind_of(assignment: Assignment) -> HandedInKind:
    """How this assignment's files are taken, looked at and shown. Raises KeyError where nothing is handed in."""
    return KINDS[assignment.kind]
