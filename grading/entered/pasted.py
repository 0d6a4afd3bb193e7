"""Marks from a table: who is meant in each row, and what their mark is. Nothing is saved here, nothing is guessed."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from courses.models import Enrolment
from courses.policy.rounding import rounded
from courses.policy.words import points_text
from courses.roster.headers import KEYS
from courses.roster.people import CANVAS_LINES, WIDER
from courses.roster.values import NOTHING, is_wider, mail_of, number_of, plain
from grading.entered.columns import NOT_MARKED, Layout, MarkColumn, chosen_of, figure, layout_of
from grading.policy.codes import code_of

MOST_NOTES = 20
HUNDRED = Decimal(100)
FOUR_PLACES = Decimal("0.0001")


@dataclass
class Pasted:
    """Student pk → percent as it would stand in the field; what could not be read, in sentences.

    `choices`: columns of which one must be chosen first; `column`: the one that was read; `missing`: who has no mark in it.
    """

    marks: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    choices: Sequence[MarkColumn] = ()
    column: MarkColumn | None = None
    out_of: Decimal = HUNDRED
    missing: Sequence[Enrolment] = ()

    @property
    def percents(self) -> list[Decimal]:
        """The marks that are figures."""
        return [Decimal(mark) for mark in self.marks.values() if not code_of(mark)]

    @property
    def lowest(self) -> Decimal | None:
        """Of the figures."""
        return min(self.percents, default=None)

    @property
    def highest(self) -> Decimal | None:
        """Of the figures."""
        return max(self.percents, default=None)

    @property
    def mean(self) -> Fraction | None:
        """Of the figures, in percent."""
        return sum(map(Fraction, self.percents), Fraction()) / len(self.percents) if self.percents else None


def marks_in(
    rows: Sequence[Sequence[str]],
    students: Sequence[Enrolment],
    *,
    name: str,
    out_of: Decimal | None = None,
    column: int | None = None,
) -> Pasted:
    """Each row names a student by number, mail address, login or a name that only one has. `name`: of what is marked.

    The mark stands in the column `column`, in the one that is called like what is marked, or in the only one that says that
    it holds marks; in a table without a heading it is the row's only figure. `out_of`: the full mark, unless the file says it.
    """
    known = _Known(students)
    layout = layout_of(rows, known.names_somebody)
    chosen = next((each for each in layout.marks if each.place == column), None) or chosen_of(layout.marks, name)
    if layout.marks and chosen is None:
        return Pasted(choices=layout.marks)
    chosen = chosen or chosen_of(layout.others, name)
    if layout.people and chosen is None and any(known.named_in(row, layout)[0] for row in rows[layout.header + 1 :]):
        return Pasted(notes=[_no_figures(rows, layout)], missing=students)
    found = Pasted(column=chosen, out_of=(chosen.maximum if chosen else None) or out_of or HUNDRED)
    if out_of is not None and out_of != found.out_of:
        found.notes.append(f"The file says that this is out of {points_text(found.out_of)}; it was read so.")
    if chosen is not None and chosen.differing:
        found.notes.append(
            "The maximum is not the same in each row: nothing was read. Split the table, or write percentages."
        )
        return found
    problems = list(_read(rows, layout, known, found))
    more = [f"and {len(problems) - MOST_NOTES} more rows."] if len(problems) > MOST_NOTES else []
    found.notes += [*problems[:MOST_NOTES], *more]
    if not found.marks and not found.notes:
        found.notes.append("No row names somebody of this course with a figure. Nothing was read.")
    found.missing = [student for student in students if student.pk not in found.marks]
    return found


def _no_figures(rows: Sequence[Sequence[str]], layout: Layout) -> str:
    header = rows[layout.header]
    identity = {place for places in layout.people.values() for place in places}
    others = [plain(cell) for place, cell in enumerate(header) if place not in identity and plain(cell)]
    said = f": {', '.join(others)}"[:200] if others else ""
    return f"No column holds marks in figures{said}. Nothing was read."


def _read(rows: Sequence[Sequence[str]], layout: Layout, known: "_Known", found: Pasted) -> Iterator[str]:
    """Take the mark of each row; what cannot be read, in sentences."""
    for number, row in enumerate(rows[layout.header + 1 :], start=layout.header + 2):
        if any(plain(cell).lower() in CANVAS_LINES for cell in row[:3]):
            continue
        if layout.people and is_wider(row, rows[layout.header]):
            yield f"Row {number}: {WIDER}"
            continue
        people, used = known.named_in(row, layout)
        texts = _texts(row, found.column, used)
        if not people:
            if any(figure(text) is not None for text in texts) and len([cell for cell in row if cell.strip()]) > 1:
                yield f"Row {number}: nobody of this course is named ({' '.join(row)[:60]})."
            continue
        if found.column and texts and texts[0].lower() in NOT_MARKED:
            continue
        problem = _problem(people, texts, found)
        if problem:
            yield f"Row {number}: {problem}"
        else:
            found.marks[people.pop()] = points_of(texts[0], found.out_of)


def points_of(text: str, out_of: Decimal) -> str:
    """The percentage, to four decimals, or the code, as the field takes it. `78 %` is a percentage whatever the full mark is."""
    if code := code_of(text):
        return str(code)
    whole = HUNDRED if text.rstrip().endswith("%") else out_of
    return f"{rounded(Fraction(figure(text) or 0) * 100 / Fraction(whole), FOUR_PLACES).normalize():f}"


def as_text(rows: Sequence[Sequence[str]]) -> str:
    """The table as it can be pasted again."""
    made = io.StringIO()
    csv.writer(made, delimiter="\t", lineterminator="\n").writerows(rows)
    return made.getvalue()


def _problem(people: set[int], texts: Sequence[str], found: Pasted) -> str:
    if len(people) > 1:
        return "two people of this course are named."
    if next(iter(people)) in found.marks:
        return "this person stands in the table twice; the first mark is taken."
    if len(texts) > 1:
        return f"which figure is the mark: {', '.join(texts)}? Give the columns a heading."
    text = texts[0] if texts else ""
    if code_of(text):
        return ""
    value = figure(text)
    if value is None:
        return "no mark." if not text else f"“{text[:20]}” is no mark."
    most = HUNDRED if text.endswith("%") else found.out_of
    return f"{text} is more than {points_text(most)}." if value > most else ""


def _texts(row: Sequence[str], column: MarkColumn | None, used: set[int]) -> list[str]:
    """What could be the mark: the cell of the column, or every figure that names nobody."""
    if column is not None:
        return [plain(row[column.place])] if column.place < len(row) else []
    rest = [plain(cell) for place, cell in enumerate(row) if place not in used and plain(cell)]
    return [text for text in rest if figure(text) is not None] or rest[-1:]


class _Known:
    """What students can be named by; what two share names nobody."""

    def __init__(self, students: Sequence[Enrolment]) -> None:
        self._words: dict[str, int] = {}
        self._has: dict[int, set[str]] = {}
        """Student pk → which of number, login and mail address we know of them."""
        shared: set[str] = set()
        for student in students:
            user = student.user
            own = {"number": user.student_number, "login": user.username, "mail": user.email}
            self._has[student.pk] = {kind for kind, value in own.items() if value}
            words = {_folded(each) for each in (user.student_number, user.email, user.username, user.name) if each}
            shared |= {word for word in words if self._words.setdefault(word, student.pk) != student.pk}
        self._words = {word: pk for word, pk in self._words.items() if word not in shared}
        self._bare = _without_zeros(students)

    def names_somebody(self, row: Sequence[str]) -> bool:
        return any(self._of(cell) is not None for cell in row)

    def named_in(self, row: Sequence[str], layout: Layout) -> tuple[set[int], set[int]]:
        """Who is named, and in which cells: in the columns for it, or where there is no heading anywhere.

        A number, login or mail address that is nobody's here is somebody else's who is called the same.
        """
        if not layout.people:
            found = {place: pk for place, cell in enumerate(row) if (pk := self._of(cell)) is not None}
            return set(found.values()), set(found)
        keys = self._in_columns(row, layout, KEYS)
        names = self._in_columns(row, layout, layout.people.keys() - KEYS)
        if not keys:
            names = {place: pk for place, pk in names.items() if not self._is_another(pk, row, layout)}
        return set((keys | names).values()), set(keys | names)

    def _is_another(self, pk: int, row: Sequence[str], layout: Layout) -> bool:
        """Whether the row gives a number, login or mail address, and who is called so has another one."""
        filled = {
            kind
            for kind in KEYS
            for place in layout.people.get(kind, ())
            if place < len(row) and plain(row[place]).casefold() not in NOTHING
        }
        return bool(filled & self._has[pk])

    def _in_columns(self, row: Sequence[str], layout: Layout, kinds: Collection[str]) -> dict[int, int]:
        places = [place for kind in kinds for place in layout.people.get(kind, ()) if place < len(row)]
        return {place: pk for place in places if (pk := self._of(row[place])) is not None}

    def _of(self, cell: str) -> int | None:
        words = (_folded(cell), _folded(number_of(cell)[0]), mail_of(cell))
        whole = next((self._words[word] for word in words if word in self._words), None)
        return whole if whole is not None else self._bare.get(number_of(cell)[0])


def _without_zeros(students: Sequence[Enrolment]) -> Mapping[str, int]:
    """Numbers as a spreadsheet spoils them, where that still tells who is meant."""
    numbers = [(student.user.student_number.lstrip("0"), student) for student in students]
    bare = [number for number, _ in numbers]
    return {
        number: student.pk
        for number, student in numbers
        if len(number) > 3 and bare.count(number) == 1 and number != student.user.student_number  # noqa: PLR2004  shorter is a mark
    }


def _folded(text: str) -> str:
    """Without regard to case, width and spaces."""
    return plain(text).casefold()
