"""`python -m papercheck.picture FILE PAGE WIDTH`: one page as PNG on standard output, so many pixels wide."""

import io
import resource
import sys
from pathlib import Path

MEMORY = 768 << 20
SECONDS = 15
TALLEST = 4


def main(path: Path, page: int, width: int) -> int:
    """1 for a page that is not there or cannot be drawn."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    import pypdfium2 as pdfium  # noqa: PLC0415  under the limits

    try:
        document = pdfium.PdfDocument(path)
        if not 1 <= page <= len(document):
            return 1
        drawn = document[page - 1]
        across, down = drawn.get_size()
        if across <= 0 or down / across > TALLEST:
            return 1
        image = drawn.render(scale=width / across, may_draw_forms=False).to_pil()
    except (pdfium.PdfiumError, MemoryError):
        return 1
    out = io.BytesIO()
    image.save(out, "PNG", optimize=False)
    sys.stdout.buffer.write(out.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
