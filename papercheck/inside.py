"""`python -m papercheck.inside FILE RULES`: the reading itself, as lines of JSON facts, each written when it is known.

Writes an honest copy beside FILE, which lies in a folder of its own.

Runs under hard limits and may be killed at any moment; `papercheck` starts it and says what came of it.
"""

import json
import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MEMORY = 512 << 20
SECONDS = 10
EMAIL = r"[\w.+-]+@[\w-]+\.[\w.]+"


def main(path: Path, rules: Mapping[str, Any]) -> int:
    """Facts on standard output; 1 for a file that cannot be read, with the reason as a fact."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from papercheck.structure import Unreadable, flattened, look_inside, opened, structure_of  # noqa: PLC0415  under the limits
    from papercheck.text import MOST_PAGES  # noqa: PLC0415  the same

    try:
        pdf = opened(path)
        found, nodes = structure_of(pdf)
    except Unreadable as error:
        tell(readable=False, reason=str(error))
        return 1
    sizes = [[page.width, page.height] for page in found.pages]
    tell(
        readable=True, pages=len(found.pages), sizes_mm=sizes[:50], claimed=found.claimed, more=found.more,
        loops=found.loops, repaired=found.repaired, cut_off=found.cut_off, restricted=found.restricted,
    )  # fmt: skip
    look_inside(pdf, path, found, nodes)
    tell(
        producer=found.producer,
        latex=found.latex,
        author=found.author,
        unembedded=found.unembedded,
        hidden=found.hidden,
    )
    honest = path.with_name("honest.pdf")
    flattened(pdf, nodes, honest, MOST_PAGES)
    pdf.close()
    _tell_text(honest, rules, sizes)
    return 0


def tell(**facts: Any) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def _tell_text(path: Path, rules: Mapping[str, Any], sizes: list[list[float]]) -> None:
    from papercheck.layout import Layout, layout_of  # noqa: PLC0415  under the limits
    from papercheck.text import text_of  # noqa: PLC0415  the same

    pages = []
    tell(doing=1)
    for page in text_of(path):
        pages.append(page)
        tell(doing=page.page + 1)
    is_poster = "height_mm" in rules
    layout: Layout = layout_of(pages, is_poster=is_poster)
    tell(text=layout.readable, columns=layout.columns, body_size=layout.size, body_font=layout.font)
    if layout.readable:
        _tell_layout(layout, pages, sizes, is_poster=is_poster)
    tell(done=True)


def _tell_layout(layout: Any, pages: list[Any], sizes: list[list[float]], *, is_poster: bool) -> None:
    from papercheck.judge import over_margins  # noqa: PLC0415  under the limits

    tell(
        sections=[{"title": h.text, "page": h.page, "names": list(h.names)} for h in layout.headings],
        numbered_pages=layout.numbered,
        names_told=_names_told(pages),
    )
    if not is_poster:
        tell(over_margins=over_margins(layout.body, sizes), **_references(layout, pages))


def _references(layout: Any, pages: list[Any]) -> dict[str, Any]:
    found = layout.references
    last = pages[-1].page
    if found is None:
        return {"references_start": None, "last_page_only_references": None, "body_pages": last}
    body = found.page if found.before else found.page - 1
    body += len([page for page in found.after if page > body])
    only: bool | None = last not in found.after and (found.page < last or not found.before)
    if only and not found.has_list:
        only = None  # the heading may be one of something else
    line, page = found.line, pages[found.page - 1]
    box = [line.left / page.width, 1 - line.top / page.height, line.right / page.width, 1 - line.bottom / page.height]
    return {
        "references_start": found.page,
        "references_listed": found.has_list,
        "references_box": [round(min(max(share, 0), 1), 4) for share in box],
        "before_references": [text[:80] for text in found.before[-8:]],
        "last_page_only_references": only,
        "body_pages": body,
    }


def _names_told(pages: list[Any]) -> list[tuple[int, str]]:
    """Mail addresses on the first page; more we cannot know."""
    import re  # noqa: PLC0415  under the limits

    told = [(page.page, found) for page in pages[:1] for line in page.lines for found in re.findall(EMAIL, line.text)]
    return told[:5]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), json.loads(sys.argv[2])))
