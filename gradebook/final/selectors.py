"""What final grades would be, what they are, and whose totals have moved since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from courses.models import Course, Enrolment
from courses.policy.rounding import rounded
from courses.policy.words import points_text
from gradebook.effects.impact import students_of
from gradebook.models import FinalGrade, FinalScale
from gradebook.policy.final import Kind, Scale, counted, scale_from_json
from gradebook.standings.finals import finals_of
from gradebook.standings.selectors import Gradebook, Row, gradebook
from grading.policy.codes import Code

FOUR_PLACES = Decimal("0.0001")
NEAR = Fraction(1)
"""Percent points: who misses the next grade by less lies near a border."""


@dataclass(frozen=True)
class Line:
    """One student: their total, what the scale makes of it, and what a registrar must know beside it.

    `open_parts`: names of what is not graded and so counts 0. `short_of`: percent points to the next better grade.
    `stands`: the grade that is frozen or was set.
    """

    student: Enrolment
    total: Decimal
    grade: str
    remark: str
    open_parts: Sequence[str]
    short_of: Fraction | None
    stands: FinalGrade | None

    @property
    def is_near(self) -> bool:
        return self.short_of is not None and self.short_of <= NEAR

    @property
    def moves(self) -> bool:
        """Whether freezing would write another grade; what a person has set stays."""
        if self.stands is None:
            return True
        says = (self.stands.grade, self.stands.remark, self.stands.total)
        return self.stands.freeze_id is not None and says != (self.grade, self.remark, self.total)


@dataclass(frozen=True)
class Preview:
    """Every student's line, by name; how many get which grade (or lie in which band), best first."""

    scale: Scale
    lines: Sequence[Line]
    distribution: Sequence[tuple[str, int]]

    @property
    def near(self) -> list[Line]:
        return sorted((line for line in self.lines if line.is_near), key=lambda line: line.short_of or 0)

    @property
    def unfinished(self) -> list[Line]:
        return [line for line in self.lines if line.open_parts]

    @property
    def moving(self) -> list[Line]:
        return [line for line in self.lines if line.moves]


def scale_of(course: Course) -> Scale:
    """The course's scale; percent where nothing was said."""
    stored = FinalScale.objects.filter(course=course).first()
    return scale_from_json(stored.scale) if stored is not None and stored.scale else Scale()


def history_of(student: Enrolment) -> list[FinalGrade]:
    """Every final grade that a student had, oldest first."""
    return list(FinalGrade.objects.filter(student=student).select_related("set_by__user", "freeze").order_by("pk"))


def preview_of(lecturer: Enrolment, scale: Scale) -> Preview:
    """What freezing with this scale would do now, from everything that is marked, released or not."""
    students = students_of(lecturer.course)
    book = gradebook(lecturer, students)
    stands = finals_of(students)
    lines = [_line(book, row, scale, stands) for row in book.rows]
    return Preview(scale, lines, counted(scale, [line.grade for line in lines]))


def _line(book: Gradebook, row: Row, scale: Scale, stands: Mapping[int, FinalGrade]) -> Line:
    total = row.standing.earned
    codes = {
        column.component.name: cell.code for column, cell in zip(book.columns, row.cells, strict=True) if cell.code
    }
    waits = Code.DEFERRED in codes.values() and row.standing.lowest != row.standing.highest
    said = [f"{code}: {name}" for name, code in codes.items()] + [f"below the minimum: {n}" for n in row.below_minimum]
    below_line = book.pass_line is not None and scale.kind is Kind.PASS and scale.rounded(total) < book.pass_line
    said += [f"below the pass line: {points_text(book.pass_line)} %"] if below_line and book.pass_line else []
    grade = "" if waits else scale.of(total, fails=bool(row.below_minimum) or below_line)
    return Line(
        student=row.student,
        total=rounded(total, FOUR_PLACES),
        grade=grade,
        remark=", ".join(said)[:300],
        open_parts=_open_parts(book, row),
        short_of=None if waits or row.below_minimum else scale.short_of(total),
        stands=stands.get(row.student.pk),
    )


def _open_parts(book: Gradebook, row: Row) -> list[str]:
    if row.standing.lowest == row.standing.highest:
        return []
    pairs = zip(book.columns, row.cells, strict=True)
    return [column.component.name for column, cell in pairs if cell.share is None and cell.code != Code.EXEMPT]
