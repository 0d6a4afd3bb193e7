"""The shapes of what is sent about a group's work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile

from courses.forms import DueField
from groups.models import Group

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


class GrantTimeForm(forms.Form):
    """Which group, until when, and why."""

    group = forms.ChoiceField(label="Group")
    until = DueField(label="New due time")
    reason = forms.CharField(label="Why (the members read it)", max_length=500)

    def __init__(self, *args: Any, groups: Sequence[Group], listed_due: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._groups = {str(group.pk): group for group in groups}
        self._listed_due = listed_due
        named = [(key, group.name) for key, group in self._groups.items()]
        self.fields["group"].choices = [("", "Choose …"), *named]  # type: ignore[attr-defined]

    def clean_group(self) -> Group:
        return self._groups[self.cleaned_data["group"]]

    def clean_until(self) -> datetime:
        """Later than for everybody: more time never moves a due time earlier."""
        until: datetime = self.cleaned_data["until"]
        if until <= self._listed_due:
            raise forms.ValidationError("Choose a time after the stage's due time.")
        return until
