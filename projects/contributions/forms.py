"""The shape of what members say of each other."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from projects.contributions.services import MOST_POINTS


class ContributionForm(forms.Form):
    """A statement, and points for each of the others."""

    def __init__(self, *args: Any, others: Sequence[tuple[int, str]], saved: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others = others
        self.fields["statement"] = forms.CharField(
            label="What you did yourself",
            required=False,
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text="Those who teach read it; the others in your group do not.",
        )
        for key, name in others:
            self.fields[f"points-{key}"] = forms.IntegerField(
                label=name,
                required=False,
                min_value=0,
                max_value=MOST_POINTS,
                initial=saved.get(str(key)),
                widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}),
            )

    @property
    def rows(self) -> list[Any]:
        """One field for each of the others."""
        return [self[f"points-{key}"] for key, _ in self.others]

    def ratings(self) -> dict[int, int]:
        """What was given."""
        sent = self.cleaned_data
        return {key: sent[f"points-{key}"] for key, _ in self.others if sent[f"points-{key}"] is not None}
