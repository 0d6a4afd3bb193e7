"""A paper's pages as they are read: pictures that we drew, with what was found and noted on them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grading.rows import VisibleNote

MOST_PAGES = 40
"""So many pages are shown; the rest is in the file."""


def pages_of(
    report: Mapping[str, Any], notes: Sequence[VisibleNote], address: Callable[[int], str]
) -> list[dict[str, Any]]:
    """Each page with its picture's address, and findings and notes with their places. `report`: as papercheck writes it."""
    count = min(int(report.get("pages", 0)), MOST_PAGES)
    return [_page(number, report, notes, address(number)) for number in range(1, count + 1)]


def _page(number: int, report: Mapping[str, Any], notes: Sequence[VisibleNote], address: str) -> dict[str, Any]:
    findings = [each for each in report.get("findings", []) if each["page"] == number]
    here = [note for note in notes if note.page == number]
    return {
        "number": number,
        "address": address,
        "findings": findings,
        "places": [_share(each["box"]) for each in findings if each["box"]],
        "notes": here,
        "noted": [_thousandths(note.place) for note in here if note.place],
    }


def _share(box: Sequence[float]) -> dict[str, int]:
    """Left, top, right, bottom as shares of a page → x, y, width, height in thousandths."""
    left, top, right, bottom = (round(share * 1000) for share in box)
    return {"x": left, "y": top, "width": max(right - left, 1), "height": max(bottom - top, 1)}


def _thousandths(place: Sequence[int]) -> dict[str, int]:
    left, top, width, height = place
    return {"x": left, "y": top, "width": width, "height": height}
