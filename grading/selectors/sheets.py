"""Marks of a talk: each marker fills in a sheet, and the mean of the whole ones counts."""

from collections.abc import Sequence
from decimal import Decimal

from assignments.models import Submission
from courses.models import Enrolment
from grading.models import Mark
from grading.policy.papers import mean_sheet

Sheet = dict[str, Mark]
"""Grade id → the mark of one marker that holds."""


def sheets_in(marks: Sequence[Mark]) -> dict[int, Sheet]:
    """Marker pk → their sheet. `marks`: of one submission, oldest first."""
    found: dict[int, Sheet] = {}
    for mark in marks:
        found.setdefault(mark.marker_id, {})[mark.grade_id] = mark
    return found


def sheets_of(submission: Submission) -> dict[int, Sheet]:
    """The same, read."""
    return sheets_in(list(submission.marks.select_related("marker__user").order_by("pk")))


def own_sheet(submission: Submission, marker: Enrolment) -> Sheet:
    """What one marker gave a talk."""
    return sheets_of(submission).get(marker.pk, {})


def mean_marks(marks: Sequence[Mark], lines: Sequence[str]) -> Sheet:
    """The marks that count, never stored: means of points, with everybody's comments. `lines`: what there is to mark."""
    sheets = [sheet for sheet in sheets_in(marks).values() if all(line in sheet for line in lines)]
    points = mean_sheet([{line: mark.given_points for line, mark in sheet.items()} for sheet in sheets], lines)
    return {line: _mean(points[line], [sheet[line] for sheet in sheets]) for line in points}


def _mean(points: Decimal, given: Sequence[Mark]) -> Mark:
    latest = max(given, key=lambda mark: mark.pk)
    mean = Mark(submission=latest.submission, grade_id=latest.grade_id, points=points, marker=latest.marker)
    mean.comment = "\n".join(mark.comment for mark in given if mark.comment)
    mean.marked_at = latest.marked_at
    mean.several = tuple(str(mark.marker.user) for mark in given)
    return mean
