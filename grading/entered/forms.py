"""A table of marks, as a file or pasted."""

from decimal import Decimal

from django import forms

from courses.forms import RosterForm


class TableForm(RosterForm):
    """`content`: its bytes; `out_of`: the full mark in it."""

    file = forms.FileField(label="File with marks", required=False)
    pasted = forms.CharField(
        label="Or paste the marks here",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "D20250001, 78"}),
    )
    out_of = forms.DecimalField(
        label="Marks are out of",
        min_value=Decimal("0.01"),
        max_value=Decimal(100_000),
        initial=Decimal(100),
        decimal_places=2,
    )
