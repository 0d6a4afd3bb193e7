"""Notebooks: held against the instructor's before they are taken."""

from assignments import inspection
from assignments.kinds.kind import Look, WorkRefused
from assignments.models import Assignment
from assignments.owners import Owner
from assignments.selectors import current_notebook


class NotebookKind:
    """One `.ipynb`."""

    file_name = "notebook.ipynb"
    ending = ".ipynb"

    def look(self, assignment: Assignment, owner: Owner, content: bytes) -> Look:
        notebook = current_notebook(assignment)
        if notebook is None:
            raise WorkRefused("This assignment has no notebook yet. Try again when your instructor has published it.")
        try:
            return Look(inspection.look_at_submission(notebook, content))
        except inspection.NotebookRefused as refused:
            raise WorkRefused(str(refused)) from refused
