"""What the work on one assignment looks like as a whole: for staff, from what they may see anyway."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from statistics import mean, median, pstdev

from assignments.models import Assignment
from courses.models import Enrolment
from courses.policy.rounding import rounded
from courses.policy.words import points_text
from grading.charts import Chart, bars_of, line_of
from grading.models import Mark, Marking
from grading.selectors.grades import ItemGrade

TENS = 10
TENTH = Decimal("0.1")
LONGEST_SITTING = timedelta(minutes=45)
"""Longer than this a page was forgotten rather than read: it says nothing about minutes."""
BUCKETS = 8
ARRIVALS = (
    ("over 3 days early", timedelta(days=-3)),
    ("1 to 3 days early", timedelta(days=-1)),
    ("6 to 24 h early", timedelta(hours=-6)),
    ("1 to 6 h early", timedelta(hours=-1)),
    ("in the last hour", timedelta()),
    ("up to 1 h late", timedelta(hours=1)),
    ("up to 1 day late", timedelta(days=1)),
    ("up to 3 days late", timedelta(days=3)),
    ("later", timedelta.max),
)
"""Until when, seen from the student's own due time."""


@dataclass(frozen=True)
class Grader:
    """What one marker did: cells, mean and spread in percent of the points, minutes for one submission, and the mean as
    it went along: `drift` is the last quarter less the first, in percent points.
    """

    marker: Enrolment
    cells: int
    mean: Decimal
    spread: Decimal
    minutes: Decimal | None
    drift: Decimal | None
    line: str


def distribution(items: Iterable[ItemGrade]) -> Chart | None:
    """Complete totals by tens of percent; the last bar holds 100."""
    shares = [
        100 * i.grade.total / i.grade.maximum for i in items if i.grade and i.grade.is_complete and i.grade.maximum
    ]
    places = [min(int(share) // TENS, TENS - 1) for share in shares]
    return bars_of([(f"{10 * n}–{10 * n + 10} %", c, str(c)) for n in range(TENS) for c in [places.count(n)]])


def arrivals(items: Iterable[ItemGrade]) -> Chart | None:
    """When the versions that count came in, seen from each student's own due time."""
    counts = [0] * len(ARRIVALS)
    for item in items:
        if item.history.counting is not None and not item.history.speaks:
            late = item.history.counting.received_at - item.history.own_due
            counts[next(n for n, (_, until) in enumerate(ARRIVALS) if late <= until)] += 1
    return bars_of([(label, count, str(count)) for (label, _), count in zip(ARRIVALS, counts, strict=True)])


def pass_rates(items: Iterable[ItemGrade]) -> Chart | None:
    """For each test the share of its points that the tests gave, in percent, in the order of the notebook."""
    found: dict[str, list[Decimal]] = defaultdict(list)
    for item in items:
        for result in item.results:
            if not result.by_hand and result.points:
                found[result.grade_id].append(100 * (result.score or Decimal()) / result.points)
    rows = [(name, mean(shares), f"{points_text(rounded(mean(shares), TENTH))} %") for name, shares in found.items()]
    return bars_of(rows, most=100)


def graders(assignment: Assignment, items: Iterable[ItemGrade]) -> list[Grader]:
    """Everybody whose marks hold, most first."""
    marks: dict[Enrolment, list[tuple[Mark, Decimal]]] = defaultdict(list)
    for item in items:
        points = {result.grade_id: result.points for result in item.results if result.by_hand}
        for name, mark in item.marks.items():
            if (
                points.get(name) and mark.pk is not None and mark.points is not None
            ):  # the mean of a talk is no marker's own
                marks[mark.marker].append((mark, 100 * mark.points / points[name]))
    sittings = _sittings(assignment)
    found = [_grader(marker, given, sittings[marker.pk]) for marker, given in marks.items()]
    return sorted(found, key=lambda grader: (-grader.cells, str(grader.marker.user)))


def _sittings(assignment: Assignment) -> dict[int, list[timedelta]]:
    found: dict[int, list[timedelta]] = defaultdict(list)
    rows = Marking.objects.filter(submission__assignment=assignment, opened_at__isnull=False, marks__gt=0)
    for marker, opened, saved in rows.values_list("marker", "opened_at", "saved_at"):
        if opened is not None and saved - opened <= LONGEST_SITTING:
            found[marker].append(saved - opened)
    return found


def _grader(marker: Enrolment, given: Sequence[tuple[Mark, Decimal]], sittings: Sequence[timedelta]) -> Grader:
    shares = [share for _, share in sorted(given, key=lambda pair: pair[0].pk)]
    quarter = len(shares) // 4
    return Grader(
        marker,
        len(shares),
        mean(shares),
        pstdev(shares),
        Decimal(median(s.total_seconds() for s in sittings)) / 60 if sittings else None,
        mean(shares[-quarter:]) - mean(shares[:quarter]) if quarter else None,
        line_of(_buckets(shares)),
    )


def _buckets(shares: Sequence[Decimal]) -> list[Decimal]:
    """The mean of each eighth, in order."""
    count = min(BUCKETS, len(shares))
    cuts = [n * len(shares) // count for n in range(count + 1)]
    return [mean(shares[a:b]) for a, b in itertools.pairwise(cuts)]
