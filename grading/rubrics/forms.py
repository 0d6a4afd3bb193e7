"""A rubric as people write it."""

from decimal import Decimal

from django import forms


class ItemForm(forms.Form):
    """What an answer does or misses, and its points with their sign."""

    text = forms.CharField(label="What it does or misses", max_length=300)
    points = forms.DecimalField(
        label="Points",
        min_value=Decimal(-1000),
        max_value=Decimal(1000),
        decimal_places=3,
        help_text="With its sign: 2 or -1.5.",
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )
