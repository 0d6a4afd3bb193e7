"""From facts and a stage's rules to findings: what is wrong on which page, how grave it is, and what to do. Pure.

Severities: `warning` what a rule of the stage says otherwise, `hint` what we cannot be sure of, `note` what a reader may
want to know. Nothing here refuses or deducts.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from papercheck.words import SECTIONS, names_in, sections_for

TOLERANCE_MM = 3.0
LETTER_MM, A4_MM, A0_MM = (215.9, 279.4), (210.0, 297.0), (841.0, 1189.0)
A_SERIES = {f"A{n}": (841 / math.sqrt(2) ** n, 1189 / math.sqrt(2) ** n) for n in range(5)}
KIT_MARGINS_MM = {"left": 19.05, "right": 19.05, "top": 19.05, "bottom": 31.75}
"""0.75 in, at the bottom 1.25 in: the text block of 7 × 9 in of the AAAI kits 2021 and 2025."""
MARGIN_SLACK_MM = 3.0
POINT_MM = 25.4 / 72
KIT_SIZE, SIZE_SLACK = 10.0, 0.6
MOST_LISTED = 6
NOBODY = re.compile(r"\s*(anonymous|unknown|none|匿名)", re.IGNORECASE)
"""Authors that tell nothing."""
NEAR_MISS = 7
"""So many lines before the references are quoted: whoever overlooked them wants to know which."""
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Finding:
    """`page` 0: the whole file. `box`: left, top, right, bottom as shares of the page, where there is a place."""

    rule: str
    severity: str
    page: int
    message: str
    action: str = ""
    box: Box | None = None


def findings(facts: Mapping[str, Any], rules: Mapping[str, Any]) -> list[dict[str, Any]]:
    """In the order of a reader's interest: what stops reading, then length, look, content, and the rest."""
    found = [
        *_limits(facts),
        *_pages(facts),
        *_length(facts, rules),
        *_size(facts, rules),
        *_look(facts, rules),
        *_content(facts, rules),
        *_origin(facts, rules),
        *_safety(facts),
    ]
    return [asdict(finding) for finding in found]


def _limits(facts: Mapping[str, Any]) -> list[Finding]:
    found = []
    if facts.get("stopped"):
        message = f"The check could not read on from here: {facts['stopped']}. What was found before stands below."
        found.append(Finding("limits", "hint", int(facts.get("doing", 0)), message))
    if "text" in facts and not facts["text"]:
        message = "The text cannot be read: the pages are pictures, or their letters are encoded in another way."
        action = (
            "Make the PDF from the source instead of scanning or printing it. Sections and columns were not looked at."
        )
        found.append(Finding("text-layer", "warning", 0, message, action))
    return found


def _pages(facts: Mapping[str, Any]) -> list[Finding]:
    found = []
    claimed, pages = facts.get("claimed"), facts["pages"]
    if facts.get("more"):
        found.append(Finding("page-count", "warning", 0, f"The file has more than {pages} pages."))
    elif claimed is not None and claimed != pages:
        message = f"The file says that it has {claimed} pages, but it has {pages}. {pages} are counted."
        found.append(Finding("page-count", "warning", 0, message, "Make the PDF again from its source."))
    if facts.get("loops"):
        found.append(Finding("damaged", "warning", 0, "The list of pages runs in a circle.", "Make the PDF again."))
    if facts.get("cut_off"):
        message = f"The file is cut off: its end is missing. {_count(pages)} could be read; what came after is lost."
        action = "Download it again, or make the PDF again, and open it once yourself before you hand it in."
        found.append(Finding("damaged", "warning", 0, message, action))
    elif facts.get("repaired"):
        message = "The file is damaged; it could be repaired for reading."
        found.append(Finding("damaged", "hint", 0, message, "Make the PDF again and open it once yourself."))
    return found


def _length(facts: Mapping[str, Any], rules: Mapping[str, Any]) -> list[Finding]:
    pages = facts["pages"]
    if pages < rules.get("least_pages", 0):
        message = f"{_count(pages)}; at least {rules['least_pages']} are asked for."
        return [Finding("pages", "warning", 0, message, "Say more, or check that the file is whole.")]
    if "height_mm" in rules:
        message, action = f"A poster has one page; this file has {pages}.", "Hand in one page."
        return [Finding("pages", "warning", 2, message, action)] if pages > 1 else []
    if "content_pages" in rules:
        most, more = rules["content_pages"], rules["reference_pages"]
        return _content_pages(facts, pages, most, more)
    if "pages" not in rules:
        return []
    found = []
    if pages > rules["pages"]:
        message = f"{_count(pages)}; at most {rules['pages']} are asked for."
        found.append(Finding("pages", "warning", rules["pages"] + 1, message, "Shorten the paper."))
    if rules.get("last_page_only_references") and pages >= rules["pages"]:
        found += _last_page(facts)
    return found


def _content_pages(facts: Mapping[str, Any], pages: int, most: int, more: int) -> list[Finding]:
    """So many pages of content and then so many of references."""
    found = []
    body, start = facts.get("body_pages"), facts.get("references_start")
    if body is not None and start is None:
        return _uncounted_pages(pages, most, more)
    if pages > most + more and (body is None or body <= most):
        message = f"{_count(pages)}; {_count(most)} of content and {_count(more)} of references are asked for."
        found.append(Finding("pages", "warning", most + more + 1, message, "Shorten the paper."))
    if body is not None and start is not None and body > most:
        near = facts.get("before_references") or []
        said = f"Content fills {_count(body)}; at most {most} are asked for."
        if start == most + 1 and 0 < len(near) <= NEAR_MISS:
            said += f" On page {start} these lines stand before the references: {_quoted(near)}."
        found.append(Finding("pages", "warning", most + 1, said, "Move them before the references' page, or shorten."))
    return found


def _uncounted_pages(pages: int, most: int, more: int) -> list[Finding]:
    """Without a heading of references nobody knows where content ends: the length of the whole is judged, and it is said why."""
    if pages <= most:
        return []
    asked = f"{_count(most)} of content and {_count(more)} of references are asked for"
    message = f"{_count(pages)}; no heading of references was found, so all of it was counted. {asked}."
    sure = pages > most + more
    action = "Shorten the paper." if sure else "If the last pages hold only references, nothing is wrong."
    return [Finding("pages", "warning" if sure else "hint", most + (more if sure else 0) + 1, message, action)]


def _last_page(facts: Mapping[str, Any]) -> list[Finding]:
    only = facts.get("last_page_only_references")
    if only is None and "body_pages" in facts and facts.get("references_start") is None:
        message = "No heading of references was found, so whether the last page holds only references is not known."
        return [Finding("last-page", "hint", facts["pages"], message)]
    if only is None or only:
        return []
    last, near = facts["pages"], facts.get("before_references") or []
    message = "The last page holds more than references."
    if facts.get("references_start") == last and 0 < len(near) <= NEAR_MISS:
        message += f" Before them: {_quoted(near)}."
    return [Finding("last-page", "warning", last, message, "Only references may stand on the last page.", _box(facts))]


def _size(facts: Mapping[str, Any], rules: Mapping[str, Any]) -> list[Finding]:
    sizes = [tuple(size) for size in facts["sizes_mm"]]
    if not sizes:
        return []
    if "height_mm" in rules:
        return _poster_size(sizes[0], (float(rules["width_mm"]), float(rules["height_mm"])))
    found = []
    if len({(round(w), round(h)) for w, h in sizes}) > 1:
        found.append(Finding("page-size", "hint", 0, "The pages have different sizes."))
    if "AAAI" in str(rules.get("kit", "")) and not _same(sizes[0], LETTER_MM):
        said = "A4" if _same(sizes[0], A4_MM) else _mm(sizes[0])
        message = f"The page is {said}; the {rules['kit']} uses US letter (215.9 × 279.4 mm)."
        found.append(Finding("page-size", "hint", 1, message, "In LaTeX: \\documentclass[letterpaper]{article}."))
    return found


def _poster_size(size: tuple[float, ...], wanted: tuple[float, float]) -> list[Finding]:
    width, height = size
    if _same(size, wanted):
        return []
    name = "A0 portrait" if _same(wanted, A0_MM) else _mm(wanted)
    if _same((height, width), wanted):
        message, action = f"The poster lies on its side; {name} is asked for.", "Turn the page to portrait."
        return [Finding("poster-size", "warning", 1, message, action)]
    said = next((key for key, each in A_SERIES.items() if _same(size, each)), "")
    upright = height > width
    if all(abs(a - b) <= 0.02 * b for a, b in zip(size, wanted, strict=True)):
        message = f"The page is {_mm(size)}: {name}, {_off(size, wanted)}."
        return [Finding("poster-size", "hint", 1, message, "Good enough to read; set the exact size if you can.")]
    if upright and abs(height / width - wanted[1] / wanted[0]) < 0.01:  # noqa: PLR2004  one in a hundred
        message = f"This is {said or _mm(size)}, not {name} ({_mm(wanted)}); it scales to it without change."
        return [Finding("poster-size", "hint", 1, message, "Set the page to the size that is asked for, if you can.")]
    message = f"The page is {_mm(size)}; {name} ({_mm(wanted)}) is asked for."
    return [Finding("poster-size", "warning", 1, message, "Set the size of the page, then place the content again.")]


def _off(size: Sequence[float], wanted: Sequence[float]) -> str:
    """`9 mm short`, of whichever sides are more than the tolerance away."""
    sides = zip(("wide", "high"), size, wanted, strict=True)
    away = [(side, a - b) for side, a, b in sides if abs(a - b) > TOLERANCE_MM]
    return " and ".join(
        f"{abs(by):.0f} mm {'not ' if by < 0 else 'too '}{side}{' enough' if by < 0 else ''}" for side, by in away
    )


def _look(facts: Mapping[str, Any], rules: Mapping[str, Any]) -> list[Finding]:
    if not facts.get("text"):
        return []
    found = []
    columns = rules.get("columns")
    if columns and facts["columns"] and facts["columns"] != columns:
        asked = "two columns are" if columns == 2 else "one column is"  # noqa: PLR2004  two
        said = "one column" if facts["columns"] == 1 else "two columns"
        found.append(Finding("columns", "warning", 1, f"The text stands in {said}; {asked} asked for."))
    if "AAAI" not in str(rules.get("kit", "")):
        return found
    if abs(facts["body_size"] - KIT_SIZE) > SIZE_SLACK:
        message = f"The body is set in {facts['body_size']:g} points; the kit uses 10."
        found.append(Finding("body-size", "warning", 1, message, "Use the kit's style file without changes."))
    if _same(facts["sizes_mm"][0], LETTER_MM):  # else the size is the one thing to say
        found += _margins(facts.get("over_margins", []), facts["sizes_mm"])
    if facts.get("numbered_pages", 0) > 1:
        message = "There are page numbers; the kit has none."
        found.append(Finding("page-numbers", "hint", 1, message, "", _strip("bottom", facts["sizes_mm"][0])))
    return found


def _margins(over: Sequence[tuple[str, int, float]], sizes: Sequence[Sequence[float]]) -> list[Finding]:
    """One finding for each edge, at the first of its pages, with the margin marked there."""
    found = []
    for edge, asked in KIT_MARGINS_MM.items():
        pages = [page for there, page, _ in over if there == edge]
        if pages:
            most = max(far for there, _, far in over if there == edge)
            also = f" So do {len(pages) - 1} more pages." if len(pages) > 1 else ""
            message = f"Text reaches {most:.0f} mm into the {edge} margin of {asked:.0f} mm.{also}"
            action, place = "Use the kit's style file without changes.", _strip(edge, sizes[pages[0] - 1])
            found.append(Finding("margins", "warning", pages[0], message, action, place))
    return found


def _strip(edge: str, size: Sequence[float]) -> Box:
    """A margin of the kit as a part of the page."""
    across, down = KIT_MARGINS_MM[edge] / size[0], KIT_MARGINS_MM[edge] / size[1]
    return {
        "left": (0.0, 0.0, across, 1.0),
        "right": (1 - across, 0.0, 1.0, 1.0),
        "top": (0.0, 0.0, 1.0, down),
        "bottom": (0.0, 1 - down, 1.0, 1.0),
    }[edge]


def over_margins(body: Mapping[int, Sequence[float]], sizes: Sequence[Sequence[float]]) -> list[tuple[str, int, float]]:
    """(edge, page, mm) of text that stands further out than the AAAI kits allow. `body`: in points, as Layout has it."""
    found = []
    for page, (left, bottom, right, top) in sorted(body.items()):
        width, height = sizes[page - 1]
        margins = {
            "left": left * POINT_MM,
            "right": width - right * POINT_MM,
            "top": height - top * POINT_MM,
            "bottom": bottom * POINT_MM,
        }
        for edge, asked in KIT_MARGINS_MM.items():
            if margins[edge] < asked - MARGIN_SLACK_MM:
                found.append((edge, page, asked - margins[edge]))
    return found


def _content(facts: Mapping[str, Any], rules: Mapping[str, Any]) -> list[Finding]:
    if not facts.get("text"):
        return []
    there = {name for section in facts["sections"] for name in section["names"]}
    found = []
    asked = [(title, (names_in(title) or [title.casefold()])[0]) for title in rules.get("sections", [])]
    missing = [title for title, name in asked if name in SECTIONS and name not in there]
    if missing:
        message = f"Not found under any name that we know: {', '.join(missing)}."
        action = "If it is there under another name, nothing is wrong."
        found.append(Finding("sections", "hint", 0, message, action))
    for question in rules.get("questions", []):
        names = sections_for(question)
        if names and not there.intersection(names):
            message = f"No section was found in which this is usually answered: {question}"
            found.append(Finding("questions", "hint", 0, message, "Check that the paper answers it."))
    references = facts.get("references_start")
    if rules.get("sections") and references is None:
        found.append(Finding("references", "hint", 0, "No list of references was found."))
    elif references is not None and not facts.get("references_listed", True):
        message = "This heading is followed by no list that we recognise."
        found.append(Finding("references", "hint", references, message, "", _box(facts)))
    return found


def _origin(facts: Mapping[str, Any], rules: Mapping[str, Any]) -> list[Finding]:
    found = []
    if rules.get("latex") == "required" and facts["latex"] == "no":
        message = f"Made with {facts['producer'] or 'another program'}; LaTeX is asked for."
        found.append(Finding("latex", "warning", 0, message))
    elif rules.get("latex") == "required" and facts["latex"] == "unknown":
        message = "The file does not say whether it was made with LaTeX; merging or saving again hides it."
        found.append(Finding("latex", "note", 0, message))
    if facts.get("unembedded"):
        names = ", ".join(facts["unembedded"][:MOST_LISTED])
        message = f"These fonts are not in the file, so it looks different elsewhere: {names}."
        found.append(Finding("fonts", "hint", 0, message, "Embed all fonts."))
    if rules.get("anonymous"):
        for page, text in facts.get("names_told", []):
            found.append(Finding("anonymity", "warning", page, f"This may tell who wrote it: {text}", "Take it out."))
        if facts.get("author") and not NOBODY.match(facts["author"]):
            message = f"The file's properties name an author: {facts['author']}"
            found.append(Finding("anonymity", "warning", 0, message, "Empty the author in the document's properties."))
    return found


HIDDEN = {
    "script": "The file contains a script.",
    "program": "The file would start a program or send something.",
    "attachment": "Other files are packed into this one.",
    "form": "The file contains an XFA form.",
    "media": "The file contains films, sounds or 3-D parts.",
    "something else": "Something that is no PDF is packed before or behind it.",
    "unseen": "The file has so many parts that not all were looked at.",
}


def _safety(facts: Mapping[str, Any]) -> list[Finding]:
    action = "It does nothing here. Make the PDF again without it, so that it opens safely everywhere."
    found = [
        Finding("safety", "warning", 0, HIDDEN[each], action) for each in facts.get("hidden", []) if each in HIDDEN
    ]
    if facts.get("restricted"):
        message = "The file is encrypted, though it opens without a password."
        found.append(Finding("encrypted", "hint", 0, message, "Save it without protection."))
    return found


def _same(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(abs(a - b) <= TOLERANCE_MM for a, b in zip(one, other, strict=True))


def _box(facts: Mapping[str, Any]) -> Box | None:
    box = facts.get("references_box")
    return (box[0], box[1], box[2], box[3]) if box else None


def _quoted(lines: Sequence[str]) -> str:
    shown = "; ".join(f"“{line[:60]}”" for line in lines[:3])
    return shown + (f" and {len(lines) - 3} more" if len(lines) > 3 else "")  # noqa: PLR2004  three are quoted


def _count(pages: int) -> str:
    return "1 page" if pages == 1 else f"{pages} pages"


def _mm(size: Sequence[float]) -> str:
    return f"{size[0]:.0f} × {size[1]:.0f} mm"
