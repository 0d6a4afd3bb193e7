"""Markdown with mathematics, for texts that staff write. What comes out is sanitised; formulas are MathML and need no script."""

from functools import cache
from typing import Any

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

MATHML = {
    "math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "msup", "msub", "msubsup", "mfrac", "msqrt", "mroot",
    "mover", "munder", "munderover", "mtable", "mtr", "mtd", "mstyle", "menclose", "mpadded", "mphantom",
}  # fmt: skip
TAGS = MATHML | {
    "p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h3", "h4", "h5", "h6",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title"},
    "math": {"display", "xmlns"},
    "mo": {"stretchy", "fence", "form", "separator", "minsize", "maxsize", "movablelimits"},
    "mi": {"mathvariant"},
    "mtable": {"columnalign", "rowspacing", "columnspacing", "displaystyle"},
    "mtd": {"columnalign"},
    "mstyle": {"displaystyle", "scriptlevel", "mathvariant"},
    "mspace": {"width"},
    "mover": {"accent"},
    "munder": {"accentunder"},
    "mfrac": {"linethickness"},
    "ol": {"start"},
}
HEADING_BELOW = 2
"""A page has its own first two levels of headings."""


def rendered(text: str) -> SafeString:
    """Safe HTML. HTML in the text is shown as text; a formula that cannot be read is shown as it was written."""
    html = nh3.clean(_reader().render(text), tags=TAGS, attributes=ATTRIBUTES, link_rel="noopener noreferrer")
    return mark_safe(html)  # noqa: S308  sanitised in the line above


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(
        ["table", "strikethrough", "replacements"]
    )
    reader.core.ruler.push("headings", _lower_headings)
    return reader.use(dollarmath_plugin, renderer=_formula, double_inline=True)


def _lower_headings(state: Any) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + HEADING_BELOW, 6)}"


def _formula(latex: str, options: dict[str, Any]) -> str:
    from latex2mathml.converter import convert  # noqa: PLC0415  loads a table of symbols, for those pages alone that have formulas

    try:
        return str(convert(latex, display="block" if options.get("display_mode") else "inline"))
    except Exception:  # noqa: BLE001  whatever the library makes of somebody's typing
        return f"<code>{escape(latex)}</code>"
