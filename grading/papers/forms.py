"""The shapes of what is sent while groups' work is marked."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from courses.requests import clean_text
from grading.models import Criterion
from grading.papers.selectors import GroupWork, Sheet
from grading.papers.services import NewPoints
from grading.rows import number_in

MOST_CRITERIA = 20
PLACE = ("left", "top", "width", "height")


class SheetForm(forms.Form):
    """Points and a comment for each criterion; empty points: not marked yet."""

    def __init__(self, *args: Any, work: GroupWork, sheet: Sheet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = list(work.criteria)
        for criterion in self.criteria:
            mark = sheet.get(criterion.pk)
            self.fields[f"points-{criterion.pk}"] = forms.DecimalField(
                label=f"Points of {criterion.points.normalize():f}",
                min_value=Decimal(),
                max_value=criterion.points,
                decimal_places=2,
                required=False,
                initial=f"{mark.points.normalize():f}" if mark else None,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}),
                error_messages={"max_value": f"At most {criterion.points.normalize():f}."},
            )
            self.fields[f"comment-{criterion.pk}"] = forms.CharField(
                label="Comment",
                required=False,
                max_length=4000,
                initial=mark.comment if mark else "",
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def rows(self) -> list[tuple[Criterion, Any, Any]]:
        """Each criterion with its two fields."""
        return [(c, self[f"points-{c.pk}"], self[f"comment-{c.pk}"]) for c in self.criteria]

    def clean(self) -> dict[str, Any]:
        """A comment alone would say nothing in the end: it hangs on points."""
        sent = super().clean() or self.cleaned_data
        for criterion in self.criteria:
            points = sent.get(f"points-{criterion.pk}")
            if points is None and sent.get(f"comment-{criterion.pk}") and f"points-{criterion.pk}" not in self.errors:
                self.add_error(f"points-{criterion.pk}", "Give points too; a comment is kept with them.")
        return sent

    def marks(self) -> dict[Criterion, NewPoints]:
        """What was filled in."""
        sent = self.cleaned_data
        return {
            c: NewPoints(sent[f"points-{c.pk}"], sent[f"comment-{c.pk}"])
            for c in self.criteria
            if sent[f"points-{c.pk}"] is not None
        }


def criteria_in(sent: Any) -> tuple[list[tuple[int, str, Decimal]], str]:
    """The rows of the page of criteria, and what is wrong with them in words, or nothing."""
    rows: list[tuple[int, str, Decimal]] = []
    for place in range(MOST_CRITERIA):
        text = clean_text(sent.get(f"text-{place}", ""), 300)
        points = sent.get(f"points-{place}", "").strip()
        if not text and not points:
            continue
        try:
            value = number_in(points)
        except ValueError:
            value = None
        if not text or value is None or not 0 < value <= 1000 or value != round(value, 2):  # noqa: PLR2004  points of a sheet
            return rows, "Each line has a text and its points, a number above 0."
        key = sent.get(f"key-{place}", "")
        rows.append((int(key[:9]) if key.isascii() and key.isdigit() else 0, text, value))
    return rows, "" if rows else "Leave at least one line."


def place_in(sent: Any) -> tuple[int, tuple[int, int, int, int] | None]:
    """Page and place of a note; the place only if all four of its numbers are there."""
    numbers = [_whole(sent.get(name, "")) for name in ("page", *PLACE)]
    page, place = numbers[0] or 0, numbers[1:]
    if any(number is None for number in place):
        return page, None
    left, top, width, height = (number or 0 for number in place)
    return page, (left, top, width, height)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None  # noqa: PLR2004  a page, or thousandths


def seen_in(sent: Any) -> int:
    """The number of the latest mark that the page showed."""
    seen: str = sent.get("seen", "")
    return int(seen[:18]) if seen.isascii() and seen.isdigit() else 0


def typed_rows(sent: Any) -> Sequence[dict[str, str]]:
    """What was typed, to stand there again."""
    return [
        {name: sent.get(f"{name}-{place}", "") for name in ("key", "text", "points")} for place in range(MOST_CRITERIA)
    ]
