"""What differs by what is handed in. Each kind is one module or package beside this one and a line in `registry`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile

from assignments.models import Assignment
from assignments.owners import Owner


class WorkRefused(Exception):
    """The file cannot be taken; the message says what is wrong and what to do."""


class OneFile(forms.FileField):
    """One file, refused by size before a byte of it is read."""

    most: ClassVar[int]
    """Bytes."""
    too_large: ClassVar[str]
    """What is said of more, with their `{size}` in MB."""

    def clean(self, data: Any, initial: Any = None) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = super().clean(data, initial)
        if (size := file.size or 0) > self.most:
            raise forms.ValidationError(self.too_large.format(size=f"{size / 2**20:.0f}"))
        return file


@dataclass(frozen=True)
class Look:
    """What a look at a file found: sentences for the student; and why the file waits for a yes before it is taken, if it does."""

    notices: Sequence[str] = ()
    doubt: str = ""


class WorkKind:
    """What one kind of work is. The defaults are those of a file that nothing but people look at.

    `has_cells`: the questions are the cells of an instructor's notebook; else they are criteria that the lecturer writes.
    `shown_as`: how its pages are made, and so where a note can hang: `cells`, `pages`, `lines`; empty: in no way of ours.
    """

    name: ClassVar[str]
    """As it is stored; also the name of the field in which it is sent."""
    label: ClassVar[str]
    noun: ClassVar[str] = "file"
    """As in "Choose your file, or drop it here"."""
    pronoun: ClassVar[str] = "it"
    hint: ClassVar[str] = ""
    """What exactly is handed in, in a sentence."""
    file_name: ClassVar[str]
    """Where the sender gave none."""
    ending: ClassVar[str]
    """Of files that are given out again and had none."""
    settings: ClassVar[Sequence[str]] = ("questions",)
    """Settings of an assignment that only some kinds have."""
    rest: ClassVar[str] = "Clarity of what was written"
    """What is proposed to be marked beside the questions."""
    is_handed_in: ClassVar[bool] = True
    """Else nothing is, and its marks are entered."""
    has_cells: ClassVar[bool] = False
    shown_as: ClassVar[str] = ""

    def field(self) -> forms.FileField:
        """Where it is sent, in a form."""
        return forms.FileField(label=self.label, error_messages={"required": "Choose a file first."})

    def look(self, assignment: Assignment, owner: Owner, content: bytes) -> Look:
        """Look at the bytes: in a limited process, or no more than at their ends. Raises WorkRefused."""
        return Look()

    def asked(self, assignment: Assignment, owner: Owner) -> str:
        """Changes with what a worker holds the file against."""
        return ""

    def without_names(self, content: bytes) -> bytes | None:
        """The file without what names its author; None: that cannot be done."""
        return None

    def ending_of(self, original_name: str) -> str:
        """The ending under which a file is given out again."""
        return self.ending
