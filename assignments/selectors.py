"""Reads of assignments and of what was handed in. One route for one student and for a whole course."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import F, OuterRef, QuerySet, Subquery

from assignments.models import Assignment, Extension, InstructorNotebook, PutBackVersion, Submission
from assignments.policy import HandedIn, PutBack, counting_version
from courses.models import Course, Enrolment
from courses.policy.lateness import LateRule, effective_due, late_factor, lateness
from courses.selectors import current_late_rule


@dataclass(frozen=True)
class History:
    """What one student handed in for one assignment, and what follows from it."""

    assignment: Assignment
    due_at: datetime
    rule: LateRule
    submissions: Sequence[Submission] = ()
    counting: Submission | None = None

    @property
    def handed_in(self) -> bool:
        return self.counting is not None

    def lateness_at(self, instant: datetime) -> timedelta:
        """Zero or less is on time."""
        return lateness(received_at=instant, due_at=self.due_at, rule=self.rule)

    def factor_at(self, instant: datetime) -> Decimal:
        return late_factor(received_at=instant, due_at=self.due_at, rule=self.rule, zone=self.assignment.course.zone)

    @property
    def late_by(self) -> timedelta:
        """How late the counting version is; never negative."""
        return max(self.lateness_at(self.counting.received_at), timedelta()) if self.counting else timedelta()

    @property
    def factor(self) -> Decimal:
        """The counting version's factor; one when nothing was handed in."""
        return self.factor_at(self.counting.received_at) if self.counting else Decimal(1)

    @property
    def is_extended(self) -> bool:
        return self.due_at > self.assignment.due_at


def assignments_of(course: Course) -> QuerySet[Assignment]:
    """Every assignment with its course and `max_points` (None until a notebook is uploaded)."""
    latest = InstructorNotebook.objects.filter(assignment=OuterRef("pk")).order_by("-version")
    return (
        Assignment.objects.filter(course=course)
        .select_related("course")
        .annotate(max_points=Subquery(latest.values("max_points")[:1]))
    )


def current_notebook(assignment: Assignment) -> InstructorNotebook | None:
    """The version that is used for grading now."""
    return (
        InstructorNotebook.objects.filter(assignment=assignment)
        .select_related("source", "student_version", "uploaded_by__user")
        .prefetch_related("cells")
        .order_by("-version")
        .first()
    )


def history_of(assignment: Assignment, student: Enrolment) -> History:
    """One student's history of one assignment."""
    return histories([assignment], [student])[assignment.pk, student.pk]


def histories(assignments: Sequence[Assignment], students: Sequence[Enrolment]) -> dict[tuple[int, int], History]:
    """(assignment pk, student pk) → history, for all of them in a constant number of queries. One course at a time."""
    if not assignments or not students:
        return {}
    rule = current_late_rule(assignments[0].course)
    submissions = _submissions(assignments, students)
    put_back = _put_back(assignments, students)
    extensions = _extensions(assignments, students)
    return {
        (a.pk, s.pk): _history(a, rule, submissions[a.pk, s.pk], put_back[a.pk, s.pk], extensions[a.pk, s.pk])
        for a in assignments
        for s in students
    }


def _history(
    assignment: Assignment,
    rule: LateRule,
    submissions: Sequence[Submission],
    put_back: Sequence[PutBack],
    extensions: Sequence[datetime],
) -> History:
    handed_in = [HandedIn(s.number, s.received_at, s.file_id) for s in submissions]
    number = counting_version(handed_in, put_back)
    counting = next((s for s in submissions if s.number == number), None)
    return History(assignment, effective_due(assignment.due_at, extensions), rule, submissions, counting)


Key = tuple[int, int]


def _submissions(assignments: Iterable[Assignment], students: Iterable[Enrolment]) -> dict[Key, list[Submission]]:
    found: dict[Key, list[Submission]] = defaultdict(list)
    rows = Submission.objects.filter(assignment__in=assignments, student__in=students).select_related("file")
    for row in rows.order_by("number"):
        found[row.assignment_id, row.student_id].append(row)
    return found


def _put_back(assignments: Iterable[Assignment], students: Iterable[Enrolment]) -> dict[Key, list[PutBack]]:
    found: dict[Key, list[PutBack]] = defaultdict(list)
    rows = PutBackVersion.objects.filter(submission__assignment__in=assignments, submission__student__in=students)
    for row in rows.select_related("submission"):
        key = (row.submission.assignment_id, row.submission.student_id)
        found[key].append(PutBack(row.submission.number, row.put_back_at))
    return found


def _extensions(assignments: Iterable[Assignment], students: Sequence[Enrolment]) -> dict[Key, list[datetime]]:
    """Extensions for the student, and for a section the student sits in."""
    found: dict[Key, list[datetime]] = defaultdict(list)
    granted = Extension.objects.filter(assignment__in=assignments)
    for row in granted.filter(student__in=students):
        if row.student_id is not None:
            found[row.assignment_id, row.student_id].append(row.due_at)
    by_section = granted.filter(section__enrolments__in=students).annotate(member=F("section__enrolments"))
    members = {student.pk for student in students}
    for assignment, member, due_at in by_section.values_list("assignment", "member", "due_at"):
        if member in members:
            found[assignment, member].append(due_at)
    return found


def extensions_of(assignment: Assignment) -> QuerySet[Extension]:
    """Every extension with its people, newest first."""
    return Extension.objects.filter(assignment=assignment).select_related(
        "student__user", "section", "granted_by__user"
    )
