"""What an assignment asks, as people read it. Pure. Settings as in `docs/course.schema.json`."""

from collections.abc import Mapping
from typing import Any

LATEX = {"required": "LaTeX only", "preferred": "LaTeX preferred, Word accepted"}
COLUMNS = {1: "one column", 2: "two columns"}

MOST_QUESTIONS, LONGEST_QUESTION = 19, 300
"""What a sheet has room for, with its line for the writing. As in `docs/course.schema.json`."""


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
        return ""
    columns = COLUMNS.get(rules.get("columns", 0))
    last = ", the last only references" if rules.get("last_page_only_references") else ""
    return said + (f" in {columns}" if columns else "") + last


def _count(pages: int) -> str:
    return "1 page" if pages == 1 else f"{pages} pages"
