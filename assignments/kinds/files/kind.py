"""Files of code or text, alone or in a zip: a worker lists them, people mark them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile

from assignments.kinds.files.listing import is_zip
from assignments.kinds.kind import Look, WorkKind, WorkRefused
from assignments.models import Assignment
from assignments.owners import Owner

MOST_BYTES = 40 << 20
MOST_AT_ONCE = 100
END_OF_ZIP = b"PK\x05\x06"
TAIL = (1 << 16) + 22
"""Bytes in which the end of a zip lies."""
OTHER_ARCHIVES = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
ENDING = re.compile(r"\.[a-z0-9]{1,8}")
ALWAYS = (1980, 1, 1, 0, 0, 0)
"""The time of each file in a zip of ours: the same files are the same bytes."""


class SeveralFiles(forms.ClearableFileInput):
    """A field for one file or several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file, or several that become one zip. Refused by size before a byte is read."""

    widget = SeveralFiles
    default_error_messages: ClassVar = {
        "required": "Choose a file first.",
        "empty": "The file is empty. Save it and choose it again.",
        "missing": "Choose a file first.",
    }

    def clean(self, data: Any, initial: Any = None) -> UploadedFile[bytes] | None:
        sent = [file for file in (data if isinstance(data, list) else [data]) if file]
        if not sent and not self.required:
            return None
        if len(sent) > MOST_AT_ONCE:
            raise forms.ValidationError(f"Choose at most {MOST_AT_ONCE} files, or make a zip of them.")
        self.allow_empty_file = len(sent) > 1 and any(file.size for file in sent)  # of a package one may be empty
        files: list[UploadedFile[bytes]] = [super(FilesField, self).clean(file, initial) for file in sent or [None]]
        if (size := sum(file.size or 0 for file in files)) > MOST_BYTES:
            raise forms.ValidationError(
                f"That is {size / 2**20:.0f} MB; at most {MOST_BYTES >> 20} MB are taken. Leave out data sets, weights and "
                "results that your code makes, and hand in again."
            )
        return files[0] if len(files) == 1 else zipped(files)


def zipped(files: Sequence[UploadedFile[bytes]]) -> UploadedFile[bytes]:
    """Several files as one zip. Raises ValidationError where two have one name."""
    if len({file.name for file in files}) < len(files):
        raise forms.ValidationError("Two of the files have the same name. Rename one, or make a zip of them.")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(files, key=lambda each: each.name or ""):
            archive.writestr(zipfile.ZipInfo(file.name or "file", ALWAYS), file.read(), zipfile.ZIP_DEFLATED)
    return SimpleUploadedFile("files.zip", made.getvalue(), "application/zip")


class FilesKind(WorkKind):
    """One file, or a zip."""

    name, label, noun, pronoun = "files", "Files of code or text", "files", "them"
    hint = "One file, several, or a zip of them, at most 40 MB in all."
    file_name, ending = "files.zip", ".txt"
    shown_as = "lines"

    def field(self) -> forms.FileField:
        return FilesField(label="Files")

    def look(self, assignment: Assignment, owner: Owner, content: bytes) -> Look:
        """Only at the ends: a worker lists what lies between."""
        if is_zip(content) and END_OF_ZIP not in content[-TAIL:]:
            raise WorkRefused("The zip is damaged, or was not sent whole. Make it again and open it once yourself.")
        if content.startswith(OTHER_ARCHIVES):
            raise WorkRefused("Make a zip of your files: archives of other kinds cannot be opened by those who mark.")
        return Look()

    def ending_of(self, original_name: str) -> str:
        ending = PurePosixPath(original_name).suffix.lower()
        return ending if ENDING.fullmatch(ending) else self.ending
