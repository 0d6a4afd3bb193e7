"""The shapes of what is sent about a group's work."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile

MOST_BYTES = 40 << 20


class PaperField(forms.FileField):
    """A PDF, refused by size before a byte of it is read."""

    widget = forms.ClearableFileInput(attrs={"accept": ".pdf,application/pdf"})
    default_error_messages: ClassVar = {
        "required": "Choose a PDF first.",
        "empty": "The file is empty. Make the PDF again and choose it.",
        "missing": "Choose a PDF first.",
    }

    def clean(self, data: Any, initial: Any = None) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = super().clean(data, initial)
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(
                f"The file is {(file.size or 0) / 2**20:.0f} MB; a PDF may have at most {MOST_BYTES >> 20} MB. "
                "Make its pictures smaller and hand in again."
            )
        return file


class PaperForm(forms.Form):
    """One PDF."""

    paper = PaperField(label="PDF")
