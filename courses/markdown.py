"""Markdown with mathematics, for texts that staff write. What comes out is sanitised; formulas are MathML and need no script."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from mdit_py_plugins.amsmath import amsmath_plugin
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
PICTURES = {
    "img",
    "figure",
    "figcaption",
    "div",
    "span",
    "sub",
    "sup",
    "b",
    "i",
    "u",
    "center",
    "dl",
    "dt",
    "dd",
    "caption",
}
DATA_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]+")
SIZE = re.compile(r"\d{1,4}%?")
HEADING_BELOW = 2
"""A page has its own first two levels of headings."""


def rendered(text: str) -> SafeString:
    """Safe HTML. HTML in the text is shown as text; a formula that cannot be read is shown as it was written."""
    return mark_safe(cleaned(_reader(html=False).render(text)))  # noqa: S308  sanitised


def rendered_cell(text: str, pictures: Mapping[str, str]) -> str:
    """A notebook's Markdown: its own HTML is kept where it is harmless. `pictures`: name of an attachment → data URI.

    Pictures from elsewhere become what stands for them in words: nothing is fetched.
    """
    reader = _reader(html=True)
    tokens = reader.parse(text)
    for token in tokens:
        for child in token.children or ():
            if child.type == "image":
                name = unquote(str(child.attrs.get("src", "")).removeprefix("attachment:"))
                child.attrs["src"] = pictures.get(name, "")
    return cleaned(reader.renderer.render(tokens, reader.options, {}), pictures=True)


def cleaned(html: str, *, pictures: bool = False) -> str:
    """Only harmless elements and attributes. `pictures`: with images that carry their bytes with them."""
    return nh3.clean(
        storable(html),
        tags=TAGS | PICTURES if pictures else TAGS,
        attributes={**ATTRIBUTES, "img": {"src", "alt", "width", "height"}} if pictures else ATTRIBUTES,
        attribute_filter=harmless,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )


def storable(text: str) -> str:
    """Without halves of letters, which JSON can carry and UTF-8 cannot."""
    return text.encode(errors="replace").decode()


def _is_data(address: str) -> bool:
    """Browsers read past spaces and control characters in a scheme."""
    return "".join(c for c in address if c > " ").lower().startswith("data:")


def harmless(tag: str, name: str, value: str) -> str | None:
    """Pictures carry their bytes; links lead to the web or to a mail; sizes are numbers."""
    if name == "src":
        return value if DATA_PICTURE.fullmatch(value) else None
    if name == "href":
        return None if _is_data(value) else value
    if tag == "img" and name in {"width", "height"}:
        return value if SIZE.fullmatch(value) else None
    return value


@cache
def _reader(*, html: bool) -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": html, "typographer": not html}).enable(["table", "strikethrough"])
    if not html:
        reader.enable(["replacements"])
    reader.core.ruler.push("headings", _lower_headings)
    reader.use(amsmath_plugin, renderer=_environment)
    return reader.use(dollarmath_plugin, renderer=_formula, double_inline=True)


def _environment(latex: str) -> str:
    return _formula(latex, {"display_mode": True})


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
