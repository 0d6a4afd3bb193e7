"""The shape of what people send about courses."""

from typing import Any

from django import forms

LARGEST = 10 << 20


class RosterForm(forms.Form):
    """A file or pasted text, one of them. `cleaned_data["content"]` is its bytes."""

    file = forms.FileField(label="Roster file", required=False)
    pasted = forms.CharField(
        label="Or paste it here",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": "Student ID, Name, Email, Section"}),
    )

    def clean(self) -> dict[str, Any]:
        """Exactly one of the two, and not more than a roster can be."""
        found = super().clean() or self.cleaned_data
        if bool(found.get("file")) == bool(found.get("pasted", "").strip()):
            raise forms.ValidationError("Choose a file or paste a roster, one of them.")
        if found.get("file") and found["file"].size > LARGEST:
            raise forms.ValidationError(f"The file is too large: at most {LARGEST >> 20} MB.")
        found["content"] = found["file"].read() if found.get("file") else found["pasted"].encode()
        return found
