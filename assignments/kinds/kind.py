"""What differs by what is handed in. Each kind is one module beside this one and a line in `registry`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from assignments.models import Assignment
from assignments.owners import Owner


class WorkRefused(Exception):
    """The file cannot be taken; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Look:
    """What a look at a file found: sentences for the student."""

    notices: Sequence[str] = ()


class HandedInKind(Protocol):
    """Says how files of one kind are taken."""

    file_name: str
    """Where the sender gave none."""
    ending: str
    """Of the files that are given out again."""

    def look(self, assignment: Assignment, owner: Owner, content: bytes) -> Look:
        """Look at the bytes: in a limited process, or no more than at their ends. Raises WorkRefused."""
