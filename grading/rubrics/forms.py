"""A rubric as people write it."""

from decimal import Decimal
from typing import Any

from django import forms

from grading.models import Rubric, RubricGroup


class ItemForm(forms.Form):
    """What an answer does or misses, and its points with their sign."""

    group = forms.ModelChoiceField(RubricGroup.objects.none(), required=False, empty_label="no group")
    text = forms.CharField(label="What it does or misses", max_length=300)
    points = forms.DecimalField(
        label="Points",
        min_value=Decimal(-1000),
        max_value=Decimal(1000),
        decimal_places=3,
        help_text="With its sign: 2 or -1.5.",
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )

    def __init__(self, *args: Any, rubric: Rubric | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if rubric is not None:
            self.fields["group"].queryset = rubric.groups.all()  # type: ignore[attr-defined]


class GroupForm(forms.Form):
    """Items that belong together, and how much they add or take together at most."""

    name = forms.CharField(label="Name of the group", max_length=60)
    cap = forms.DecimalField(
        label="At most, together",
        required=False,
        min_value=Decimal(),
        max_value=Decimal(1000),
        decimal_places=3,
        help_text="Empty: no limit.",
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )
