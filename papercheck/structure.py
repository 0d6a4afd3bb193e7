"""What a PDF says of itself: pages as they are, their displayed sizes, who made it, its fonts, and what hides in it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf

MOST_PAGES = 2000
"""The walk ends here: what has more is no paper."""
MOST_OBJECTS = 60_000
DEEPEST = 8
POINT_MM = 25.4 / 72
LETTER = (0.0, 0.0, 612.0, 792.0)
INHERITED = ("/MediaBox", "/CropBox", "/Rotate", "/Resources")
TEX = re.compile(r"pdftex|xetex|xdvipdfmx|luatex|dvips|dvipdf|\btex\b|latex|miktex", re.IGNORECASE)
NOT_TEX = re.compile(
    r"word|wps|writer|libreoffice|openoffice|pages|google docs|canva|marp|powerpoint|typst|wkhtml|impress|reportlab|skia",
    re.IGNORECASE,
)
ACTIONS = {"/JavaScript": "script", "/Launch": "program", "/ImportData": "program", "/SubmitForm": "program"}
TELLING = {"/JS": "script", "/EF": "attachment", "/EmbeddedFiles": "attachment", "/XFA": "form"}
MEDIA = {"/RichMedia", "/Movie", "/Sound", "/3D", "/Screen"}
LONGEST_PACKET = 200_000
STRANGE_HEAD, STRANGE_TAIL = 1024, 4096
HARMLESS = (
    "is missing or invalid",
    "has offset 0",
    "offset 0 ",
    "expected dictionary key",
    "duplicate",
    "unreferenced",
)
"""Of a reader's warnings: what Word, PowerPoint, Typora and Quartz write, and every program reads."""
NO_END = ("find startxref", "EOF", "find trailer")
LOST = "recover stream data"
TAIL = 4096
"""Bytes in which the end mark of a whole file stands, whatever was added behind it."""
MAGIC = (b"<html", b"<script", b"PK\x03\x04", b"MZ", b"\x7fELF", b"<!doctype")


@dataclass
class PageBox:
    """One page: its number from 1, its displayed size in mm, and its turn in degrees."""

    number: int
    width: float
    height: float
    turn: int


@dataclass
class Structure:
    """What was found. `claimed`: the number of pages that the file says it has; `more`: there are more than were walked."""

    pages: list[PageBox] = field(default_factory=list)
    claimed: int | None = None
    more: bool = False
    loops: bool = False
    repaired: bool = False
    cut_off: bool = False
    """Its end is missing, and whatever stood there."""
    restricted: bool = False
    producer: str = ""
    latex: str = "unknown"
    author: str = ""
    unembedded: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)


Node = tuple[pikepdf.Object, dict[str, Any]]
"""A page, or a part of the tree above pages, with what it inherits."""


class Unreadable(Exception):
    """The file cannot be read at all; the message says why and what to do."""


def opened(path: Path) -> pikepdf.Pdf:
    """The file, repaired as far as it can be. Raises Unreadable."""
    try:
        return pikepdf.open(path, suppress_warnings=True)
    except pikepdf.PasswordError as error:
        raise Unreadable("The PDF needs a password. Save it without one and hand it in again.") from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise Unreadable("The file is damaged or is no PDF. Make the PDF again and open it once yourself.") from error


def _has_its_end(path: Path) -> bool:
    """Whether the end mark stands where it belongs, but for padding and a little that a server has put behind it."""
    return b"%%EOF" in path.read_bytes().rstrip(b"\0 \t\r\n")[-TAIL:]


def structure_of(pdf: pikepdf.Pdf) -> tuple[Structure, list[Node]]:
    """What everything else needs, and the pages themselves in order. Raises Unreadable where there are no pages."""
    found = Structure()
    nodes = _walk(pdf, found)
    if not nodes:
        raise Unreadable("The PDF has no pages. Make it again and open it once yourself.")
    for number, (_, inherited) in enumerate(nodes, start=1):
        found.pages.append(_box(number, inherited))
    warnings = [warning for warning in pdf.get_warnings() if not any(word in warning for word in HARMLESS)]
    found.repaired = bool(warnings)
    found.cut_off = any(LOST in warning for warning in warnings) or (
        any(word in warning for warning in warnings for word in NO_END) and not _has_its_end(Path(pdf.filename))
    )
    found.restricted = bool(pdf.is_encrypted)
    return found, nodes


def look_inside(pdf: pikepdf.Pdf, path: Path, found: Structure, nodes: list[Node]) -> None:
    """Who made it, what hides in it, which letters it lacks. What breaks here is left out: a paper is read without it too."""
    looks: list[Callable[[], object]] = [
        lambda: _made_by(pdf, found),
        lambda: found.hidden.extend(sorted(_hidden(pdf) | _around(path))),
        lambda: found.unembedded.extend(_unembedded(nodes)),
    ]
    for look in looks:
        try:
            look()
        except (pikepdf.PdfError, ValueError, TypeError, KeyError, RecursionError):
            found.hidden.append("unseen")


def flattened(pdf: pikepdf.Pdf, nodes: list[Node], to: Path, most: int) -> None:
    """A copy with an honest page tree, for readers that believe `/Count`. Only the first `most` pages."""
    kept = [node for node, _ in nodes[:most]]
    tree = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Pages, Count=len(kept), Kids=pikepdf.Array(kept)))
    for node in kept:
        node["/Parent"] = tree
    pdf.Root["/Pages"] = tree
    pdf.save(to, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def _walk(pdf: pikepdf.Pdf, found: Structure) -> list[Node]:
    """Pages in order, each with what it inherits. Counts what is there, whatever `/Count` says."""
    top = pdf.Root.get("/Pages")
    if not isinstance(top, pikepdf.Dictionary):
        return []
    count = top.get("/Count")
    found.claimed = int(count) if isinstance(count, int | Decimal) else None
    seen: set[tuple[int, int]] = set()
    pages: list[Node] = []
    stack: list[Node] = [(top, {})]
    while stack:
        node, inherited = stack.pop()
        if not isinstance(node, pikepdf.Dictionary) or _is_known(node, seen, found):
            continue
        own = inherited | {key: node[key] for key in INHERITED if key in node}
        kids = node.get("/Kids")
        if isinstance(kids, pikepdf.Array):
            room = MOST_PAGES - len(pages) + 1
            stack.extend((kid, own) for kid in reversed(list(_first(kids, room))))
        elif len(pages) < MOST_PAGES:
            pages.append((node, _kept(node, own)))
        else:
            found.more = True
            break
    return pages


def _is_known(node: pikepdf.Object, seen: set[tuple[int, int]], found: Structure) -> bool:
    """Whether this part of the tree was walked before: then it runs in a circle. A page may stand twice."""
    if not node.is_indirect or "/Kids" not in node:
        return False
    known = node.objgen in seen
    found.loops = found.loops or known
    seen.add(node.objgen)
    return known


def _kept(node: pikepdf.Object, own: dict[str, Any]) -> dict[str, Any]:
    """What holds for a page; written into it, so that it can stand without its tree."""
    for key, value in own.items():
        if key not in node:
            node[key] = value
    return own | ({"/UserUnit": node["/UserUnit"]} if "/UserUnit" in node else {})


def _first(kids: pikepdf.Array, most: int) -> Iterator[pikepdf.Object]:
    for place in range(min(len(kids), most)):
        yield kids[place]


def _box(number: int, page: Mapping[str, Any]) -> PageBox:
    """CropBox ∩ MediaBox × UserUnit, then Rotate."""
    media = _numbers(page.get("/MediaBox")) or LETTER
    crop = _numbers(page.get("/CropBox")) or media
    seen = (max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3]))
    if seen[2] <= seen[0] or seen[3] <= seen[1]:
        seen = media
    unit = _number(page.get("/UserUnit")) or 1.0
    width, height = ((seen[2] - seen[0]) * unit * POINT_MM, (seen[3] - seen[1]) * unit * POINT_MM)
    turn = int(_number(page.get("/Rotate")) or 0) % 360
    if turn in (90, 270):
        width, height = height, width
    return PageBox(number, round(width, 2), round(height, 2), turn)


def _numbers(box: Any) -> tuple[float, float, float, float] | None:
    """Left, bottom, right, top, whichever corners were given."""
    if not isinstance(box, pikepdf.Array) or len(box) != 4:  # noqa: PLR2004  two corners
        return None
    values = [_number(value) for value in box]
    if None in values:
        return None
    left, bottom, right, top = (float(value or 0) for value in values)
    return (min(left, right), min(bottom, top), max(left, right), max(bottom, top))


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None


def _made_by(pdf: pikepdf.Pdf, found: Structure) -> None:
    names = {key: _text(pdf.docinfo.get(f"/{key}")) for key in ("Producer", "Creator", "Author")}
    xmp = _xmp(pdf)
    found.producer = " · ".join(dict.fromkeys(name for name in (names["Creator"], names["Producer"]) if name))[:200]
    found.author = names["Author"][:200]
    told = f"{found.producer} {xmp} {_text(pdf.docinfo.get('/PTEX.Fullbanner'))}"
    if TEX.search(told):
        found.latex = "yes"
    elif NOT_TEX.search(told):
        found.latex = "no"


def _xmp(pdf: pikepdf.Pdf) -> str:
    """The tool names in the XMP packet, if it is a short plain one."""
    packet = pdf.Root.get("/Metadata")
    if not isinstance(packet, pikepdf.Stream) or int(packet.get("/Length", 0)) > LONGEST_PACKET or "/Filter" in packet:
        return ""
    text = packet.read_raw_bytes().decode(errors="replace")
    return " ".join(re.findall(r"(?:CreatorTool|Producer)[^>]*?>([^<]{1,200})<", text))


def _text(value: Any) -> str:
    try:
        plain = str(value) if isinstance(value, pikepdf.String) else ""
    except (UnicodeDecodeError, ValueError):
        return ""
    return "".join(character for character in plain if character.isprintable())


def _name(value: Any) -> str:
    """A PDF name as text, whatever its bytes: fonts of Chinese Windows are called in GBK."""
    try:
        return str(value)
    except UnicodeDecodeError:
        return value.unparse().decode("ascii", "replace") if isinstance(value, pikepdf.Name) else ""


def _hidden(pdf: pikepdf.Pdf) -> set[str]:
    """`script`, `program`, `attachment`, `form`, `media`: whatever could do more than be read."""
    found: set[str] = set()
    for place, each in enumerate(pdf.objects):
        if place > MOST_OBJECTS:
            found.add("unseen")
            break
        _look_into(each, found, 0)
    return found


def _look_into(each: Any, found: set[str], depth: int) -> None:
    if depth > DEEPEST or (depth and getattr(each, "is_indirect", False)):
        return
    if isinstance(each, pikepdf.Array):
        for item in _first(each, 200):
            _look_into(item, found, depth + 1)
    elif isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
        found |= _tells(each)
        for key in each.keys():  # noqa: SIM118  a PDF dictionary is no Python one
            _look_into(each[key], found, depth + 1)


def _tells(each: Any) -> set[str]:
    """What the keys of one dictionary betray."""
    kind, action = _name(each.get("/Type", "")), _name(each.get("/S", ""))
    told = {ACTIONS[action]} if action in ACTIONS else set()
    told |= {name for key, name in TELLING.items() if key in each}
    if kind == "/EmbeddedFile":
        told.add("attachment")
    if _name(each.get("/Subtype", "")) in MEDIA:
        told.add("media")
    return told


def _around(path: Path) -> set[str]:
    """Something that is no PDF stands before or behind it: one file that is two things."""
    content = path.read_bytes()
    begin, end = content.find(b"%PDF-"), content.rfind(b"%%EOF")
    head, tail = content[: max(begin, 0)], content[end + 5 :] if end >= 0 else b""
    around = head[:STRANGE_HEAD].lower() + tail[:STRANGE_TAIL].lower()
    strange = len(head.strip()) > 0 or any(word.lower() in around for word in MAGIC)
    return {"something else"} if strange else set()


def _unembedded(nodes: list[Node]) -> list[str]:
    """Names of fonts that the reader's machine would have to have."""
    names: set[str] = set()
    seen: set[tuple[int, int]] = set()
    for _, inherited in nodes[:60]:
        _fonts_in(inherited.get("/Resources"), names, seen, 0)
    return sorted(names)[:20]


def _fonts_in(resources: Any, names: set[str], seen: set[tuple[int, int]], depth: int) -> None:
    if not isinstance(resources, pikepdf.Dictionary) or depth > DEEPEST:
        return
    if resources.is_indirect:
        if resources.objgen in seen:
            return
        seen.add(resources.objgen)
    for font in _values(resources.get("/Font")):
        if not _is_embedded(font):
            names.add(_name(font.get("/BaseFont", "/unnamed"))[1:80])
    for form in _values(resources.get("/XObject")):
        if isinstance(form, pikepdf.Stream) and _name(form.get("/Subtype", "")) == "/Form":
            _fonts_in(form.get("/Resources"), names, seen, depth + 1)


def _values(found: Any) -> list[Any]:
    return [found[key] for key in found.keys()] if isinstance(found, pikepdf.Dictionary) else []  # noqa: SIM118  a PDF dictionary


def _is_embedded(font: Any) -> bool:
    if not isinstance(font, pikepdf.Dictionary) or _name(font.get("/Subtype", "")) == "/Type3":
        return True
    below = font.get("/DescendantFonts")
    if isinstance(below, pikepdf.Array) and len(below) and isinstance(below[0], pikepdf.Dictionary):
        font = below[0]
    descriptor = font.get("/FontDescriptor")
    if not isinstance(descriptor, pikepdf.Dictionary):
        return False
    return any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))
