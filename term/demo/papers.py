"""PDFs that demo groups hand in: two-column papers and posters, some with faults. Every word and number is invented."""

import importlib.util
import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reportlab.lib.pagesizes import A4, letter
from reportlab.lib.units import inch, mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

ROMAN, BOLD = "STIXGeneral", "STIXGeneral-Bold"
SIDE, TOP, BOTTOM, GUTTER = 0.75 * inch, 0.75 * inch, 1.25 * inch, 0.375 * inch
SIZE, LEADING, HEADING = 10.0, 12.0, 12.0
SENTENCES = (
    "We split the data by source and not by sample, because two samples of one source are nearly the same sample.",
    "A learning rate that is too high makes the loss jump, and one that is too low lets it sleep for many epochs.",
    "Every run was repeated with five seeds; we report the mean and the spread and keep the worst run in the table.",
    "The baseline is a network with two hidden layers, which turned out to be harder to beat than we had expected.",
    "Most of the errors come from three of the classes, and a second look at their labels explains half of them.",
    "We stop training when the validation loss has not fallen for ten epochs and keep the weights of the best one.",
    "Augmentation by small shifts helped more than any change of the architecture that we tried within the budget.",
    "What the first layer learns can be seen; what the fourth one learns we can only describe by what it confuses.",
    "The largest model fits the training set within an hour and says nothing about the test set that surprises us.",
    "All experiments ran on one shared GPU, so we chose settings by a short search and fixed them before the test.",
)
ENTRIES = ("A. Writer and B. Reader.", "C. Drawer.", "D. Teller, E. Maker and F. Mender.", "G. Sower and H. Reaper.")
PLAN = ("Abstract", "Introduction", "Related Work", "Plan")
REPORT = ("Abstract", "Introduction", "Related Work", "Proposed Solution", "Experiments", "Conclusion")


@dataclass(frozen=True)
class Faults:
    """What is wrong with a paper on purpose."""

    one_column: bool = False
    a4: bool = False
    too_long: bool = False
    by_word: bool = False


GOOD = Faults()


def paper(title: str, sections: Sequence[str], pages: int, *, seed: int, faults: Faults = GOOD) -> bytes:
    """So many full pages in these sections and one page of references."""
    _register_fonts()
    page = A4 if faults.a4 else letter
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=page, invariant=True, initialFontName=ROMAN)
    canvas.setTitle(title)
    canvas.setProducer("WPS Writer" if faults.by_word else "pdfTeX-1.40 (imitated for the demo)")
    canvas.setCreator("WPS Writer" if faults.by_word else "LaTeX (imitated for the demo)")
    dice = random.Random(seed)  # noqa: S311  invented text
    wanted = pages + (1 if faults.too_long else 0)
    columns = _columns(page, 1 if faults.one_column else 2)
    slots = [column for _ in range(wanted) for column in columns]
    words = _words(sections, len(slots), dice)
    for turn, (x, width) in enumerate(slots):
        y = page[1] - TOP
        if turn == 0:
            canvas.setFont(BOLD, 15)
            canvas.drawCentredString(page[0] / 2, y - 14, title)
        y -= 46 if turn < len(columns) else 0
        _fill(canvas, x, y, width, words, dice, figure=turn % 3 == 2)  # noqa: PLR2004  now and then a figure
        if turn % len(columns) == len(columns) - 1:
            canvas.showPage()
    _references(canvas, page, columns[0], dice)
    canvas.save()
    return out.getvalue()


def poster(title: str, *, seed: int, width: float = 841, height: float = 1189) -> bytes:
    """A poster of so many millimetres."""
    _register_fonts()
    dice = random.Random(seed)  # noqa: S311  invented text
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(width * mm, height * mm), invariant=True, initialFontName=ROMAN)
    canvas.setTitle(title)
    canvas.setProducer("pdfTeX-1.40 (imitated for the demo)")
    unit = width * mm / 100
    canvas.setFillColorRGB(0.08, 0.34, 0.29)
    canvas.rect(0, height * mm - 14 * unit, width * mm, 14 * unit, stroke=0, fill=1)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.setFont(BOLD, 5 * unit)
    canvas.drawString(4 * unit, height * mm - 9 * unit, title)
    canvas.setFillColorRGB(0, 0, 0)
    for turn, name in enumerate(("Problem", "Method", "Experiments", "Conclusions")):
        x, y = (4 + 48 * (turn % 2)) * unit, height * mm - (22 + 58 * (turn // 2)) * unit
        canvas.setFont(BOLD, 3 * unit)
        canvas.drawString(x, y, name)
        canvas.setFont(ROMAN, 1.6 * unit)
        for line in _wrapped(" ".join(dice.sample(SENTENCES, 4)), ROMAN, 1.6 * unit, 44 * unit):
            y -= 2.2 * unit
            canvas.drawString(x, y - unit, line)
        _chart(canvas, x, y - 24 * unit, 40 * unit, 18 * unit, dice)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _register_fonts() -> None:
    """Letters that are embedded: those that matplotlib brings along."""
    if ROMAN in pdfmetrics.getRegisteredFontNames():
        return
    origin = getattr(importlib.util.find_spec("matplotlib"), "origin", "") or ""
    folder = Path(origin).parent / "mpl-data" / "fonts" / "ttf"
    pdfmetrics.registerFont(TTFont(ROMAN, str(folder / "STIXGeneral.ttf")))
    pdfmetrics.registerFont(TTFont(BOLD, str(folder / "STIXGeneralBol.ttf")))


def _columns(page: tuple[float, float], count: int) -> list[tuple[float, float]]:
    """(left edge, width) of each column."""
    whole = page[0] - 2 * SIDE
    if count == 1:
        return [(SIDE, whole)]
    width = (whole - GUTTER) / 2
    return [(SIDE, width), (SIDE + width + GUTTER, width)]


def _words(sections: Sequence[str], slots: int, dice: random.Random) -> Iterator[tuple[str, str]]:
    """(font, text) of headings and paragraphs without end; the sections are spread over the slots."""
    paragraphs = max(slots * 5 // len(sections), 1)
    for name in sections:
        yield BOLD, name
        for _ in range(paragraphs):
            yield ROMAN, " ".join(dice.sample(SENTENCES, 4))
    while True:
        yield ROMAN, " ".join(dice.sample(SENTENCES, 4))


def _fill(
    canvas: Canvas,
    x: float,
    y: float,
    width: float,
    words: Iterator[tuple[str, str]],
    dice: random.Random,
    *,
    figure: bool,
) -> None:
    """One column from top to bottom, perhaps with a figure at its foot."""
    floor = BOTTOM + (1.9 * inch if figure else 0)
    while y > floor + 9 * LEADING:
        font, text = next(words)
        size = HEADING if font == BOLD else SIZE
        if font == BOLD:
            y -= 6
        canvas.setFont(font, size)
        for line in _wrapped(text, font, size, width):
            canvas.drawString(x, y - size, line)
            y -= LEADING
        y -= 3
    if figure:
        _chart(canvas, x + 14, BOTTOM + 26, width - 28, 1.35 * inch, dice)
        canvas.setFont(ROMAN, 9)
        canvas.drawString(x, BOTTOM + 8, "Figure 1: Loss over epochs, five seeds.")


def _wrapped(text: str, font: str, size: float, width: float) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if pdfmetrics.stringWidth(longer, font, size) > width:
            yield line
            longer = word
        line = longer
    yield line


def _chart(canvas: Canvas, x: float, y: float, width: float, height: float, dice: random.Random) -> None:
    """Curves that fall."""
    canvas.setLineWidth(max(width / 300, 0.6))
    canvas.line(x, y, x + width, y)
    canvas.line(x, y, x, y + height)
    for _ in range(3):
        level, path = 0.95, canvas.beginPath()
        path.moveTo(x, y + height * level)
        for step in range(1, 25):
            level = max(level * dice.uniform(0.84, 1.0), 0.06)
            path.lineTo(x + width * step / 25, y + height * level)
        canvas.setStrokeColorRGB(dice.random() * 0.5, dice.random() * 0.5, dice.random() * 0.6)
        canvas.drawPath(path)
    canvas.setStrokeColorRGB(0, 0, 0)


def _references(canvas: Canvas, page: tuple[float, float], column: tuple[float, float], dice: random.Random) -> None:
    x, width = column
    y = page[1] - TOP
    canvas.setFont(BOLD, HEADING)
    canvas.drawString(x, y - HEADING, "References")
    y -= 2 * LEADING
    canvas.setFont(ROMAN, SIZE)
    for number in range(1, 15):
        who, year = dice.choice(ENTRIES), dice.randint(2001, 2024)
        for line in _wrapped(
            f"[{number}] {who} On layer {number} and what it knows. Invented Letters, {year}.", ROMAN, SIZE, width
        ):
            canvas.drawString(x, y - SIZE, line)
            y -= LEADING
        y -= 2
    canvas.showPage()
