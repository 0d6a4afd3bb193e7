"""Words that stand where a mark would: absent, deferred, exempt. Pure."""

from enum import StrEnum


class Code(StrEnum):
    """`absent` counts 0; `deferred` is still to come; `exempt` does not count for this student."""

    NONE = ""
    ABSENT = "absent"
    DEFERRED = "deferred"
    EXEMPT = "exempt"


WORDS = {
    Code.ABSENT: ("absent", "abs", "缺考"),
    Code.DEFERRED: ("deferred", "defer", "def", "缓考"),
    Code.EXEMPT: ("exempt", "excused", "ex", "免修", "免考"),
}
"""As people and other systems write them."""

SAID = {
    Code.ABSENT: "Absent: counts 0",
    Code.DEFERRED: "Deferred: still to come",
    Code.EXEMPT: "Exempt: does not count, its weight goes to the rest",
}


def code_of(text: str) -> Code:
    """The code that a word stands for; NONE for anything else."""
    word = text.strip().casefold()
    return next((code for code, words in WORDS.items() if word in words), Code.NONE)
