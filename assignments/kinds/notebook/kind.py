"""Notebooks: held against the instructor's before they are taken, then run by a worker."""

from __future__ import annotations

from typing import ClassVar

from django import forms

from assignments import inspection
from assignments.anonymity import without_names
from assignments.kinds.kind import Look, OneFile, WorkKind, WorkRefused
from assignments.models import Assignment, Kind
from assignments.owners import Owner
from assignments.selectors import current_notebook
from autograder.notebook import MAX_BYTES


class NotebookField(OneFile):
    """A notebook."""

    most = MAX_BYTES
    too_large = (
        f"The file is {{size}} MB; a notebook may be at most {MAX_BYTES // 2**20} MB. "
        "Clear large outputs, save, and hand in again."
    )
    widget = forms.ClearableFileInput(attrs={"accept": ".ipynb,application/x-ipynb+json"})
    default_error_messages: ClassVar = {
        "required": "Choose a notebook file (.ipynb) first.",
        "empty": "The file is empty. Save the notebook and choose it again.",
        "missing": "Choose a notebook file (.ipynb) first.",
    }


class NotebookKind(WorkKind):
    """One `.ipynb`."""

    name, label, noun = Kind.NOTEBOOK, "Notebook", "notebook"
    hint = "One .ipynb file with your code, its results and your analysis, at most 10 MB."
    file_name, ending = "notebook.ipynb", ".ipynb"
    settings = ("queue", "minutes", "memory_gib")
    has_cells, shown_as = True, "cells"

    def field(self) -> forms.FileField:
        return NotebookField(label=self.label)

    def look(self, assignment: Assignment, owner: Owner, content: bytes) -> Look:
        notebook = current_notebook(assignment)
        if notebook is None:
            raise WorkRefused("This assignment has no notebook yet. Try again when your instructor has published it.")
        try:
            return Look(inspection.look_at_submission(notebook, content))
        except inspection.NotebookRefused as refused:
            raise WorkRefused(str(refused)) from refused

    def without_names(self, content: bytes) -> bytes | None:
        return without_names(content)
