"""What cells say: numbers of students, mail addresses, names, sections, as people and other systems write them."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from itertools import chain

AS_TEXT = re.compile(r'="(.*)"')
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"))
IN_BRACKETS = re.compile(r"<([^<>\s]+)>\s*$")
WHOLE = re.compile(r"(\d+)\.0+")
NUMBER = re.compile(r"(?=.*[\w])[\w./-]+")
NO_NUMBER = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,3}/\d{1,3}")
"""A day, or a page of so many."""
SPREAD = re.compile(r"(?:[A-Za-z]{1,3} )?[\w/-]*\d[\w/-]*(?: [\w/-]*\d[\w/-]*)*", re.ASCII)
"""`2024 0001`, `S 12/7`: a number with spaces in it, and no sentence."""
SUFFIXES = re.compile(r"(jr|sr|ii|iii|iv|v|phd|md|esq)\.?", re.IGNORECASE)
EAST_ASIAN = re.compile(
    r"[\u2e80-\u2fdf\u3005\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af\U00020000-\U0003ffff·]+"
)
HAN_OR_HANGUL = r"[\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af\U00020000-\U0003ffff]"
BETWEEN = re.compile(rf"(?<={HAN_OR_HANGUL}) (?={HAN_OR_HANGUL})")
NO_SECTION = {
    "", "-", "–", "no groups", "no group", "none", "n/a", "not in a group", "unassigned", "无", "无分组", "未分组", "没有小组",
    "keine gruppen", "sin grupos",
}  # fmt: skip
NOTHING = {"", "-", "–", "—", "/", "n/a", "na", "none", "null", "nil", "无", "0"}
"""What stands in a cell for no number, login or mail address."""
LISTED = re.compile(r"\s*[,;、]\s*")
JOINED = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+")


def plain(text: str) -> str:
    """A cell without marks of spreadsheets and without what cannot be seen; spaces are single ones."""
    text = " ".join(unicodedata.normalize("NFKC", text.translate(INVISIBLE)).split())
    found = AS_TEXT.fullmatch(text)
    return (found[1] if found else text).strip()


def number_of(text: str) -> tuple[str, str]:
    """A student number, and what was mended: an apostrophe or # before it, spaces within, decimals of a spreadsheet."""
    text = plain(text)
    if text.casefold() in NOTHING:
        return "", ""
    bare = text.lstrip("'’`‘#").strip()
    whole = WHOLE.fullmatch(bare)
    if whole:
        return whole[1], "a spreadsheet wrote it as a number"
    tight = bare.replace(" ", "") if SPREAD.fullmatch(bare) else bare
    return tight, "spaces were taken out" if tight != bare else ""


def is_number(text: str) -> bool:
    """Whether it can be a student number: one word, and no Chinese one."""
    return NUMBER.fullmatch(text) is not None and not EAST_ASIAN.search(text) and not NO_NUMBER.fullmatch(text)


def could_be_number(text: str) -> bool:
    """Whether it stands where a student number would, though it may be spoilt."""
    return is_number(text) or (any(map(str.isdigit, text)) and not EAST_ASIAN.search(text) and ":" not in text)


def mail_of(text: str) -> str:
    """The address in `Ann Example <ann@example.org>`, `mailto:…`, or the text itself; small letters."""
    text = plain(text).removeprefix("mailto:").strip(" ;,")
    if found := IN_BRACKETS.search(text):
        text = found[1]
    return "" if text.casefold() in NOTHING else text.lower()


def login_of(text: str) -> str:
    """Small letters, without the # that Brightspace writes before it."""
    text = plain(text).lstrip("'’`‘#").strip()
    return "" if text.casefold() in NOTHING else text.lower()


def is_wider(row: Sequence[str], header: Sequence[str]) -> bool:
    """Whether something stands behind the heading's last column: a name with a comma has moved all that follows."""
    return any(plain(cell) for cell in row[len(header) :])


def name_of(text: str) -> str:
    """As people say it: `Wei, Chen`, `Smith, Jr., Ann` and `King, Martin Luther, III` are turned round."""
    last, *rest = [part.strip() for part in plain(text).split(",")]
    suffixes = [part for part in rest if SUFFIXES.fullmatch(part)]
    given = " ".join(part for part in rest if part and part not in suffixes)
    return ", ".join([joined_name(given, last), *suffixes]) if given else ", ".join([_tight(last), *suffixes])


def joined_name(first: str, last: str) -> str:
    """Family name first and without a space where both are Han, Hangul or Kana."""
    first, last = plain(first), plain(last)
    if first and last and EAST_ASIAN.fullmatch(first) and EAST_ASIAN.fullmatch(last):
        return last + first
    return _tight(f"{first} {last}".strip())


def _tight(name: str) -> str:
    """`李　雷` is one word that a registrar has spread."""
    return BETWEEN.sub("", name)


def sections_in(cells: Sequence[str], *, is_canvas: bool) -> Mapping[str, tuple[str, ...]]:
    """What each of these cells names. Moodle and others list with commas; Canvas writes "A and B" and "A, B, and C", and there
    a name may itself have an "and": it is taken apart where one of its parts stands elsewhere, too.
    """
    whole = {cell for cell in map(plain, cells) if cell.casefold() not in NO_SECTION}
    parts = {
        cell: tuple(dict.fromkeys(p for p in (JOINED if is_canvas else LISTED).split(cell) if p)) for cell in whole
    }
    if is_canvas:
        parts = {cell: found if _stand_elsewhere(cell, found, parts) else (cell,) for cell, found in parts.items()}
    return parts


def _stand_elsewhere(cell: str, found: Collection[str], parts: Mapping[str, Collection[str]]) -> bool:
    others = set(chain.from_iterable(each for other, each in parts.items() if other != cell))
    return len(found) > 1 and any(part in others for part in found)
