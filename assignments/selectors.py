"""Reads of assignments and of what was handed in. One route for one student and for a whole course."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery

from assignments.models import (
    Assignment,
    DataFile,
    Extension,
    ExtensionRequest,
    InstructorNotebook,
    PutBackVersion,
    Submission,
)
from assignments.policy import HandedIn, PutBack, Turn, effective_close, turns
from courses.access import students_in_reach
from courses.models import Course, Enrolment
from courses.policy.calendar import add_days
from courses.policy.lateness import (
    LateRule,
    Replacing,
    Step,
    effective_due,
    late_factor,
    lateness,
    step_of,
    timeline,
)
from courses.policy.slip_days import Item, days_needed, spendings
from courses.selectors import current_late_rule


@dataclass(frozen=True)
class History:
    """What one student handed in for one assignment, and what follows from it."""

    assignment: Assignment
    own_due: datetime
    rule: LateRule
    submissions: Sequence[Submission] = ()
    counting: Submission | None = None
    turns: Sequence[Turn] = ()
    put_back: Sequence[PutBackVersion] = ()
    slip_days: int = 0
    """Days of the student's budget that were spent here and moved `due_at`."""
    may_slip: int = 0
    """Days of it that may be spent here."""

    @property
    def handed_in(self) -> bool:
        return self.counting is not None

    @property
    def due_at(self) -> datetime:
        """The student's own due time, moved by the slip days that were spent."""
        return self._moved(self.slip_days)

    @property
    def last_due(self) -> datetime:
        """The due time if every slip day that may be spent here were."""
        return self._moved(self.may_slip)

    def slip_days_at(self, instant: datetime) -> int:
        """Slip days that work received then takes."""
        zone, grace = self.assignment.course.zone, self.rule.grace
        return days_needed(
            received_at=self.judged(instant), due_at=self.own_due, may=self.may_slip, zone=zone, grace=grace
        )

    def lateness_at(self, instant: datetime) -> timedelta:
        """Zero or less is on time."""
        return lateness(received_at=self.judged(instant), due_at=self.due_for(instant), rule=self.rule)

    def factor_at(self, instant: datetime) -> Decimal:
        zone, at = self.assignment.course.zone, self.judged(instant)
        return late_factor(received_at=at, due_at=self.due_for(instant), rule=self.rule, zone=zone)

    def due_for(self, instant: datetime) -> datetime:
        """The due time of work received then: moved by the slip days that it takes."""
        return self._moved(self.slip_days_at(instant))

    def _moved(self, days: int) -> datetime:
        return add_days(self.own_due, days, self.assignment.course.zone) if days else self.own_due

    @property
    def late_by(self) -> timedelta:
        """How late the counting version is; never negative."""
        return max(self.lateness_at(self.counting.received_at), timedelta()) if self.counting else timedelta()

    @property
    def factor(self) -> Decimal:
        """The counting version's factor; one when nothing was handed in."""
        return self.factor_at(self.counting.received_at) if self.counting else Decimal(1)

    @property
    def closes_at(self) -> datetime | None:
        """When this student's work is no longer taken; None: never."""
        closes_at = effective_close(closes_at=self.assignment.closes_at, due_at=self.last_due)
        if self.rule.replacing is Replacing.LOCKED and self._was_on_time:
            locks_at = self.last_due + self.rule.grace
            return min(locks_at, closes_at) if closes_at else locks_at
        return closes_at

    @property
    def _was_on_time(self) -> bool:
        return any(self.lateness_at(version.received_at) <= timedelta() for version in self.submissions)

    def judged(self, instant: datetime) -> datetime:
        """The instant that decides how late work received then is: under some rules the first version's."""
        first = self.submissions[0].received_at if self.submissions else instant
        return min(first, instant) if self.rule.replacing is Replacing.LATEST else instant

    def steps(self) -> Sequence[Step]:
        """What handing in counts until when."""
        if self.rule.replacing is Replacing.LATEST and self.submissions:
            return [Step(None, self.factor_at(self.submissions[0].received_at))]
        return timeline(due_at=self.last_due, rule=self.rule, zone=self.assignment.course.zone)

    def step_at(self, instant: datetime) -> tuple[Step, Step | None]:
        """The step that holds then, and the one after it."""
        return step_of(self.steps(), instant)

    @property
    def is_extended(self) -> bool:
        return self.own_due > self.assignment.due_at


def assignments_of(course: Course) -> QuerySet[Assignment]:
    """Every assignment with its course and `max_points` (None until a notebook is uploaded)."""
    latest = InstructorNotebook.objects.filter(assignment=OuterRef("pk")).order_by("-version")
    return (
        Assignment.objects.filter(course=course)
        .select_related("course")
        .annotate(max_points=Subquery(latest.values("max_points")[:1]))
    )


def next_position(course: Course) -> int:
    """Where a new assignment stands: behind the others."""
    return (Assignment.objects.filter(course=course).aggregate(last=Max("position"))["last"] or 0) + 1


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


def histories(
    assignments: Sequence[Assignment], students: Sequence[Enrolment], rule: LateRule | None = None
) -> dict[tuple[int, int], History]:
    """(assignment pk, student pk) → history, for all of them in a constant number of queries. One course at a time.

    `rule`: as if this were the course's late rule.
    """
    if not assignments or not students:
        return {}
    rule = rule or current_late_rule(assignments[0].course)
    asked = (
        assignments if rule.slip_days is None else list(assignments_of(assignments[0].course))
    )  # they share a budget
    submissions = _submissions(asked, students)
    put_back = _put_back(asked, students)
    extensions = _extensions(asked, students)
    found = {
        (a.pk, s.pk): _history(a, rule, submissions[a.pk, s.pk], put_back[a.pk, s.pk], extensions[a.pk, s.pk])
        for a in asked
        for s in students
    }
    if rule.slip_days is not None:
        for student in students:
            _spend_slip_days(found, [found[a.pk, student.pk] for a in asked], student)
    return {(a.pk, s.pk): found[a.pk, s.pk] for a in assignments for s in students}


def _spend_slip_days(found: "dict[Key, History]", histories: Sequence[History], student: Enrolment) -> None:
    """Move this student's due times by the days that the rule's budget gives them."""
    rule = histories[0].rule
    if rule.slip_days is None:
        return
    zone = histories[0].assignment.course.zone
    items = [
        Item(h.assignment.slug, h.own_due, h.judged(h.counting.received_at) if h.counting else None) for h in histories
    ]
    spent = spendings(items, rule.slip_days, zone=zone, grace=rule.grace)
    for history in histories:
        here = spent[history.assignment.slug]
        found[history.assignment.pk, student.pk] = replace(history, slip_days=here.days, may_slip=here.may)


def _history(
    assignment: Assignment,
    rule: LateRule,
    submissions: Sequence[Submission],
    put_back: Sequence[PutBackVersion],
    extensions: Sequence[datetime],
) -> History:
    handed_in = [HandedIn(s.number, s.accepted_at, s.file_id) for s in submissions]
    made = turns(handed_in, [PutBack(row.submission.number, row.put_back_at) for row in put_back])
    counting = next((s for s in submissions if made and s.number == made[-1].number), None)
    due_at = effective_due(assignment.due_at, extensions)
    return History(assignment, due_at, rule, submissions, counting, made, put_back)


Key = tuple[int, int]


def _submissions(assignments: Iterable[Assignment], students: Iterable[Enrolment]) -> dict[Key, list[Submission]]:
    found: dict[Key, list[Submission]] = defaultdict(list)
    rows = Submission.objects.filter(assignment__in=assignments, student__in=students).select_related("file")
    for row in rows.order_by("number"):
        found[row.assignment_id, row.student_id].append(row)
    return found


def _put_back(assignments: Iterable[Assignment], students: Iterable[Enrolment]) -> dict[Key, list[PutBackVersion]]:
    found: dict[Key, list[PutBackVersion]] = defaultdict(list)
    rows = PutBackVersion.objects.filter(submission__assignment__in=assignments, submission__student__in=students)
    for row in rows.select_related("submission", "put_back_by__user"):
        found[row.submission.assignment_id, row.submission.student_id].append(row)
    return found


def _extensions(assignments: Iterable[Assignment], students: Sequence[Enrolment]) -> dict[Key, list[datetime]]:
    """Extensions for the student, and for a section the student sits in."""
    found: dict[Key, list[datetime]] = defaultdict(list)
    granted = Extension.objects.filter(assignment__in=assignments, withdrawn_at=None)
    for row in granted.filter(student__in=students):
        if row.student_id is not None:
            found[row.assignment_id, row.student_id].append(row.due_at)
    by_section = granted.filter(section__enrolments__in=students).annotate(member=F("section__enrolments"))
    members = {student.pk for student in students}
    for assignment, member, due_at in by_section.values_list("assignment", "member", "due_at"):
        if member in members:
            found[assignment, member].append(due_at)
    return found


def extensions_in_reach(staff: Enrolment, assignment: Assignment) -> QuerySet[Extension]:
    """The extensions of this person's students and sections, with their people, newest first."""
    granted = Extension.objects.filter(assignment=assignment)
    if not staff.sees_all_sections:
        mine = Q(student__in=students_in_reach(staff)) | Q(section__in=staff.sections.all())
        granted = granted.filter(mine)
    return granted.select_related("student__user", "section", "granted_by__user", "withdrawn_by__user")


def requests_in_reach(staff: Enrolment, assignment: Assignment) -> QuerySet[ExtensionRequest]:
    """What this person's students asked for and nobody has decided, oldest first."""
    waiting = ExtensionRequest.objects.filter(assignment=assignment, decided_at=None)
    return waiting.filter(student__in=students_in_reach(staff)).select_related("student__user")


def waiting_requests(staff: Enrolment) -> dict[int, int]:
    """Assignment pk → how many requests for more time wait for this person."""
    waiting = ExtensionRequest.objects.filter(
        assignment__course=staff.course, decided_at=None, student__in=students_in_reach(staff)
    )
    return dict(waiting.order_by().values_list("assignment").annotate(count=Count("pk")))


def requests_of(student: Enrolment, assignment: Assignment) -> QuerySet[ExtensionRequest]:
    """What a student asked for, newest first."""
    asked = ExtensionRequest.objects.filter(assignment=assignment, student=student)
    return asked.select_related("decided_by__user").order_by("-pk")


def data_files_of(assignment: Assignment) -> list[DataFile]:
    """The data sets of an assignment, by name."""
    return list(assignment.data_files.select_related("file", "attached_by__user"))
