"""Which kinds of work there are."""

from assignments.kinds.kind import HandedInKind
from assignments.kinds.notebook import NotebookKind
from assignments.kinds.paper import PaperKind
from assignments.models import Assignment, Kind

KINDS: dict[str, HandedInKind] = {Kind.NOTEBOOK: NotebookKind(), Kind.PAPER: PaperKind()}
"""By the name that an assignment has for them; for the others nothing is handed in."""


def kind_of(assignment: Assignment) -> HandedInKind:
    """How this assignment's files are taken. Raises KeyError where nothing is handed in."""
    return KINDS[assignment.kind]
