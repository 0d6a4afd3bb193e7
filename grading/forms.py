"""The shape of marks as people enter them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms

from courses.policy.words import points_text
from grading.models import Mark, Rubric, RubricItem
from grading.policy.rubric import adjustment_for
from grading.rows import MARKED, VisibleRow, signed
from grading.selectors.rubrics import current_items, fingerprint
from grading.services.marks import NewMark

FIELDS = ("points", "ticks", "adjustment", "none", "comment")
"""Of a cell on the page."""


@dataclass(frozen=True)
class Cell:
    """One graded cell on the page: by its rubric if it has one (`ticks`, `adjustment`, `none`), else by `points`."""

    row: VisibleRow
    comment: forms.BoundField
    points: forms.BoundField | None = None
    ticks: forms.BoundField | None = None
    adjustment: forms.BoundField | None = None
    none: forms.BoundField | None = None
    rubric: Rubric | None = None

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.rubric)


class ReviewForm(forms.Form):
    """Points and a comment for each cell that a person marks; an override of a test may be added with its reason."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self,
        *args: Any,
        rows: Sequence[VisibleRow],
        rubrics: Mapping[str, Rubric] | None = None,
        marks: Mapping[str, Mark] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        self.rubrics = {key: rubric for key, rubric in (rubrics or {}).items() if current_items(rubric)}
        for row in rows:
            rubric = self.rubrics.get(row.grade_id) if row.by_hand else None
            if rubric is None:
                self.fields[f"points-{row.grade_id}"] = _points(row)
            else:
                self._add_rubric(row, rubric, (marks or {}).get(row.grade_id))
            self.fields[f"comment-{row.grade_id}"] = forms.CharField(
                label="Comment",
                required=False,
                initial=row.comment,
                widget=forms.Textarea(attrs={"rows": 3}),
            )

    def _add_rubric(self, row: VisibleRow, rubric: Rubric, mark: Mark | None) -> None:
        """Ticks for its items; a mark that was given without the rubric is an adjustment."""
        adjustment = mark.adjustment if mark else Decimal()
        if mark is not None and mark.rubric is None and mark.points is not None:
            adjustment = adjustment_for(mark.points, maximum=row.points, starts_full=rubric.starts_full)
        items = current_items(rubric)
        self.fields[f"ticks-{row.grade_id}"] = forms.TypedMultipleChoiceField(
            label="Rubric",
            required=False,
            coerce=int,
            choices=[(item.pk, _named(item)) for item in items],
            initial=list(mark.rubric or ()) if mark else [],
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields[f"adjustment-{row.grade_id}"] = forms.DecimalField(
            label="Adjustment",
            required=False,
            min_value=-row.points,
            max_value=row.points,
            decimal_places=3,
            initial=_exact(adjustment) if adjustment else None,
            widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        )
        self.fields[f"none-{row.grade_id}"] = forms.BooleanField(
            label="None of these, and no adjustment",
            required=False,
            initial=bool(mark and not mark.rubric and not adjustment),
        )

    def cells(self) -> list[Cell]:
        """What the template shows, cell by cell."""
        found = []
        for row in self.rows:
            comment, rubric = self[f"comment-{row.grade_id}"], self.rubrics.get(row.grade_id) if row.by_hand else None
            if rubric is None:
                found.append(Cell(row, comment, self[f"points-{row.grade_id}"]))
            else:
                ticks, adjustment, none = (self[f"{name}-{row.grade_id}"] for name in ("ticks", "adjustment", "none"))
                found.append(Cell(row, comment, None, ticks, adjustment, none, rubric))
        return found

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        for row in self.rows:
            if row.by_hand and row.grade_id in self.rubrics:
                self._clean_rubric(row, fields)
            else:
                self._clean_points(row, fields)
        return fields

    def _clean_points(self, row: VisibleRow, fields: dict[str, Any]) -> None:
        points, comment = fields.get(f"points-{row.grade_id}"), fields.get(f"comment-{row.grade_id}")
        if points is None and f"points-{row.grade_id}" not in self.errors:
            if row.status == MARKED:
                self.add_error(f"points-{row.grade_id}", "A mark is not taken back; give other points instead.")
            elif comment:
                self.add_error(f"points-{row.grade_id}", "Give points too: a comment alone is not saved.")
        if points is not None and not row.by_hand and not comment:
            self.add_error(f"comment-{row.grade_id}", "Say why, so that the student can read it.")

    def _clean_rubric(self, row: VisibleRow, fields: dict[str, Any]) -> None:
        ticked = bool(fields.get(f"ticks-{row.grade_id}")) or bool(fields.get(f"adjustment-{row.grade_id}"))
        none = bool(fields.get(f"none-{row.grade_id}"))
        if none and ticked:
            self.add_error(f"none-{row.grade_id}", "Something applies and “none” is ticked: choose one.")
        if not none and not ticked and (row.status == MARKED or fields.get(f"comment-{row.grade_id}")):
            self.add_error(f"none-{row.grade_id}", "Tick what applies, or that none of it does.")

    def marks(self) -> dict[str, NewMark]:
        """The marks that were entered; an empty cell is no mark, and neither is one that was left as it stood."""
        entered = {}
        for row in self.rows:
            if not any(f"{name}-{row.grade_id}" in self.changed_data for name in FIELDS):
                continue
            mark = self._by_rubric(row) if row.by_hand and row.grade_id in self.rubrics else self._by_points(row)
            if mark is not None:
                entered[row.grade_id] = mark
        return entered

    def _by_points(self, row: VisibleRow) -> NewMark | None:
        points = self.cleaned_data[f"points-{row.grade_id}"]
        return None if points is None else NewMark(points, self.cleaned_data[f"comment-{row.grade_id}"])

    def _by_rubric(self, row: VisibleRow) -> NewMark | None:
        ticks = tuple(sorted(self.cleaned_data[f"ticks-{row.grade_id}"]))
        adjustment = self.cleaned_data[f"adjustment-{row.grade_id}"] or Decimal()
        if not ticks and not adjustment and not self.cleaned_data[f"none-{row.grade_id}"]:
            return None
        return NewMark(None, self.cleaned_data[f"comment-{row.grade_id}"], ticks, adjustment)

    def outdated(self) -> list[str]:
        """Cells whose rubric is another one than when the page was made. A page that says nothing of it had none."""
        cells = [row.grade_id for row in self.rows if row.by_hand]
        return [c for c in cells if self.data.get(f"rubric-{c}", "") != fingerprint(self.rubrics.get(c))]

    def said(self) -> list[tuple[str, str]]:
        """Cell and what was entered for it, in words: for whoever compares it with what stands now."""
        found = []
        for cell, mark in self.marks().items():
            points = "" if mark.points is None else f"{points_text(mark.points)} points"
            items = [item for rubric in self.rubrics.values() for item in current_items(rubric)]
            ticked = [f"{item.text} ({signed(item.points)})" for item in items if item.pk in (mark.rubric or ())]
            adjustment = f"adjustment {signed(mark.adjustment)}" if mark.adjustment else ""
            parts = [points, *ticked, adjustment, f"“{mark.comment}”" if mark.comment else ""]
            found.append((cell, ", ".join(filter(None, parts)) or "nothing of the rubric"))
        return found

    def typed(self) -> dict[str, Any]:
        """What was sent, as first values of a new form; ticks as their keys."""
        kept = {name: self.data.get(name) for name in self.fields if name in self.data and name != "seen"}
        ticks = {name: self[name].value() for name in kept if name.startswith("ticks-")}
        return {**kept, **ticks}


def _named(item: RubricItem) -> str:
    """`Style: not clear (−1)`"""
    return f"{f'{item.group}: ' if item.group else ''}{item.text} ({signed(item.points)})"


def _exact(points: Decimal) -> Decimal:
    """All decimals that are stored, so that leaving a field alone leaves the mark alone, and no zeros behind them."""
    return Decimal(f"{points.normalize():f}")


def _points(row: VisibleRow) -> forms.DecimalField:
    return forms.DecimalField(
        label=f"Points of {points_text(row.points)}",
        required=False,
        min_value=Decimal(),
        max_value=row.points,
        decimal_places=3,
        initial=_exact(row.score) if row.status == MARKED and row.score is not None else None,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        error_messages={"max_value": f"At most {points_text(row.points)} points."},
    )
