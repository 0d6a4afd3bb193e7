"""Which kinds of work there are."""

from assignments.kinds.entered import EnteredKind
from assignments.kinds.files.kind import FilesKind
from assignments.kinds.kind import WorkKind
from assignments.kinds.notebook.kind import NotebookKind
from assignments.kinds.paper import PaperKind
from assignments.models import Assignment

KINDS: dict[str, WorkKind] = {kind.name: kind for kind in (NotebookKind(), PaperKind(), FilesKind())}
"""What is handed in, by the name that an assignment has for it."""
ENTERED = EnteredKind()
CODE = FilesKind()
"""What is handed in beside a paper."""


def kind_of(assignment: Assignment) -> WorkKind:
    """How this assignment's work is taken, looked at and shown. Raises KeyError for a kind that is gone."""
    return ENTERED if assignment.kind == ENTERED.name else KINDS[assignment.kind]
