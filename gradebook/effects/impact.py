"""What a change of policy does to students' standings: two gradebooks by the same route, compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from courses.models import Course, Enrolment, Role
from gradebook.policy.totals import Standing
from gradebook.standings.selectors import Gradebook, Row
from grading.models import Release

BINS = 10
HEIGHT = 100
NOTHING = Standing(Fraction(), None, Fraction(), Fraction())


@dataclass(frozen=True)
class Move:
    """One student whose standing would be another one."""

    student: Enrolment
    before: Standing
    after: Standing

    @property
    def change(self) -> Fraction:
        """Of the average on graded work, in percent points; 0 while nothing is graded."""
        was, is_now = self.before.average, self.after.average
        return Fraction() if was is None or is_now is None else is_now - was


@dataclass(frozen=True)
class Bin:
    """So many students from `low` to `high` percent, before and after; `tall_*`: their bars, of HEIGHT."""

    low: int
    high: int
    before: int
    after: int
    tall_before: int
    tall_after: int

    @property
    def left(self) -> int:
        return 4 * self.low + 4

    @property
    def middle(self) -> int:
        return self.left + 16

    @property
    def top_before(self) -> int:
        return HEIGHT - self.tall_before

    @property
    def top_after(self) -> int:
        return HEIGHT - self.tall_after


@dataclass(frozen=True)
class Impact:
    """Who moves, the largest losses first; the averages in ten bins; who would begin to fail, and to pass."""

    moves: Sequence[Move]
    bins: Sequence[Bin]
    failing: Sequence[Enrolment]
    passing: Sequence[Enrolment]


def students_of(course: Course) -> list[Enrolment]:
    """Everybody whom a policy of the course concerns, by name."""
    students = Enrolment.objects.filter(course=course, role=Role.STUDENT, left_at=None)
    return list(students.select_related("user").order_by("user__name", "pk"))


def is_released(course: Course) -> bool:
    """Whether students have been shown any grade: then a change of policy needs a reason."""
    return Release.objects.filter(assignment__course=course).exists()


def impact_of(before: Gradebook, after: Gradebook) -> Impact:
    """A book without a scheme lists nobody: then everybody stands at nothing in it."""
    known = {row.student.pk: row for row in before.rows}
    then = {row.student.pk: row for row in after.rows}
    students = [row.student for row in (before.rows or after.rows)]
    pairs = [(known.get(s.pk) or Row(s, [], NOTHING), then.get(s.pk) or Row(s, [], NOTHING)) for s in students]
    moves = [Move(a.student, a.standing, b.standing) for a, b in pairs if a.standing != b.standing]
    verdicts = [(a.student, _fails(a, before.pass_line), _fails(b, after.pass_line)) for a, b in pairs]
    return Impact(
        sorted(moves, key=lambda move: (move.change, move.student.pk)),
        _bins([a.standing for a, _ in pairs], [b.standing for _, b in pairs]),
        [student for student, did, does in verdicts if does and not did],
        [student for student, did, does in verdicts if did and not does],
    )


def _fails(row: Row, pass_line: Decimal | None) -> bool:
    """As things stand: a minimum that is not reached, or an average below the pass line."""
    average = row.standing.average
    return bool(row.below_minimum) or (pass_line is not None and average is not None and average < pass_line)


def _bins(before: Sequence[Standing], after: Sequence[Standing]) -> list[Bin]:
    """Averages by tens; the last bin holds 100 and whatever a bonus lifts above it. None where nobody has one."""
    was, is_now = _counts(before), _counts(after)
    most = max(was + is_now)
    return [
        Bin(n * BINS, (n + 1) * BINS, was[n], is_now[n], was[n] * HEIGHT // most, is_now[n] * HEIGHT // most)
        for n in range(BINS)
        if most
    ]


def _counts(standings: Sequence[Standing]) -> list[int]:
    averages = [standing.average for standing in standings if standing.average is not None]
    places = [min(int(average) // BINS, BINS - 1) for average in averages]
    return [places.count(n) for n in range(BINS)]
