"""Winnowed fingerprints of a notebook's code cells. Knows no Django.

After Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document Fingerprinting" (SIGMOD 2003): of each
window of consecutive k-gram hashes the smallest is kept, so that every match of at least NOISE tokens is seen.
"""

import builtins
import keyword
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

GRAM = 10
"""Tokens in one k-gram: shorter matches are chance."""
WINDOW = 6
NOISE = GRAM + WINDOW - 1
"""A match of so many tokens cannot be missed."""

KEPT = frozenset([*keyword.kwlist, *dir(builtins)])
TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
    |(?P<magic>(?m:^[ \t]*[%!][^\n]*))
    |(?P<text>[rbfuRBFU]{0,2}(?:\"{3}.*?(?:\"{3}|\Z)|'{3}.*?(?:'{3}|\Z)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))
    |(?P<name>[^\W\d]\w*)
    |(?P<number>\.?\d[\w.]*)
    |(?P<newline>\n)
    |(?P<space>[^\S\n]+|\\\n|;)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
CLOSING = frozenset(")]}")


@dataclass(frozen=True)
class Token:
    """What stays of a word when names, numbers, texts, comments and layout are taken away, and its line (from 1)."""

    text: str
    line: int


@dataclass(frozen=True)
class Place:
    """Where a fingerprint stands: the number of the code cell (from 0) and its first and last line (from 1)."""

    cell: int
    first: int
    last: int


Print = dict[int, list[Place]]
"""Fingerprint → where it stands in one notebook."""


def tokens_of(code: str) -> list[Token]:
    """The code without what a copier changes: own names, literals, comments, docstrings, layout, trailing commas."""
    found: list[Token] = []
    line, after_dot, fresh = 1, False, True
    for match in TOKEN.finditer(code):
        kind, text = str(match.lastgroup), match.group()
        if kind in ("newline", "space", "comment", "magic"):
            fresh = fresh or kind == "newline"
        elif kind == "text" and fresh and _ends_its_line(code, match.end()):
            pass  # a docstring, or a text that nobody uses: a comment by another name
        else:
            if text in CLOSING and found and found[-1].text == ",":
                found.pop()
            found.append(Token(_plain(kind, text, after_dot=after_dot), line))
            after_dot, fresh = text == ".", False
        line += text.count("\n")
    return found


def _plain(kind: str, text: str, *, after_dot: bool) -> str:
    """Names of the language and of libraries' attributes stay; the student's own names are all alike."""
    if kind == "name":
        return text if after_dot or text in KEPT else "v"
    return {"text": "s", "number": "0"}.get(kind, text)


def _ends_its_line(code: str, end: int) -> bool:
    rest = code[end:].partition("\n")[0].strip()
    return not rest or rest.startswith("#")


def grams_of(cells: Sequence[str]) -> Iterator[tuple[int, Place]]:
    """Every k-gram of every code cell, in order, as (hash, place)."""
    for number, code in enumerate(cells):
        tokens = tokens_of(code)
        for start in range(len(tokens) - GRAM + 1):
            gram = tokens[start : start + GRAM]
            text = " ".join(token.text for token in gram)
            value = int.from_bytes(blake2b(text.encode(errors="replace"), digest_size=8).digest(), "big")
            yield value, Place(number, gram[0].line, gram[-1].line)


def fingerprints(cells: Sequence[str], given: Container[int] = frozenset()) -> Print:
    """The fingerprints of a notebook. `given`: k-grams of what the instructor gave out, which say nothing."""
    found: Print = {}
    window: list[tuple[int, Place]] = []
    last: Place | None = None
    for gram in grams_of(cells):
        if gram[0] in given or (window and window[-1][1].cell != gram[1].cell):
            last = _keep(found, window, last)
            window = []
        if gram[0] in given:
            continue
        window.append(gram)
        if len(window) == WINDOW:
            last = _keep(found, window, last)
            window = window[1:]
    _keep(found, window, last)
    return found


def _keep(found: Print, window: list[tuple[int, Place]], last: Place | None) -> Place | None:
    """Of a window the smallest, of equals the rightmost; once, however many windows it is the smallest of."""
    if not window:
        return last
    value, place = min(reversed(window), key=lambda gram: gram[0])
    if place is not last:
        found.setdefault(value, []).append(place)
    return place
