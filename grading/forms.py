"""The shape of marks as people enter them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from courses.policy.words import points_text
from grading.rows import MARKED, VisibleRow
from grading.services.marks import NewMark


class ReviewForm(forms.Form):
    """Points and a comment for each cell that a person marks; an override of a test may be added with its reason."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, rows: Sequence[VisibleRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        for row in rows:
            self.fields[f"points-{row.grade_id}"] = forms.DecimalField(
                label=f"Points of {points_text(row.points)}",
                required=False,
                min_value=Decimal(),
                max_value=row.points,
                decimal_places=3,
                initial=points_text(row.score) if row.status == MARKED and row.score is not None else None,
                widget=forms.NumberInput(attrs={"step": "0.5", "inputmode": "decimal"}),
                error_messages={"max_value": f"At most {points_text(row.points)} points."},
            )
            self.fields[f"comment-{row.grade_id}"] = forms.CharField(
                label="Comment",
                required=False,
                initial=row.comment,
                widget=forms.Textarea(attrs={"rows": 3}),
            )

    def pairs(self) -> list[tuple[VisibleRow, forms.BoundField, forms.BoundField]]:
        """Row, its points field, its comment field: for the template."""
        return [(row, self[f"points-{row.grade_id}"], self[f"comment-{row.grade_id}"]) for row in self.rows]

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        for row in self.rows:
            points, comment = fields.get(f"points-{row.grade_id}"), fields.get(f"comment-{row.grade_id}")
            if points is None and f"points-{row.grade_id}" not in self.errors:
                if row.status == MARKED:
                    self.add_error(f"points-{row.grade_id}", "A mark is not taken back; give other points instead.")
                elif comment:
                    self.add_error(f"points-{row.grade_id}", "Give points too: a comment alone is not saved.")
            if points is not None and not row.by_hand and not comment:
                self.add_error(f"comment-{row.grade_id}", "Say why, so that the student can read it.")
        return fields

    def marks(self) -> dict[str, NewMark]:
        """The marks that were entered; an empty points field is no mark."""
        entered = {}
        for row in self.rows:
            points = self.cleaned_data[f"points-{row.grade_id}"]
            if points is not None:
                entered[row.grade_id] = NewMark(points, self.cleaned_data[f"comment-{row.grade_id}"])
        return entered
