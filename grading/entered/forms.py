"""A table of marks, as a file or pasted."""

from decimal import Decimal

from django import forms

from courses.forms import TableForm


class MarksForm(TableForm):
    """`content`: its bytes; `out_of`: the full mark in it, unless it says so itself; `column`: which column is meant, from 0."""

    file = forms.FileField(label="File with marks", required=False)
    pasted = forms.CharField(
        label="Or paste the marks here",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "D20250001, 78"}),
    )
    out_of = forms.DecimalField(
        label="Marks are out of",
        required=False,
        min_value=Decimal("0.01"),
        max_value=Decimal(100_000),
        decimal_places=2,
        help_text="Empty: as the file says, or 100.",
    )
    column = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
