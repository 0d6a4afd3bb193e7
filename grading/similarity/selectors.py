"""What is known of a comparison, for those who see all sections."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from assignments.models import Assignment, Submission
from assignments.owners import name_of
from courses.models import Course, Enrolment, Role
from grading.models import PairNote, SimilarityReport, SimilarPair
from grading.similarity.pairs import clusters

CLUSTERED = 0.5
"""Pairs from here on hang together."""
PEOPLE = (
    "left__student__user",
    "right__student__user",
    "left__group",
    "right__group",
    "left__assignment__course",
    "right__assignment__course",
)


@dataclass(frozen=True)
class Line:
    """One line of code as it is shown: its number, its text, whether it stands in the other notebook too."""

    number: int
    text: str
    is_same: bool


def last_report(assignment: Assignment) -> SimilarityReport | None:
    """The newest comparison, whatever its state."""
    reports = SimilarityReport.objects.filter(assignment=assignment).select_related("asked_by__user")
    return reports.order_by("-pk").first()


def last_finished(assignment: Assignment) -> SimilarityReport | None:
    """The newest one that found something out."""
    reports = SimilarityReport.objects.filter(assignment=assignment, state=SimilarityReport.State.DONE)
    return reports.order_by("-pk").first()


def pairs_of(staff: Enrolment, report: SimilarityReport) -> list[SimilarPair]:
    """Those whose notebooks this person may both read, most alike first, each with whether somebody `noted` something."""
    notes = PairNote.objects.filter(left=OuterRef("left"), right=OuterRef("right"))
    return list(_readable(staff).filter(report=report).defer("spans").annotate(noted=Exists(notes)))


def clusters_of(pairs: Sequence[SimilarPair]) -> list[list[Submission]]:
    """Three and more that hang together, by name."""
    work = {s.pk: s for pair in pairs for s in (pair.left, pair.right)}
    found = clusters((pair.left_id, pair.right_id) for pair in pairs if pair.score >= CLUSTERED)
    return [sorted((work[pk] for pk in cluster), key=lambda s: name_of(s.owner)) for cluster in found]


def pair_or_404(staff: Enrolment, assignment: Assignment, pair: int) -> SimilarPair:
    """A pair of this assignment, if this person may read both: a lecturer of a former course its students' too."""
    pairs = _readable(staff).filter(report__assignment=assignment, pk=pair)
    found = pairs.select_related(*PEOPLE, "left__file", "right__file").first()
    if found is None:
        raise Http404("No such pair")
    return found


def _readable(staff: Enrolment) -> QuerySet[SimilarPair]:
    """Of this course, for those who see all sections, and of courses in which this person is a lecturer."""
    own = [staff.course_id] if staff.sees_all_sections else []
    taught = Enrolment.objects.filter(user=staff.user_id, role=Role.LECTURER, left_at=None).values("course")
    courses = Q(pk__in=own) | Q(pk__in=taught)
    within = Course.objects.filter(courses)
    pairs = SimilarPair.objects.filter(left__assignment__course__in=within, right__assignment__course__in=within)
    return pairs.select_related(*PEOPLE)


def notes_of(pair: SimilarPair) -> list[PairNote]:
    """What people noted, oldest first."""
    notes = PairNote.objects.filter(left=pair.left_id, right=pair.right_id)
    return list(notes.select_related("author__user"))


def marked(cells: Sequence[str], spans: Sequence[Sequence[int]]) -> list[list[Line]]:
    """The lines of each code cell. `spans`: [cell, first, last] of what stands in the other one too."""
    same = {(cell, line) for cell, first, last in spans for line in range(first, last + 1)}
    return [
        [Line(n, text, (place, n) in same) for n, text in enumerate(code.split("\n"), start=1)]
        for place, code in enumerate(cells)
    ]
