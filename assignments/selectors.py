"""Reads of assignments and of what was handed in. One route for one student and for a whole course."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils.text import slugify

from assignments.models import (
    Assignment,
    DataFile,
    Extension,
    ExtensionRequest,
    InstructorNotebook,
    PutBackVersion,
    Submission,
)
from courses.access import students_in_reach
from courses.models import Course, Enrolment
from courses.policy import history
from courses.policy.lateness import LateRule, effective_due
from courses.policy.slip_days import Item, spendings
from courses.policy.versions import HandedIn, PutBack, turns
from courses.selectors import current_late_rule


@dataclass(frozen=True, kw_only=True)
class History(history.History[Submission]):
    """What one student handed in for one assignment, and what follows from it."""

    assignment: Assignment
    put_back: Sequence[PutBackVersion] = ()

    @property
    def zone(self) -> ZoneInfo:
        return self.assignment.course.zone

    @property
    def listed_due(self) -> datetime:
        return self.assignment.deadline

    @property
    def last_taken(self) -> datetime | None:
        return self.assignment.closes_at


def assignments_of(course: Course) -> QuerySet[Assignment]:
    """Every notebook assignment with its course and `max_points` (None until a notebook is uploaded)."""
    latest = InstructorNotebook.objects.filter(assignment=OuterRef("pk")).order_by("-version")
    return (
        Assignment.objects.filter(course=course)
        .notebooks()
        .select_related("course")
        .annotate(max_points=Subquery(latest.values("max_points")[:1]))
    )


def next_position(course: Course) -> int:
    """Where a new assignment stands: behind the others."""
    return (Assignment.objects.filter(course=course).aggregate(last=Max("position"))["last"] or 0) + 1


def stages_of(course: Course) -> list[Assignment]:
    """What groups hand in as PDFs, in order."""
    return list(Assignment.objects.filter(course=course).papers().select_related("course", "group_set"))


def entered_of(course: Course) -> list[Assignment]:
    """What marks are entered for without anything handed in."""
    return list(Assignment.objects.filter(course=course).entered().select_related("course"))


def free_slug(course: Course, title: str) -> str:
    """A short name made from a title that no assignment of the course has yet."""
    wanted = slugify(title)[:50] or "mark"
    taken = set(Assignment.objects.filter(course=course, slug__startswith=wanted).values_list("slug", flat=True))
    numbered = (f"{wanted}-{number}" for number in itertools.count(2))
    return wanted if wanted not in taken else next(slug for slug in numbered if slug not in taken)


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
    for each in histories:
        here = spent[each.assignment.slug]
        found[each.assignment.pk, student.pk] = replace(each, slip_days=here.days, may_slip=here.may)


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
    due_at = effective_due(assignment.deadline, extensions)
    return History(
        assignment=assignment,
        own_due=due_at,
        rule=rule,
        submissions=submissions,
        counting=counting,
        turns=made,
        put_back=put_back,
    )


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
