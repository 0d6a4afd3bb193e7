"""What differs by what is handed in. Each kind is one module beside this one and a line in `registry`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from assignments.models import Assignment
from assignments.owners import Owner
from courses.models import StoredFile


class WorkRefused(Exception):
    """The file cannot be taken; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Look:
    """What a look at a file found: sentences for the student, and what the kind keeps beside the bytes."""

    notices: Sequence[str] = ()
    kept: dict[str, Any] = field(default_factory=dict)


class HandedInKind(Protocol):
    """Says how files of one kind are taken."""

    file_name: str
    """Where the sender gave none."""
    ending: str
    """Of the files that are given out again."""

    def look(self, assignment: Assignment, owner: Owner, content: bytes) -> Look:
        """Look at the bytes in a limited process. Raises WorkRefused."""

    def keep(self, stored: StoredFile, look: Look) -> None:
        """Write down what was found, in the transaction that stores the bytes."""
