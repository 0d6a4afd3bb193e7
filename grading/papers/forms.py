"""The shapes of what is sent about papers."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from courses.requests import clean_text, key_in
from grading.rows import number_in

MOST_CRITERIA = 20


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
        rows.append((key_in(key), text, value))
    return rows, "" if rows else "Leave at least one line."


def typed_rows(sent: Any) -> Sequence[dict[str, str]]:
    """What was typed, to stand there again."""
    return [
        {name: sent.get(f"{name}-{place}", "") for name in ("key", "text", "points")} for place in range(MOST_CRITERIA)
    ]
