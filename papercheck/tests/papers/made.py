"""PDFs made while the tests run, by reportlab and by edits with pikepdf. All text is invented."""

import io
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from reportlab.lib.pagesizes import A4, letter
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

WORDS = "we train a small network on images of leaves and ask what its first layer has learned from them ".split()  # noqa: SIM905  words
HAN = "我们在一个小的图像数据集上训练卷积网络并观察第一层学到了什么数据按照植株划分而不是按照图片划分"
PROPOSAL = ("Abstract", "Introduction", "Related Work", "Plan")
HAN_FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(HAN_FONT))


def paper(
    sections: tuple[str, ...] = PROPOSAL,
    *,
    columns: int = 2,
    page: tuple[float, float] = letter,
    pages: int = 2,
    references: str = "References",
    alone: bool = True,
    chinese: bool = False,
    size: float = 10,
    producer: str = "pdfTeX-1.40.24",
    bold: bool = True,
) -> bytes:
    """So many full pages of body with these sections, then references: alone on the next page, or in the last column."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=page)
    canvas.setProducer(producer)
    canvas.setCreator("TeX" if "TeX" in producer else producer)
    body = HAN_FONT if chinese else "Times-Roman"
    head = HAN_FONT if chinese else ("Times-Bold" if bold else "Times-Roman")
    left, width = 54.0, page[0] - 108
    column = (width - 27) / columns if columns > 1 else width
    slots = pages * columns
    for slot in range(slots):
        x = left + (slot % columns) * (column + 27)
        y = page[1] - 70
        named = [name for place, name in enumerate(sections) if place * slots // len(sections) == slot]
        here = 0
        while y > 95:
            if here % 14 == 0 and here // 14 < len(named):
                canvas.setFont(head, size + 2)
                canvas.drawString(x, y, named[here // 14])
                y -= 18
            last = slot == slots - 1 and not alone and here >= 30
            if last:
                break
            canvas.setFont(body, size)
            canvas.drawString(x, y, _line(slot * 60 + here, column, size, chinese=chinese))
            y -= size * 1.2
            here += 1
        if slot == slots - 1 and not alone and references:
            _list(canvas, x, y - 10, references, head, body, size)
        elif slot % columns == columns - 1:
            canvas.showPage()
    if alone and references:
        _list(canvas, left, page[1] - 70, references, head, body, size)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _line(seed: int, width: float, size: float, *, chinese: bool) -> str:
    if chinese:
        count = int(width / size)
        return "".join(HAN[(seed * 7 + n) % len(HAN)] for n in range(count))
    count = int(width / size / 2.6)
    return " ".join(WORDS[(seed * 5 + n) % len(WORDS)] for n in range(count))


def _list(canvas: Canvas, x: float, y: float, name: str, head: str, body: str, size: float) -> None:
    canvas.setFont(head, size + 2)
    canvas.drawString(x, y, name)
    canvas.setFont(body, size)
    for number in range(1, 9):
        canvas.drawString(x, y - 8 - number * size * 1.3, f"[{number}] A. Writer. On leaves. Press, 20{number:02d}.")


def poster(width: float = 841, height: float = 1189, *, text: bool = True) -> bytes:
    """A poster of so many millimetres."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(width * mm, height * mm))
    if text:
        canvas.setFont("Times-Bold", height / 15)
        for place, name in enumerate(("Leaves and Layers", "Method", "Results", "Conclusions")):
            canvas.drawString(width * 0.2, height * mm * (0.9 - 0.2 * place), name)
        canvas.setFont("Times-Roman", height / 40)
        for place in range(8):
            canvas.drawString(width * 0.2, height * mm * (0.5 - 0.04 * place), " ".join(WORDS[:12]))
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def scan(pages: int = 3) -> bytes:
    """Pages that are pictures."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    for _ in range(pages):
        canvas.setFillGray(0.5)
        canvas.rect(50, 50, 400, 600, fill=1)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def edited(content: bytes, edit: Callable[[pikepdf.Pdf], None], **saving: Any) -> bytes:
    """The same with something changed in its objects."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        edit(pdf)
        pdf.save(out, **saving)
    return out.getvalue()


def lying_count(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Pages.Count = 2


def turned(degrees: int) -> Callable[[pikepdf.Pdf], None]:
    def edit(pdf: pikepdf.Pdf) -> None:
        for page in pdf.pages:
            page.Rotate = degrees

    return edit


def cropped(pdf: pikepdf.Pdf) -> None:
    """To A4's left lower part of A3, with the corners the wrong way round."""
    for page in pdf.pages:
        page.MediaBox = Array([0, 0, 1190.55, 1683.78])
        page.CropBox = Array([595.276, 841.89, 0, 0])


def user_unit(pdf: pikepdf.Pdf) -> None:
    """A poster drawn at a quarter of its size."""
    for page in pdf.pages:
        page.MediaBox = Array([0, 0, 841 * 72 / 25.4 / 4, 1189 * 72 / 25.4 / 4])
        page.UserUnit = 4


def inherited(pdf: pikepdf.Pdf) -> None:
    """The size stands at the top of the tree, as an indirect object."""
    pdf.Root.Pages.MediaBox = pdf.make_indirect(Array([0, 0, 595.276, 841.89]))
    for page in pdf.pages:
        del page.obj["/MediaBox"]


def without_box(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        del page.obj["/MediaBox"]


def with_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name("/JavaScript"), JS=String("app.alert(1)"))


def with_program(pdf: pikepdf.Pdf) -> None:
    action = Dictionary(S=Name("/Launch"), F=String("calc.exe"))
    note = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 10, 10]), A=action)
    pdf.pages[0].Annots = Array([note])


def with_attachment(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["notes.txt"] = b"hello"


def with_form(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_stream(b"<xdp/>"))


def with_film(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name("/RichMedia"), Rect=Array([0, 0, 9, 9]))])


def looping(pdf: pikepdf.Pdf) -> None:
    """The tree of pages contains itself."""
    pdf.Root.Pages.Kids.append(pdf.Root.Pages)


def deep(pdf: pikepdf.Pdf) -> None:
    """Three thousand levels above the pages."""
    tree = pdf.Root.Pages
    for _ in range(3000):
        tree = pdf.make_indirect(Dictionary(Type=Name.Pages, Kids=Array([tree]), Count=1))
    pdf.Root.Pages = tree


def bomb(pdf: pikepdf.Pdf) -> None:
    """A page whose drawing unpacks to 300 MB, twice packed."""
    packer, raw = zlib.compressobj(9), b""
    for _ in range(300):
        raw += packer.compress(b"0 0 m 1 1 l S\n" * (1 << 20 >> 4) + b" " * (1 << 17))
    packed = zlib.compress(raw + packer.flush(), 9)
    stream = pikepdf.Stream(pdf, packed)
    stream.stream_dict = Dictionary(Filter=Array([Name.FlateDecode, Name.FlateDecode]))
    pdf.pages[-1].Contents = pdf.make_indirect(stream)


def huge_image(pdf: pikepdf.Pdf) -> None:
    """60,000 by 60,000 points of white."""
    packed = zlib.compress(bytes(1 << 20), 9)
    image = pikepdf.Stream(pdf, packed)
    image.stream_dict = Dictionary(
        Type=Name.XObject, Subtype=Name.Image, Width=60_000, Height=60_000, ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8, Filter=Name.FlateDecode,
    )  # fmt: skip
    pdf.pages[0].Resources = Dictionary(XObject=Dictionary(Im0=pdf.make_indirect(image)))
    pdf.pages[0].Contents = pdf.make_stream(b"q 500 0 0 500 0 0 cm /Im0 Do Q")


def calling_itself(pdf: pikepdf.Pdf) -> None:
    """A form that draws itself."""
    form = pdf.make_stream(b"/Fm0 Do")
    form.stream_dict = Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 10, 10]))
    form = pdf.make_indirect(form)
    form.Resources = Dictionary(XObject=Dictionary(Fm0=form))
    pdf.pages[0].Resources = Dictionary(XObject=Dictionary(Fm0=form))
    pdf.pages[0].Contents = pdf.make_stream(b"/Fm0 Do")


def many_pages(count: int, claimed: int | None = None) -> bytes:
    """So many empty pages, written by hand: quickly made, slowly read. `claimed`: what the file says that there are."""
    kids = b" ".join(b"%d 0 R" % (n + 3) for n in range(count))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/MediaBox[0 0 612 792]/Resources<<>>/Count %d/Kids[%s]>>"
        % (count if claimed is None else claimed, kids),
        *([b"<</Type/Page/Parent 2 0 R>>"] * count),
    ]
    body, table = b"%PDF-1.4\n", b"0000000000 65535 f \n"
    parts, at = [body], len(body)
    rows = [table]
    for number, each in enumerate(objects, start=1):
        rows.append(b"%010d 00000 n \n" % at)
        parts.append(b"%d 0 obj%sendobj\n" % (number, each))
        at += len(parts[-1])
    head = b"xref\n0 %d\n" % len(rows)
    end = b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (len(rows), at)
    return b"".join([*parts, head, *rows, end])
