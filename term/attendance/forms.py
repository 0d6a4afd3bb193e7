"""The shapes of what is sent about attendance."""

from typing import Any

from django import forms

from assignments.models import Assignment
from courses.policy.calendar import YEARS


class MeetingForm(forms.Form):
    """A class: what it counts for, its name and its day."""

    item = forms.ModelChoiceField(Assignment.objects.none(), label="Counts for", empty_label=None)
    title = forms.CharField(label="Name", max_length=100)
    held_on = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, items: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].queryset = items  # type: ignore[attr-defined]
        if len(items) > 1:  # an exam is one of them, too: nothing is proposed
            self.fields["item"].empty_label = "Choose …"  # type: ignore[attr-defined]

    def clean_held_on(self) -> Any:
        """Far days are slips of the keyboard."""
        day = self.cleaned_data["held_on"]
        if day.year not in YEARS:
            raise forms.ValidationError(f"Choose a year from {YEARS.start} to {YEARS.stop - 1}.")
        return day
