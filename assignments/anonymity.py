"""Marking without names: what those who mark read instead, and files without their writers' names."""

import hashlib
import hmac
from base64 import b32encode

from django.conf import settings

from assignments.models import Assignment
from assignments.owners import Owner, name_of
from autograder.notebook import read_notebook, write_notebook
from autograder.report import NotebookUnreadable
from courses.models import Enrolment, Role
from groups.models import Group

LENGTH = 5
KEPT = ("kernelspec", "language_info")
"""Metadata of a notebook that says how to read it and not who wrote it."""


def is_masked(viewer: Enrolment, assignment: Assignment) -> bool:
    """Whether this person marks this assignment without names; lecturers always see them."""
    return assignment.is_anonymous and viewer.is_staff and viewer.role < Role.LECTURER


def shown_name(viewer: Enrolment, assignment: Assignment, owner: Owner) -> str:
    """The name, or one that is the same for this owner on every page of this assignment and on no other's."""
    if not is_masked(viewer, assignment):
        return name_of(owner)
    what = "Group" if isinstance(owner, Group) else "Student"
    secret, facts = settings.SECRET_KEY.encode(), f"{assignment.pk}:{owner.pk}".encode()
    return f"{what} {b32encode(hmac.digest(secret, facts, hashlib.sha256)).decode()[:LENGTH]}"


def without_names(content: bytes) -> bytes:
    """The notebook without what editors write about its writer. Names within its cells stay: nobody can know them all."""
    try:
        notebook = read_notebook(content)
    except NotebookUnreadable:
        return b""
    kept = {key: value for key, value in notebook["metadata"].items() if key in KEPT}
    cells = [{**cell, "metadata": _kept(cell["metadata"])} for cell in notebook["cells"]]
    return write_notebook({**notebook, "metadata": kept, "cells": cells})


def _kept(metadata: dict[str, object]) -> dict[str, object]:
    """Of a cell: what makes it a graded one, and its tags."""
    return {key: value for key, value in metadata.items() if key in ("nbgrader", "tags", "otter")}
