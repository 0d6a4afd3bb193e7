"""What the lines of a paper say together: body letter, columns, references, sections. Pure; lengths in points."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from papercheck.text import Line, PageText
from papercheck.words import APPENDIX, bare, is_numbered, is_references, names_in

HEAD, FOOT = 0.07, 0.1
"""Shares of the page in which running heads and page numbers stand."""
LONGEST_HEADING = 70
ONE_HEIGHT = 1.5
WORD = re.compile(r"[^\W\d_]{2}")
SAME_SIZE = 0.6
ENTRY = re.compile(r"^\s*(\[\d{1,3}\]|\[[A-Za-z+]{2,12}\d{2}[a-z]?\]|\(?\d{1,3}[.)]\s|[•*-]\s)|\b(19|20)\d\d[a-z]?\b")
INITIALS = r"(?:[A-ZÀ-Þ]\.[ -]?)+"
SURNAME = r"[A-ZÀ-Þ][\w'’-]+"
HAN = r"[\u4e00-\u9fff]{2,4}[,，、;；.．]"
AUTHORS = re.compile(
    rf"^\s*(?:\[\d+\]\s*)?(?:{SURNAME}(?: {SURNAME})?, {INITIALS}[;,&]|{INITIALS}{SURNAME}, )|^\s*{HAN}\s*{HAN}"
)
"""Authors as a list begins with them: `Abadi, M.; Agarwal, A.;`, `M. Abadi, A. Agarwal,`, `张三, 李四,`.

So many may stand before the year that it is not seen in the first lines.
"""
CAPTION = re.compile(r"^\s*(figure|fig\.|table|图|表)\s*\d+", re.IGNORECASE)
RUN_IN = re.compile(r"^\s*(abstract|摘\s*要)\s*[.:：—–-]", re.IGNORECASE)


@dataclass(frozen=True)
class Heading:
    """Where a section begins, and what it is called there."""

    page: int
    text: str
    names: tuple[str, ...]
    line: Line


@dataclass(frozen=True)
class References:
    """Where the list begins. `before`: lines of the same page that stand before it; `after`: pages with something else behind."""

    page: int
    line: Line
    before: tuple[str, ...]
    after: tuple[int, ...]
    has_list: bool


@dataclass
class Layout:
    """`readable`: whether there is text that can be read back at all. `size`, `font`: of the body. `columns` 0: cannot say."""

    readable: bool = False
    size: float = 0.0
    font: str = ""
    columns: int = 0
    references: References | None = None
    headings: list[Heading] = field(default_factory=list)
    body: dict[int, tuple[float, float, float, float]] = field(default_factory=dict)
    """Page → left, bottom, right, top of its text, running heads and page numbers left out."""
    numbered: int = 0
    """Pages with a page number."""


FEWEST_LETTERS = 100
"""On an average page of a text that is one."""
MOST_STRANGE = 0.3
LEAST_RIGHT, MOST_CROSSING = 0.12, 0.35


def layout_of(pages: Sequence[PageText], *, is_poster: bool = False) -> Layout:
    """Everything that follows from the lines. A poster has no columns, heads or references that we would speak of."""
    found = Layout()
    letters = sum(page.letters for page in pages)
    strange = sum(page.strange for page in pages)
    found.readable = bool(pages) and letters >= FEWEST_LETTERS * (1 if is_poster else len(pages))
    if letters and strange / letters > MOST_STRANGE:
        found.readable = False
    if not found.readable:
        return found
    body = {page.page: _body_lines(page, pages) for page in pages}
    found.size, found.font = _body_letter(pages)
    found.body = {number: _extent(lines) for number, lines in body.items() if lines}
    found.numbered = sum(any(_is_page_number(line, page) for line in page.lines) for page in pages)
    if is_poster:
        found.headings = [heading for lines in body.values() for heading in _headings(lines, found)]
        return found
    found.columns = _columns(pages, body, found.size)
    ordered = {page.page: _in_reading_order(body[page.page], page, found.columns) for page in pages}
    found.headings = [heading for number in ordered for heading in _headings(ordered[number], found)]
    found.references = _references(ordered, found)
    return found


def _body_letter(pages: Sequence[PageText]) -> tuple[float, str]:
    """Size and font of most letters."""
    sizes: Counter[float] = Counter()
    fonts: Counter[str] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[round(line.size * 2) / 2] += len(line.text)
            fonts[line.font] += len(line.text)
    return sizes.most_common(1)[0][0], fonts.most_common(1)[0][0]


def _body_lines(page: PageText, pages: Sequence[PageText]) -> list[Line]:
    """Without page numbers, and without what stands at the edge of several pages."""
    return [line for line in page.lines if not _is_page_number(line, page) and not _is_running(line, page, pages)]


def _is_page_number(line: Line, page: PageText) -> bool:
    at_edge = line.top < FOOT * page.height or line.bottom > (1 - HEAD) * page.height
    return at_edge and bool(re.fullmatch(r"\W*(page\s*)?\d{1,4}(\s*(/|of)\s*\d{1,4})?\W*", line.text, re.IGNORECASE))


def _is_running(line: Line, page: PageText, pages: Sequence[PageText]) -> bool:
    if FOOT * page.height < line.bottom < (1 - HEAD) * page.height:
        return False
    plain = re.sub(r"[\d\s]+", "", line.text).casefold()
    same = [
        other
        for other in pages
        if other.page != page.page
        and any(
            abs(there.bottom - line.bottom) < line.size and re.sub(r"[\d\s]+", "", there.text).casefold() == plain
            for there in other.lines
        )
    ]
    return bool(plain) and bool(same)


def _extent(lines: Sequence[Line]) -> tuple[float, float, float, float]:
    return (
        min(line.left for line in lines),
        min(line.bottom for line in lines),
        max(line.right for line in lines),
        max(line.top for line in lines),
    )


def _columns(pages: Sequence[PageText], body: dict[int, list[Line]], size: float) -> int:
    """2 where most body letters keep to one half of the page and both halves have some; 0 where there is too little."""
    crossing = right = total = 0
    for page in pages:
        middle = page.width / 2
        for line in body[page.page]:
            if abs(line.size - size) > SAME_SIZE:
                continue
            count = len(line.text)
            total += count
            if line.left < middle - 12 and line.right > middle + 12:
                crossing += count
            elif line.left >= middle - 12:
                right += count
    if total < FEWEST_LETTERS:
        return 0
    return 2 if crossing / total <= MOST_CROSSING and right / total >= LEAST_RIGHT else 1


def _in_reading_order(lines: Sequence[Line], page: PageText, columns: int) -> list[Line]:
    """From top to bottom; in two columns what goes across parts the page into bands, each read left, then right."""
    from_top = sorted(lines, key=lambda line: (-line.bottom, line.left))
    if columns != 2:  # noqa: PLR2004  two columns
        return from_top
    middle = page.width / 2
    ordered: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for line in from_top:
        if line.left < middle - 12 and line.right > middle + 12:
            ordered += [*left, *right, line]
            left, right = [], []
        elif line.left >= middle - 12:
            right.append(line)
        else:
            left.append(line)
    return [*ordered, *left, *right]


def _headings(lines: Sequence[Line], found: Layout) -> list[Heading]:
    headings = []
    for line in lines:
        if RUN_IN.match(line.text):
            headings.append(Heading(line.page, "Abstract", ("abstract",), line))
        elif len(line.text) <= LONGEST_HEADING and _stands_out(line, found) and not _in_table(line, lines, found):
            names = tuple(names_in(line.text))
            if names or is_references(line.text) or APPENDIX.match(bare(line.text)):
                headings.append(Heading(line.page, line.text.strip(), names, line))
    return headings


def _in_table(line: Line, lines: Sequence[Line], found: Layout) -> bool:
    """Whether words stand beside it, on its height and in its column of the page: then it is the head of a table's column."""
    if not found.columns:  # a poster has its blocks side by side
        return False
    left, _, right, _ = found.body[line.page]
    middle = (left + right) / 2 if found.columns == 2 else right  # noqa: PLR2004  two columns
    beside = (other for other in lines if other is not line and abs(other.bottom - line.bottom) < ONE_HEIGHT)
    same_column = (other for other in beside if (other.left < middle) == (line.left < middle))
    return any(WORD.search(other.text) for other in same_column)


def _stands_out(line: Line, found: Layout) -> bool:
    """Larger, bold, in another letter, numbered, or in capitals: as no cell of a table usually is."""
    capitals = line.text.isupper() and len(bare(line.text)) > 3  # noqa: PLR2004  not CNN
    return line.size > found.size + 0.4 or line.bold or line.font != found.font or is_numbered(line.text) or capitals


def _references(ordered: dict[int, list[Line]], found: Layout) -> References | None:
    """The last heading with a list behind it, or else the last heading at all."""
    stream = [line for number in sorted(ordered) for line in ordered[number]]
    places = [place for place, line in enumerate(stream) if is_references(line.text)]
    listed = [place for place in places if _has_list(stream[place + 1 : place + 9])]
    if not places:
        return None
    place = _first_of_last_run(listed, stream) if listed else places[-1]
    line = stream[place]
    before = tuple(other.text.strip() for other in ordered[line.page] if other in stream[:place])
    after = _other_pages(stream[place + 1 :], found)
    return References(line.page, line, before, after, bool(listed))


def _first_of_last_run(listed: Sequence[int], stream: Sequence[Line]) -> int:
    """A heading that is repeated on the page behind it ("References (continued)") began on the first."""
    place = listed[-1]
    for earlier in reversed(listed[:-1]):
        between = stream[earlier + 1 : place]
        entries = sum(bool(ENTRY.search(line.text)) for line in between)
        if entries * 4 < len(between):
            break
        place = earlier
    return place


def _has_list(lines: Sequence[Line]) -> bool:
    return any(ENTRY.search(line.text) for line in lines) or bool(lines and AUTHORS.match(lines[0].text))


def _other_pages(lines: Sequence[Line], found: Layout) -> tuple[int, ...]:
    """Pages behind the heading on which something else begins: an appendix, another section, a figure's caption."""
    starts = {heading.line for heading in found.headings if not is_references(heading.text)}
    pages: set[int] = set()
    other = False
    for line in lines:
        if line in starts:
            other = True
        if other or CAPTION.match(line.text):
            pages.add(line.page)
    return tuple(sorted(pages))
