"""Reads of the gradebook as people use it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from statistics import mean, median, pstdev
from typing import Any

from django.db.models import Q
from django.http import Http404

from assignments.kinds.registry import kind_of
from assignments.models import Assignment, Submission
from assignments.selectors import histories_for
from courses.access import students_in_reach
from courses.models import Course, Enrolment
from courses.policy.words import points_text
from gradebook.models import ExportHeader
from gradebook.standings.selectors import Column, Gradebook, Row, gradebook
from gradebook.table.forms import Wanted
from grading.charts import Chart, bars_of
from grading.models import Mark, ReleasedGrade, Ruling, Run, Withdrawal
from grading.selectors.rubrics import titles_of

TENS = 10


@dataclass(frozen=True)
class Figures:
    """A column in figures: how many are graded, mean, median and spread in percent; None where nobody is."""

    column: Column
    graded: int
    mean: Decimal | None
    median: Decimal | None
    spread: Decimal | None


@dataclass(frozen=True)
class Event:
    """Something that happened to a mark: when, who did it, and what."""

    at: datetime
    who: str
    said: str


def page_of(staff: Enrolment, wanted: Wanted, *, size: int) -> dict[str, Any]:
    """`book` with one page of rows, `total` rows, `page` and `pages`. By name only this page is reckoned."""
    students = students_in_reach(staff).filter(left_at=None)
    if wanted.text:
        named = Q(user__name__icontains=wanted.text) | Q(user__student_number__icontains=wanted.text)
        students = students.filter(named | Q(user__username__icontains=wanted.text))
    if wanted.section is not None:
        students = students.filter(pk__in=wanted.section.enrolments.values("pk"))
    ordered = students.select_related("user").prefetch_related("sections").order_by("user__name", "pk")
    is_simple = wanted.sort == "name" and not wanted.only
    if is_simple:
        ordered = ordered.reverse() if wanted.is_falling else ordered
        total = ordered.count()
        first = _first(wanted.page, total, size)
        book = gradebook(staff, list(ordered[first : first + size]))
        rows = book.rows
    else:
        book = gradebook(staff, list(ordered))
        rows = _sorted([row for row in book.rows if _is_shown(row, wanted.only)], book, wanted)
        total, first = len(rows), _first(wanted.page, len(rows), size)
        rows = rows[first : first + size]
    pages = max(-(-total // size), 1)
    return {"book": book, "rows": rows, "total": total, "page": first // size + 1, "pages": pages}


def _first(page: int, total: int, size: int) -> int:
    """Where the page begins; the last one for a page that is not there any more."""
    return size * (min(page, max(-(-total // size), 1)) - 1)


def _is_shown(row: Row, only: str) -> bool:
    if only == "below":
        return bool(row.below_minimum)
    return only != "open" or any(cell.total is None and cell.code != "exempt" for cell in row.cells)


def _sorted(rows: Sequence[Row], book: Gradebook, wanted: Wanted) -> list[Row]:
    """By a number, rows without one last; equal ones by name, as they come."""
    if wanted.sort == "name":
        return list(reversed(rows)) if wanted.is_falling else list(rows)
    places = {str(column.component.pk): place for place, column in enumerate(book.columns)}

    def number(row: Row) -> Fraction | None:
        if wanted.sort in places:
            return row.cells[places[wanted.sort]].share
        found: Fraction | None = getattr(row.standing, wanted.sort)
        return found

    sign = -1 if wanted.is_falling else 1
    return sorted(rows, key=lambda row: (number(row) is None, sign * (number(row) or 0)))


def figures_of(book: Gradebook) -> list[Figures]:
    """For every column, over those who have a mark there."""
    found = []
    for place, column in enumerate(book.columns):
        shares = [row.cells[place].share for row in book.rows]
        percent = [_decimal(100 * share) for share in shares if share is not None]
        read: list[Callable[[Sequence[Decimal]], Decimal]] = [mean, median, pstdev]
        figures = [function(percent) for function in read] if percent else [None] * 3
        found.append(Figures(column, len(percent), *figures))
    return found


def averages(book: Gradebook) -> Chart | None:
    """The students' averages on graded work by tens of percent."""
    known = [row.standing.average for row in book.rows if row.standing.average is not None]
    places = [min(int(average) // TENS, TENS - 1) for average in known]
    return bars_of([(f"{10 * n}–{10 * n + 10} %", c, str(c)) for n in range(TENS) for c in [places.count(n)]])


def _decimal(share: Fraction) -> Decimal:
    return Decimal(share.numerator) / Decimal(share.denominator)


def column_or_404(course: Course, slug: str) -> Assignment:
    """What a column hangs on."""
    found = Assignment.objects.filter(course=course, slug=slug).select_related("course").first()
    if found is None:
        raise Http404("No such column")
    return found


def counting_of(assignment: Assignment, student: Enrolment) -> Submission | None:
    """The version that counts, or what the entered mark hangs on."""
    return histories_for([assignment], [student])[assignment.pk, student.pk].counting


def history_of_cell(assignment: Assignment, student: Enrolment) -> list[Event]:
    """Everything that happened, oldest first."""
    return sorted(_events(assignment, student), key=lambda event: event.at)


def _events(assignment: Assignment, student: Enrolment) -> list[Event]:
    theirs = Q(student=student.pk) | Q(members=student.pk)
    work = (
        Submission.objects.filter(theirs, assignment=assignment)
        .distinct()
        .prefetch_related(
            "handed_in_by__user",
            "runs",
            "marks__marker__user",
            "put_back__put_back_by__user",
            "released_grades__release__released_by__user",
        )
    )
    events, titles = [], titles_of(assignment)
    for submission in work:
        version = submission.said.lower()
        if submission.has_file or submission.is_talk:
            began = "Opened the first sheet of the talk" if submission.is_talk else f"Handed in {version}"
            events.append(Event(submission.received_at, str(submission.handed_in_by.user), began))
        events += [_ran(run, version) for run in submission.runs.all() if run.finished_at]
        said = _marked if kind_of(assignment).is_handed_in else _entered
        events += [said(mark, version, titles) for mark in submission.marks.all()]
        events += [_put_back(row, version) for row in submission.put_back.all()]
        events += [_released(grade) for grade in submission.released_grades.all() if grade.student_id == student.pk]
    rulings = Ruling.objects.filter(assignment=assignment, student=student).select_related("ruled_by__user")
    events += [_ruled(ruling) for ruling in rulings]
    taken = Withdrawal.objects.filter(Q(student=None) | Q(student=student.pk), assignment=assignment)
    return events + [
        Event(w.withdrawn_at, str(w.withdrawn_by.user), f"Took the release back: {w.reason}")
        for w in taken.select_related("withdrawn_by__user")
    ]


def _ran(run: Run, version: str) -> Event:
    what = f"Tests of {version} ran" if run.notebook_id is not None else f"Looked at the file of {version}"
    return Event(run.finished_at or run.queued_at, "", what)


def _marked(mark: Mark, version: str, titles: Mapping[str, str]) -> Event:
    said = f"{titles.get(mark.grade_id, mark.grade_id)} of {version}: {points_text(mark.given_points)} points" + (
        f", “{mark.comment}”" if mark.comment else ""
    )
    return Event(mark.marked_at, str(mark.marker.user), said)


def _entered(mark: Mark, version: str, titles: Mapping[str, str]) -> Event:
    points = "took the mark back" if mark.points is None else f"{points_text(mark.points)} %"
    note = f" ({mark.comment})" if mark.comment else ""
    return Event(mark.marked_at, str(mark.marker.user), f"Entered: {mark.code or points}{note}")


def _put_back(row: Any, version: str) -> Event:
    reason = f": {row.reason}" if row.reason else ""
    return Event(row.put_back_at, str(row.put_back_by.user), f"Made {version} count again{reason}")


def _released(grade: ReleasedGrade) -> Event:
    return Event(grade.release.released_at, str(grade.release.released_by.user), f"Released: {grade.sentence}")


def _ruled(ruling: Ruling) -> Event:
    points = "" if ruling.points is None else f"{points_text(ruling.points)} points"
    return Event(
        ruling.ruled_at, str(ruling.ruled_by.user), f"Ruled {ruling.code or points or 'as reckoned'}: {ruling.reason}"
    )


def headers_of(course: Course, system: str) -> dict[int, str]:
    """Assignment pk → how this system calls its column."""
    rows = ExportHeader.objects.filter(course=course, system=system)
    return dict(rows.values_list("assignment", "header"))


def rows_of_headers(
    course: Course, columns: Sequence[Column], systems: Sequence[str]
) -> list[tuple[Column, list[tuple[str, str, str]]]]:
    """Each column with (system, field, heading)."""
    known = {system: headers_of(course, system) for system in systems}
    return [(c, [(s, f"{s}-{c.assignment_pk}", known[s].get(c.assignment_pk, "")) for s in systems]) for c in columns]
