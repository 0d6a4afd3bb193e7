"""What lies in a file or a zip as facts, and as HTML without scripts: each file that is text with its lines numbered.

Every piece of the bytes is escaped, and then the whole is sanitised once more. Knows no database.
"""

from collections.abc import Iterable
from html import escape

import nh3
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters.html import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import get_lexer_for_filename  # type: ignore[import-untyped]
from pygments.util import ClassNotFound  # type: ignore[import-untyped]

from assignments.kinds.files.listing import Listing, Member
from courses.markdown import storable

MOST_CODE = 400_000
"""Characters that are highlighted; more is shown plain."""
UNITS = ((1 << 20, "MB"), (1 << 10, "kB"))


def facts_of(listing: Listing) -> dict[str, object]:
    """What is kept of a listing beside its page. `lines` None: the text is not shown."""
    files = [
        {
            "name": member.name,
            "size": size_of(member.size),
            "lines": None if member.lines is None else len(member.lines),
            "reason": member.reason,
        }
        for member in listing.members
    ]
    return {"readable": True, "files": files, "left_out": listing.left_out, "unlisted": listing.unlisted}


def size_of(size: int) -> str:
    """Bytes in words: `3.1 MB`, `12 kB`, `640 bytes`."""
    for unit, said in UNITS:
        if size >= unit:
            return f"{size / unit:.1f} {said}"
    return f"{size} byte{'' if size == 1 else 's'}"


def body_of(listing: Listing) -> str:
    """Each file that is text with its lines numbered: `file-2`, `file-2-line-7`; the others with the reason."""
    room, made = MOST_CODE, []
    for number, member in enumerate(listing.members, start=1):
        length = sum(map(len, member.lines or ()))
        made.append(_file(number, member, plain=length > room))
        room -= min(length, room)
    return nh3.clean(
        storable("\n".join(made)),
        tags={"section", "header", "span", "p", "pre"},
        attributes={"section": {"id", "class"}, "pre": {"class"}, "p": {"class"}, "span": {"id", "class"}},
    )


def _file(number: int, member: Member, *, plain: bool) -> str:
    here = f'<section id="file-{number}" class="file"><header>{escape(member.name)}</header>'
    if member.lines is None:
        return f'{here}<p class="note">{escape(member.reason)}</p></section>'
    if not member.lines:
        return f'{here}<p class="note">It is empty.</p></section>'
    lines = map(escape, member.lines) if plain else _highlighted(member)
    shown = "".join(
        f'<span class="line" id="file-{number}-line-{place}">{line}\n</span>'
        for place, line in enumerate(lines, start=1)
    )
    return f'{here}<pre class="lines">{shown}</pre></section>'


def _highlighted(member: Member) -> Iterable[str]:
    """One piece of HTML for each line. The highlighter closes what it opens at the end of each line."""
    lines = member.lines or ()
    name = member.name.rpartition("/")[2]
    try:
        lexer = get_lexer_for_filename(f"{name}.py" if name.lower().endswith(".ipynb") else name)
    except ClassNotFound:
        return map(escape, lines)
    lexer.stripnl = lexer.ensurenl = lexer.stripall = False
    made = highlight("\n".join(lines), lexer, HtmlFormatter(nowrap=True)).split("\n")
    found = made[: len(lines)]
    return found if len(found) == len(lines) else map(escape, lines)
