"""What an assignment asks, as people read it. Pure. Settings as in `docs/course.schema.json`."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from courses.policy.calendar import add_days, end_of_minute

LATEX = {"required": "LaTeX only", "preferred": "LaTeX preferred, Word accepted"}
COLUMNS = {1: "one column", 2: "two columns"}

MOST_TIMES, MOST_DAYS = 5, 60
"""Of an accommodation: how many times the time, and how many days more."""
MOST_QUESTIONS, LONGEST_QUESTION = 19, 300
"""What a sheet has room for, with its line for the writing. As in `docs/course.schema.json`."""


def accommodated_due(
    *, opens_at: datetime | None, due_at: datetime, times: Decimal, days: int, zone: tzinfo
) -> datetime:
    """When it is due for whoever has `times` the time from opening on, and `days` at least; the end of that minute."""
    span = due_at - opens_at if opens_at is not None else timedelta()
    by_factor = due_at + timedelta(seconds=int(Decimal(span // timedelta(seconds=1)) * (times - 1)))
    return end_of_minute(max(by_factor, add_days(due_at, days, zone), due_at))


def questions_problem(questions: list[str]) -> str:
    """Why these are not asked, in a sentence; empty: they can be."""
    fits = len(questions) <= MOST_QUESTIONS and all(len(each) <= LONGEST_QUESTION for each in questions)
    return "" if fits else f"Ask at most {MOST_QUESTIONS} questions of at most {LONGEST_QUESTION} characters each."


def format_sentence(rules: Mapping[str, Any]) -> str:
    """The format of one stage's PDF in one line; empty without rules."""
    parts = [str(rules.get("kit", "")), "PDF" if rules else "", LATEX.get(rules.get("latex", ""), ""), _pages(rules)]
    if "height_mm" in rules:
        parts.append(f"{rules['height_mm']} mm high and {rules['width_mm']} mm wide")
    if rules.get("sections"):
        parts.append("sections: " + ", ".join(rules["sections"]))
    parts.append(str(rules.get("note", "")))
    return " · ".join(part for part in parts if part)


def _pages(rules: Mapping[str, Any]) -> str:
    if "content_pages" in rules:
        said = f"{_count(rules['content_pages'])} of content and {_count(rules['reference_pages'])} of references"
    elif "pages" in rules:
        said = f"at most {_count(rules['pages'])}"
    else:
        said = ""
    if "least_pages" in rules:
        said = f"at least {_count(rules['least_pages'])}{', ' if said else ''}{said}"
    if not said:
        return ""
    columns = COLUMNS.get(rules.get("columns", 0))
    last = ", the last only references" if rules.get("last_page_only_references") else ""
    return said + (f" in {columns}" if columns else "") + last


def _count(pages: int) -> str:
    return "1 page" if pages == 1 else f"{pages} pages"
