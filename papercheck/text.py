"""The text of a PDF as lines with a place, a size and a font. Lengths in points, from the bottom left of the page."""

import ctypes
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdf

MOST_PAGES = 40
"""Text of more pages is not read."""
MOST_CHARACTERS = 30_000
"""On one page."""
GAP, RISE = 1.5, 0.5
"""In sizes of the letter: a wider gap or a higher step begins another line."""
STRANGE = (range(1, 9), range(0xE000, 0xF900), range(0xFFFD, 0x10000), range(0xF0000, 0x110000))
BOLD = re.compile(r"bold|black|heavy|semibold|medi|demi|cmbx|sfbx|ecbx|lmroman\d+-bold|黑|hei", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """A run of letters on one height without a wide gap: in two columns each has its own lines."""

    page: int
    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    font: str
    bold: bool


@dataclass(frozen=True)
class PageText:
    """The lines of one page in the order in which they were written; `images` on it; `strange`: letters that are none."""

    page: int
    width: float
    height: float
    lines: list[Line]
    letters: int
    strange: int
    images: int


def text_of(path: Path, most: int = MOST_PAGES) -> Iterator[PageText]:
    """Page after page, so that what was read before a limit strikes is kept. Raises pdfium.PdfiumError."""
    document = pdfium.PdfDocument(path)
    for place in range(min(len(document), most)):
        page = document[place]
        yield _page(place + 1, page)
        page.close()


def _page(number: int, page: Any) -> PageText:
    width, height = page.get_size()
    text = page.get_textpage()
    letters = list(_letters(text.raw))
    images = sum(1 for _ in page.get_objects([pdf.FPDF_PAGEOBJ_IMAGE], max_depth=2))
    strange = sum(1 for letter in letters if _is_strange(letter.code))
    solid = sum(1 for letter in letters if letter.code > ord(" "))
    text.close()
    return PageText(number, width, height, list(_lines(number, letters)), solid, strange, images)


@dataclass(frozen=True)
class _Letter:
    code: int
    left: float
    bottom: float
    right: float
    top: float
    base: float
    size: float
    font: str


def _letters(text: Any) -> Iterator[_Letter]:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    x, y = ctypes.c_double(), ctypes.c_double()
    matrix, name, flags = pdf.FS_MATRIX(), ctypes.create_string_buffer(120), ctypes.c_int()
    for place in range(min(pdf.FPDFText_CountChars(text), MOST_CHARACTERS)):
        code = pdf.FPDFText_GetUnicode(text, place)
        pdf.FPDFText_GetCharBox(text, place, left, right, bottom, top)
        pdf.FPDFText_GetCharOrigin(text, place, x, y)
        size = pdf.FPDFText_GetFontSize(text, place)
        if pdf.FPDFText_GetMatrix(text, place, matrix):
            size *= (matrix.c**2 + matrix.d**2) ** 0.5
        length = pdf.FPDFText_GetFontInfo(text, place, name, 120, flags)
        font = name.raw[: max(length - 1, 0)].decode(errors="replace") if 0 < length <= 120 else ""  # noqa: PLR2004  the buffer
        yield _Letter(code, left.value, bottom.value, right.value, top.value, y.value, round(size, 1), font)


def _lines(page: int, letters: list[_Letter]) -> Iterator[Line]:
    run: list[_Letter] = []
    spaced = False
    for letter in letters:
        if letter.code <= ord(" ") or letter.code == 0xA0:  # noqa: PLR2004  a space that does not break
            spaced = bool(run)
            continue
        if run and _breaks(run[-1], letter):
            yield _line(page, run)
            run = []
        elif run and spaced:
            run.append(
                _Letter(ord(" "), letter.left, letter.bottom, letter.left, letter.top, letter.base, letter.size, "")
            )
        run.append(letter)
        spaced = False
    if run:
        yield _line(page, run)


def _breaks(before: _Letter, letter: _Letter) -> bool:
    size = max(before.size, letter.size, 1.0)
    gap = letter.left - before.right
    return abs(letter.base - before.base) > RISE * size or gap > GAP * size or gap < -2 * size


def _line(page: int, run: list[_Letter]) -> Line:
    solid = [letter for letter in run if letter.font] or run
    size, _ = Counter(letter.size for letter in solid).most_common(1)[0]
    font, _ = Counter(letter.font for letter in solid).most_common(1)[0]
    text = "".join(chr(letter.code) for letter in run)
    inked = [letter for letter in run if letter.code > ord(" ")]
    return Line(
        page,
        text,
        round(min(letter.left for letter in inked), 1),
        round(min(letter.bottom for letter in inked), 1),
        round(max(letter.right for letter in inked), 1),
        round(max(letter.top for letter in inked), 1),
        size,
        font.split("+")[-1],
        bool(BOLD.search(font)),
    )


def _is_strange(code: int) -> bool:
    """Private use, replacement, control: letters that were encoded so that nobody can read them back."""
    return any(code in each for each in STRANGE)
