"""Which column of a table holds the marks that are meant: its heading without other systems' decorations, and its maximum."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from courses.roster.headers import HEADERS, Columns, columns_of, header_of, word_of
from courses.roster.values import plain
from grading.policy.codes import code_of

MARK_WORDS = ("mark", "grade", "score", "points", "percent", "total", "result", "成绩", "分数", "得分", "总分")
NO_MARKS = {
    "no", "no.", "nr", "nr.", "#", "row", "index", "序号", "行号", "编号", "rank", "排名", "名次", "id", "identifier", "year",
    "年级", "phone", "手机", "手机号", "电话", "学分", "credits", "maxpoints", "maximumgrade", "submissionid",
    "submissiontime", "viewcount", "submissioncount", "lateness(h:m:s)", "attempt", "attempts",
    "lastmodified(submission)", "lastmodified(grade)", "gradecanbechanged", "lastdownloadedfromthiscourse", "weight", "权重",
}  # fmt: skip
"""Headings of columns whose figures are no marks."""
BLACKBOARD = re.compile(
    r"\s*\[(?=[^\]]*(?:pts|points|score|分))[^\]\d]*(?P<maximum>\d+(?:[.,]\d+)?)[^\]]*\]\s*(?:\|\d+)?\s*$",
    re.IGNORECASE,
)
OUT_OF = re.compile(
    r"\s*[(（\[](?:/|out of|max\.?|maximum|total|满分|共)?\s*(?P<maximum>\d+(?:[.,]\d+)?)\s*"
    r"(?:pts?\.?|points?|marks?|分|p\.?)?\s*[)）\]]\s*$",
    re.IGNORECASE,
)
KIND = re.compile(r"\s*[(（](?P<kind>real|percentage|letter|points|%|实际|百分比|字母)[)）]\s*$", re.IGNORECASE)
PERCENT = {"percentage", "%", "百分比"}
LETTERS = {"letter", "字母"}
SHARE = re.compile(r"\s*[(（]\s*\d+(?:\.\d+)?\s*%\s*[)）]\s*$")
MODULE = re.compile(r"^(quiz|assignment|test|exam|workshop|lesson|测验|作业|考试)\s*:\s*", re.IGNORECASE)
LARGEST_MAXIMUM = 1000
"""A larger figure in brackets is another system's number of the column."""
LONGEST, MOST_DECIMALS = 6, 20
"""Digits of a mark before the point, and behind it as spreadsheets write what they have reckoned."""
SHOWN = 3
POINTS_POSSIBLE = "points possible"
NOT_MARKED = {"", "-", "–", "n/a", "n.a.", "/"}
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class MarkColumn:
    """A column that could be the marks. `title`: its heading without decorations; `maximum`: as the file says it, or None."""

    place: int
    heading: str
    title: str
    maximum: Decimal | None
    first: tuple[str, ...]
    """What stands in its first rows."""
    differing: bool = False
    """Whether a column beside it says one maximum for some and another for others."""


@dataclass(frozen=True)
class Layout:
    """Where the heading stands (-1: there is none), what its columns say of people, and the columns that could be marks."""

    header: int
    people: Columns
    marks: Sequence[MarkColumn]
    others: Sequence[MarkColumn] = ()
    """Columns without any figure that are not known to be something else: marks in words, or none yet."""


def figure(text: str) -> Decimal | None:
    """`78`, `78.5`, `78,5`, `78 %`; None for anything else."""
    bare = text.strip().removesuffix("%").strip().replace(",", ".")
    whole, _, decimals = bare.partition(".")
    if not bare.isascii() or not (whole + decimals).isdigit() or len(whole) > LONGEST or len(decimals) > MOST_DECIMALS:
        return None
    return Decimal(f"{whole or 0}.{decimals or 0}")


def layout_of(rows: Sequence[Sequence[str]], is_person: Callable[[Sequence[str]], bool]) -> Layout:
    """The heading, and every column below it in which a person has a figure or a word for a mark. `is_person`: of a row."""
    headings = [[] if is_person(row) and _has_figure(row) else row for row in rows]
    found = header_of(headings) or _plain_heading(rows, is_person)
    if found is None:
        return Layout(-1, {}, ())
    place, people = found
    identity = {column for kind in people.values() for column in kind}
    header = rows[place]
    below = [row for row in rows[place + 1 :] if is_person(row)]
    marks: list[MarkColumn] = []
    others: list[MarkColumn] = []
    for column, heading in enumerate(header):
        if column in identity or _is_no_mark(heading):
            continue
        values = [plain(row[column]) for row in below if column < len(row)]
        has_marks = any(figure(value) is not None or code_of(value) for value in values)
        (marks if has_marks else others).append(_column(rows, place, column, values))
    return Layout(place, people, marks, others)


def chosen_of(columns: Sequence[MarkColumn], name: str) -> MarkColumn | None:
    """The one that is meant: it alone is called like what is marked, or it is the only one and says that it holds marks."""
    called = [column for column in columns if _word(name) in {_word(column.title), _word(MODULE.sub("", column.title))}]
    if called:
        return called[0] if len(called) == 1 else None
    return columns[0] if len(columns) == 1 and _says_mark(columns[0].heading) else None


def _plain_heading(
    rows: Sequence[Sequence[str]], is_person: Callable[[Sequence[str]], bool]
) -> tuple[int, Columns] | None:
    """A row that names nobody, has no figure, and stands over the marks: `Exam of 2025`, `Score`."""
    for place, row in enumerate(rows[:10]):
        if is_person(row) or _has_figure(row):
            return None
        if any(_says_mark(cell) for cell in row):
            return place, columns_of(row)
    return None


def _has_figure(row: Sequence[str]) -> bool:
    return any(figure(cell) is not None or code_of(cell) for cell in row)


def _column(rows: Sequence[Sequence[str]], header: int, place: int, values: Sequence[str]) -> MarkColumn:
    heading = plain(rows[header][place])
    title, maximum = _undecorated(heading)
    possible = next((row for row in rows if any(plain(cell).lower() == POINTS_POSSIBLE for cell in row[:3])), [])
    if place < len(possible) and (points := figure(possible[place])):
        maximum = points
    first = tuple([value for value in values if value.lower() not in NOT_MARKED][:SHOWN])
    beside = set() if maximum else _beside(rows, header)
    return MarkColumn(place, heading, title, maximum or min(beside, default=None), first, differing=len(beside) > 1)


def _undecorated(heading: str) -> tuple[str, Decimal | None]:
    """`Quiz [Total Pts: 20 Score] |660463` → Quiz, 20; `Quiz: Week 1 (Percentage)` → 100; `Homework 1 (4314282)`; `作业(15%)`."""
    if kind := KIND.search(heading):
        title, maximum = _undecorated(heading[: kind.start()])
        return title, HUNDRED if kind["kind"].lower() in PERCENT else maximum
    if share := SHARE.search(heading):
        return heading[: share.start()], None
    if found := BLACKBOARD.search(heading) or OUT_OF.search(heading):
        said = Decimal(found["maximum"].replace(",", "."))
        spoken = re.search(r"[^\d\s.,()（）\[\]|]", found[0])
        return heading[: found.start()], said if spoken and 0 < said <= LARGEST_MAXIMUM else None
    return heading, None


def _beside(rows: Sequence[Sequence[str]], header: int) -> set[Decimal]:
    """What a column of maximum points says."""
    words = [word_of(cell) for cell in rows[header]]
    place = next((words.index(word) for word in ("maxpoints", "maximumgrade", "满分") if word in words), None)
    if place is None:
        return set()
    return {said for row in rows[header + 1 :] if place < len(row) and (said := figure(row[place]))}


def _is_no_mark(heading: str) -> bool:
    kind = KIND.search(heading)
    word = word_of(heading)
    return (
        word in NO_MARKS
        or any(word in known for known in HEADERS.values())
        or bool(kind and kind["kind"].lower() in LETTERS)
    )


def _says_mark(cell: str) -> bool:
    cell = plain(cell).casefold()
    words = set(re.findall(r"[a-z]+", cell))
    return any(word in words if word.isascii() else word in cell for word in MARK_WORDS)


def _word(text: str) -> str:
    return re.sub(r"[\W_]+", "", plain(text).casefold())
