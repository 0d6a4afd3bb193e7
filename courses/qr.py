"""QR codes as pictures in a page."""

import segno
from django.utils.safestring import SafeString, mark_safe

LONGEST = 500
QUIET, SCALE = 4, 4
"""Modules around it that stay white, as the standard asks, and pixels for each."""


def qr_svg(text: str) -> SafeString:
    """Black on white in both themes, for cameras; empty for nothing and for what is too long."""
    if not text or len(text) > LONGEST:
        return SafeString()
    code = segno.make(text, micro=False)
    # The library writes paths and sizes only; the text itself is in the picture and not in the page.
    return mark_safe(code.svg_inline(scale=SCALE, border=QUIET, dark="#000", light="#fff", svgclass="qr-code"))  # noqa: S308
