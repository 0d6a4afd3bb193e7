"""The shapes of what is sent about votes."""

from collections.abc import Sequence
from typing import Any

from django import forms

from courses.forms import DueField, LocalDateTimeField


class VoteForm(forms.Form):
    """When ballots are taken."""

    opens_at = LocalDateTimeField(label="Opens")
    closes_at = DueField(label="Closes")


class PeerMarksForm(forms.Form):
    """Into which column the marks of the peers go."""

    item = forms.ChoiceField(label="Into the column")

    def __init__(self, *args: Any, items: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [("", "Choose …"), *((str(pk), name) for pk, name in items)]  # type: ignore[attr-defined]


def ranking_in(sent: Any, groups: Sequence[int]) -> tuple[list[int], list[int]]:
    """The ranked groups, best first, and the unseen ones, from a number or `x` for each group.

    Equal numbers stand in the order of the page; nothing is not placed.
    """
    places: list[tuple[float, int, int]] = []
    unseen: list[int] = []
    for turn, key in enumerate(groups):
        text = sent.get(f"place-{key}", "").strip()
        if text == "x":
            unseen.append(key)
        elif text.isascii() and text.isdigit() and len(text) <= 3:  # noqa: PLR2004  no course has a thousand groups
            places.append((int(text), turn, key))
    return [key for _, _, key in sorted(places)], unseen
