"""What lies in a zip, or in a single file, and the text of it: nothing is unpacked, and everything has a limit.

Pure; knows no database. The bytes are a stranger's: run it in a process with little memory and little time.
"""

import io
import lzma
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from autograder.notebook import read_notebook
from autograder.report import NotebookUnreadable

MOST_LISTED = 1000
MOST_FILE = 400_000
"""Bytes of one file that are shown as text."""
MOST_SHOWN = 12_000_000
"""Characters of the page that the text becomes, in all."""
MARKUP = 60
"""Of these for each line beside what it says."""
MOST_LINES = 10_000
LONGEST_LINE = 2000
LONGEST_NAME = 255
LONGEST_CUT = LONGEST_NAME - len(" (100000)")
ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".xz")
LEFT_OUT = frozenset({"__MACOSX", ".DS_Store", ".git", "__pycache__", ".ipynb_checkpoints", "node_modules", ".venv"})
"""What tools leave behind and nobody wrote."""
ENCODINGS = ("utf-8-sig", "gb18030", "latin-1")
BROKEN = "It is damaged: this part of the zip cannot be read."


class Unreadable(Exception):
    """The bytes are no archive that can be listed; the message is for whoever handed them in."""


@dataclass(frozen=True)
class Member:
    """One file. `lines` None: its text is not shown, and `reason` says why."""

    name: str
    size: int
    lines: tuple[str, ...] | None = None
    reason: str = ""


@dataclass(frozen=True)
class Listing:
    """In the order of their paths. `unlisted`: so many more there are."""

    members: tuple[Member, ...]
    left_out: int = 0
    unlisted: int = 0


def is_zip(content: bytes) -> bool:
    return content.startswith(ZIPS)


def listing_of(content: bytes, name: str) -> Listing:
    """Everything in these bytes. Raises Unreadable."""
    if not is_zip(content):
        return Listing((_member(name[:LONGEST_NAME], len(content), content, room=MOST_SHOWN),))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _zip(archive)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, MemoryError) as error:
        raise Unreadable("The zip is damaged. Make it again and open it once yourself.") from error


def _zip(archive: zipfile.ZipFile) -> Listing:
    named = sorted(((name_of(info), info) for info in archive.infolist()), key=lambda pair: pair[0])
    named = [(name, info) for name, info in named if not name.endswith("/")]
    wanted = [(name, info) for name, info in named if not LEFT_OUT.intersection(PurePosixPath(name).parts)]
    if not wanted:
        raise Unreadable("There is no file in this zip. Make it again with your files in it.")
    names = _told_apart(_without_top([name for name, _ in wanted]))
    wanted = [(name, info) for name, (_, info) in zip(names, wanted, strict=True)]
    members = tuple(_within_limits(archive, wanted[:MOST_LISTED]))
    return Listing(members, len(named) - len(wanted), max(len(wanted) - MOST_LISTED, 0))


def _without_top(names: list[str]) -> list[str]:
    """Without the one folder in which all lie: it often names whoever made the zip."""
    tops = {name.partition("/")[0] for name in names}
    shared = len(tops) == 1 and all("/" in name for name in names)
    return [name.partition("/")[2] for name in names] if shared else names


def _told_apart(names: list[str]) -> list[str]:
    """A zip may have two files of one name: the second is called `a.py (2)`."""
    seen: Counter[str] = Counter()
    told = []
    for name in (name[-LONGEST_CUT:] for name in names):
        seen[name] += 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told


def _within_limits(archive: zipfile.ZipFile, wanted: list[tuple[str, zipfile.ZipInfo]]) -> Iterator[Member]:
    room = MOST_SHOWN
    for name, info in wanted:
        member = _looked_into(archive, name, info, room)
        room -= _length(member.lines or ())
        yield member


def _looked_into(archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo, room: int) -> Member:
    if stat.S_ISLNK(info.external_attr >> 16):
        return Member(name, info.file_size, None, "It is a link, which is not followed.")
    if info.flag_bits & 1:
        return Member(name, info.file_size, None, "It is locked with a password.")
    if name.lower().endswith(ARCHIVES):
        return Member(name, info.file_size, None, "It is an archive inside the archive.")
    try:
        with archive.open(info) as file:
            content = file.read(MOST_FILE + 1)
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        NotImplementedError,
        ValueError,
        OSError,
        EOFError,
        RuntimeError,
    ):
        return Member(name, info.file_size, None, BROKEN)
    except MemoryError:
        return Member(name, info.file_size, None, "Unpacking it takes too much memory.")
    return _member(name, max(info.file_size, len(content)), content, room)


def name_of(info: zipfile.ZipInfo) -> str:
    """The path as it was meant: the zips of some systems write it in the encoding of their language and do not say so."""
    name = info.filename
    if not info.flag_bits & 0x800:
        try:
            raw = name.encode("cp437")
        except UnicodeEncodeError:
            return _printed(name)
        name = next(text for encoding in ("utf-8", "gb18030", "cp437") if (text := _decoded(raw, encoding)) is not None)
    return _printed(name)


def _printed(name: str) -> str:
    """With `/` between folders, without what would not be seen or would turn the line around; never empty."""
    letters = (" " if unicodedata.category(letter) == "Zs" else letter for letter in name.replace("\\", "/"))
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in letters) or "\ufffd"


def _member(name: str, size: int, content: bytes, room: int) -> Member:
    if len(content) > MOST_FILE:
        return Member(name, size, None, "It is too large to be shown.")
    text = text_of(content) if not name.lower().endswith(".ipynb") else _notebook_text(content)
    if text is None:
        return Member(name, size, None, "It is no text.")
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    if len(lines) > MOST_LINES:
        return Member(name, size, None, "It has too many lines to be shown.")
    shown = tuple(_cut(line) for line in lines)
    if _length(shown) > room:
        return Member(name, size, None, "Too much is shown already.")
    return Member(name, size, shown)


def _length(lines: Sequence[str]) -> int:
    return sum(len(line) + MARKUP for line in lines)


def text_of(content: bytes) -> str | None:
    """As text with one character between its lines; None: these bytes are none."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = _decoded(content, "utf-16")
    elif b"\x00" in content:
        return None
    else:
        text = next(found for encoding in ENCODINGS if (found := _decoded(content, encoding)) is not None)
    return None if text is None else text.replace("\r\n", "\n").replace("\r", "\n")


def _notebook_text(content: bytes) -> str | None:
    """The cells of a notebook one after the other, without their results; what is none stays as it is."""
    try:
        cells = read_notebook(content)["cells"]
    except NotebookUnreadable:
        return text_of(content)
    return "\n".join(
        f"# %% cell {number}{' [text]' if cell['cell_type'] == 'markdown' else ''}\n{cell['source']}\n"
        for number, cell in enumerate(cells, start=1)
    )


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} … cut here: {len(line) - LONGEST_LINE} more"


def _decoded(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None
