"""Bytes of a text file → its text, in whichever encoding it was written. Nothing is guessed without saying so."""

import re
from contextlib import suppress

SAMPLE = 4000
LONGEST_ACCENTS = 4
"""No European word has more accented letters in a row."""
BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
GB = re.compile(
    rb"(?P<common>[\xa1-\xa9\xb0-\xd7][\xa1-\xfe])|[\x81-\xfe][0-9][\x81-\xfe][0-9]|[\x81-\xfe][\x40-\x7e\x80-\xfe]|[\x80-\xff]"
)
"""A common character of GB 2312, a rarer one of it or of those that GB 18030 adds, or a byte that begins none. Cyrillic letters
are bytes of rarer ones only."""
MOSTLY = 0.6
OFTEN = 0.4
"""Of its characters so many are common ones in a text that is Chinese; in Western texts nearly none are."""
DAMAGED = "The text is damaged or in an unknown encoding. Save the file as UTF-8 and choose it again."
NOT_READ = "\N{REPLACEMENT CHARACTER}"


class TableUnreadable(ValueError):
    """The file is no table; the message says what was found and what to do."""


def decoded(raw: bytes) -> tuple[str, list[str]]:
    """The text, and a note where the encoding had to be guessed or a character could not be read."""
    for bom, name in BOMS.items():
        if raw.startswith(bom):
            return _strictly(raw, name), []
    zeros = raw[:SAMPLE].count(0)
    if zeros > len(raw[:SAMPLE]) // 5:
        return _strictly(raw, "utf-16-le" if raw[1:2] == b"\0" else "utf-16-be"), []
    if zeros:
        raise TableUnreadable("This is no text. Export the table as CSV or XLSX.")
    with suppress(UnicodeDecodeError):
        return raw.decode(), []
    high = sum(len(run) for run in HIGH_BYTES.findall(raw))
    if sum(len(found) for found in UTF8.findall(raw)) > high * MOSTLY:
        raise TableUnreadable(DAMAGED)
    if _is_chinese(raw):
        text = raw.decode("gb18030", "replace")
        odd = ["Some characters of the file could not be read. Look at the names."] if NOT_READ in text else []
        return text, odd or ["The file is not UTF-8; it was read as Chinese (GB 18030). Look at the names."]
    if max(len(run) for run in HIGH_BYTES.findall(raw)) > LONGEST_ACCENTS:
        raise TableUnreadable(DAMAGED)
    note = "The file is not UTF-8; it was read as Western European. Look at the names."
    return raw.decode("cp1252", "replace"), [note]


def _is_chinese(raw: bytes) -> bool:
    found = [match.lastgroup == "common" for match in GB.finditer(raw)]
    return sum(found) > len(found) * OFTEN


def _strictly(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise TableUnreadable("The file is cut off or damaged. Download it again.") from error
