"""Reads of assignments and of what was handed in. One route for one student and for a whole course."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db.models import F, Max, OuterRef, Subquery
from django.utils.text import slugify

from assignments.models import (
    Accommodation,
    Assignment,
    AssignmentQuerySet,
    DataFile,
    Extension,
    InstructorNotebook,
    PendingReplacement,
    PutBackVersion,
    Submission,
)
from assignments.owners import Owner, columns
from assignments.policy import accommodated_due
from assignments.speakers import speaking_in
from courses.models import Course, Enrolment
from courses.policy import history
from courses.policy.lateness import LateRule, effective_due
from courses.policy.slip_days import Item, spendings
from courses.policy.versions import HandedIn, PutBack, still_confirmable, turns
from courses.selectors import current_late_rule, with_people
from groups.models import Group, Membership

Key = tuple[int, int]
"""Assignment pk, owner pk."""
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""When an exam is due: what is entered for it is never late."""


@dataclass(frozen=True, kw_only=True)
class History(history.History[Submission]):
    """What one owner handed in for one assignment, and what follows from it."""

    assignment: Assignment
    owner: Owner
    put_back: Sequence[PutBackVersion] = ()
    speaks: bool = False
    """The group gives a talk: that counts, and no version of its slides does."""
    slides: Submission | None = None
    """The version that stands beside the talk."""

    @property
    def attempts_left(self) -> int | None:
        """How many versions its owner may still hand in; what staff handed in for them is none. None: any number."""
        most = self.assignment.attempts
        used = sum(not version.reason for version in self.submissions)
        return None if most is None else max(most - used, 0)

    @property
    def latest_file(self) -> Submission | None:
        """The version that the same bytes again would not change."""
        return self.slides if self.speaks else self.counting

    @property
    def zone(self) -> ZoneInfo:
        return self.assignment.course.zone

    @property
    def listed_due(self) -> datetime:
        return self.assignment.deadline

    @property
    def last_taken(self) -> datetime | None:
        return self.assignment.closes_at

    def judged(self, instant: datetime) -> datetime:
        """A talk is never late, nor are its slides: it is given when the programme says so."""
        return min(instant, self.own_due) if self.speaks else super().judged(instant)


def marked_of(course: Course) -> AssignmentQuerySet:
    """Everything that has marks, with its course and `max_points` of the notebook."""
    latest = InstructorNotebook.objects.filter(assignment=OuterRef("pk")).order_by("-version")
    return (
        Assignment.objects.filter(course=course)
        .select_related("course", "group_set")
        .annotate(max_points=Subquery(latest.values("max_points")[:1]))
    )


def assignments_of(course: Course) -> AssignmentQuerySet:
    """The same of what is handed in."""
    return marked_of(course).handed_in()


def next_position(course: Course) -> int:
    """Where a new assignment stands: behind the others."""
    return (Assignment.objects.filter(course=course).aggregate(last=Max("position"))["last"] or 0) + 1


def stages_of(course: Course) -> list[Assignment]:
    """The stages of the project, in order."""
    return list(Assignment.objects.filter(course=course).stages().select_related("course", "group_set"))


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


def history_of(assignment: Assignment, owner: Owner) -> History:
    """One owner's history of one assignment."""
    return histories([assignment], [owner])[assignment.pk, owner.pk]


def histories(
    assignments: Sequence[Assignment], owners: Sequence[Owner], rule: LateRule | None = None
) -> dict[Key, History]:
    """(assignment pk, owner pk) → history, for all of them in a constant number of queries. One course at a time.

    The owners are all students or all groups, as the assignments ask. `rule`: as if this were the course's late rule,
    which holds where an assignment has none of its own; only there slip days are spent.
    """
    if not assignments or not owners:
        return {}
    rule = rule or current_late_rule(assignments[0].course)
    budget = rule.slip_days
    has_budget = budget is not None and (isinstance(owners[0], Enrolment) or budget.for_groups)
    asked = _sharing_with(assignments, owners) if has_budget else assignments
    found = _histories(asked, owners, rule)
    if has_budget:
        sharing = [each for each in asked if each.late_rule is None and each.due_at is not None]
        for owner in owners:
            _spend_slip_days(found, [found[each.pk, owner.pk] for each in sharing if _is_of(each, owner)], owner)
    return {(a.pk, owner.pk): found[a.pk, owner.pk] for a in assignments for owner in owners}


def _sharing_with(assignments: Sequence[Assignment], owners: Sequence[Owner]) -> list[Assignment]:
    """All that shares a budget with these: everything of the course, for groups what their sets hand in."""
    everything = marked_of(assignments[0].course)
    if isinstance(owners[0], Group):
        everything = everything.filter(group_set__in={assignment.group_set_id for assignment in assignments})
    return list(everything)


def _is_of(assignment: Assignment, owner: Owner) -> bool:
    """Whether this owner hands it in."""
    return not isinstance(owner, Group) or assignment.group_set_id == owner.group_set_id


def _histories(assignments: Sequence[Assignment], owners: Sequence[Owner], rule: LateRule) -> dict[Key, History]:
    by = _Rows.of(owners)
    submissions = by.submissions(assignments)
    put_back = by.put_back(assignments)
    extensions = by.extensions(assignments)
    talks = speaking_in(assignments) if by.column == "group" else {}
    return {
        key: _history(
            assignment,
            owner,
            assignment.own_rule or rule,
            submissions[key],
            put_back[key],
            extensions[key],
            speaks=owner.pk in talks.get(assignment.pk, ()),
        )
        for assignment in assignments
        for owner in owners
        for key in [(assignment.pk, owner.pk)]
    }


def _spend_slip_days(found: dict[Key, History], histories: Sequence[History], owner: Owner) -> None:
    """Move this owner's due times by the days that the rule's budget gives them."""
    rule = histories[0].rule if histories else None
    if rule is None or rule.slip_days is None:
        return
    zone = histories[0].assignment.course.zone
    items = [
        Item(h.assignment.slug, h.own_due, h.judged(h.counting.received_at) if h.counting else None) for h in histories
    ]
    spent = spendings(items, rule, zone=zone)
    for each in histories:
        here = spent[each.assignment.slug]
        found[each.assignment.pk, owner.pk] = replace(each, slip_days=here.days, may_slip=here.may)


def _history(
    assignment: Assignment,
    owner: Owner,
    rule: LateRule,
    submissions: Sequence[Submission],
    put_back: Sequence[PutBackVersion],
    extensions: Sequence[datetime],
    *,
    speaks: bool = False,
) -> History:
    versions = [submission for submission in submissions if submission.has_file]
    handed_in = [HandedIn(s.number, s.accepted_at, s.fingerprint) for s in versions]
    made = turns(handed_in, [PutBack(row.submission.number, row.put_back_at) for row in put_back])
    latest = next((s for s in versions if made and s.number == made[-1].number), None)
    without_file = next((s for s in reversed(submissions) if not s.has_file), None)
    is_due = assignment.due_at is not None
    return History(
        assignment=assignment,
        owner=owner,
        own_due=effective_due(assignment.deadline, extensions) if is_due else NEVER,
        rule=rule if is_due else LateRule(),
        submissions=versions,
        counting=latest if is_due and not speaks else without_file,
        turns=made,
        put_back=put_back,
        speaks=speaks,
        slides=latest if speaks else None,
    )


@dataclass(frozen=True)
class _Rows:
    """Rows of some owners, by assignment and owner. `column`: the one that they are named in."""

    column: str
    owners: Sequence[Owner]

    @classmethod
    def of(cls, owners: Sequence[Owner]) -> "_Rows":
        return cls("group" if isinstance(owners[0], Group) else "student", owners)

    def submissions(self, assignments: Iterable[Assignment]) -> dict[Key, list[Submission]]:
        found: dict[Key, list[Submission]] = defaultdict(list)
        rows = Submission.objects.filter(assignment__in=assignments, **{f"{self.column}__in": self.owners})
        for row in with_people(rows.order_by("number"), "handed_in_by"):
            found[row.assignment_id, getattr(row, f"{self.column}_id")].append(row)
        return found

    def put_back(self, assignments: Iterable[Assignment]) -> dict[Key, list[PutBackVersion]]:
        found: dict[Key, list[PutBackVersion]] = defaultdict(list)
        whose = {f"submission__{self.column}__in": self.owners}
        rows = PutBackVersion.objects.filter(submission__assignment__in=assignments, **whose)
        for row in rows.select_related("submission", "put_back_by__user"):
            key = row.submission.assignment_id, getattr(row.submission, f"{self.column}_id")
            found[key].append(row)
        return found

    def extensions(self, assignments: Sequence[Assignment]) -> dict[Key, list[datetime]]:
        """For the owner, for a section that a student sits in, and for the whole course."""
        found: dict[Key, list[datetime]] = defaultdict(list)
        granted = Extension.objects.filter(assignment__in=assignments, withdrawn_at=None)
        own = granted.filter(**{f"{self.column}__in": self.owners})
        for assignment, owner, due_at in own.values_list("assignment", self.column, "due_at"):
            found[assignment, owner].append(due_at)
        if self.column == "group":
            return found
        pks = [owner.pk for owner in self.owners]
        by_section = granted.filter(section__enrolments__in=pks).annotate(member=F("section__enrolments"))
        members = set(pks)
        for assignment, member, due_at in by_section.values_list("assignment", "member", "due_at"):
            if member in members:
                found[assignment, member].append(due_at)
        for accommodation in Accommodation.objects.filter(student__in=pks, withdrawn_at=None):
            for each in (each for each in assignments if each.due_at is not None):
                found[each.pk, accommodation.student_id].append(
                    accommodated_due(
                        opens_at=each.opens_at, due_at=each.deadline, times=accommodation.times, days=accommodation.days,
                        zone=each.course.zone,
                    )
                )  # fmt: skip
        return found


def histories_for(
    assignments: Sequence[Assignment], students: Sequence[Enrolment], rule: LateRule | None = None
) -> dict[Key, History]:
    """(assignment pk, student pk) → what counts for each student: their own work, or what a group handed in for them.

    Who joined a group after it handed in has its history without a version that counts: nothing was handed in for them.
    """
    alone = [assignment for assignment in assignments if assignment.group_set_id is None]
    shared = [assignment for assignment in assignments if assignment.group_set_id is not None]
    if not assignments or not students:
        return {}
    rule = rule or current_late_rule(assignments[0].course)
    found = histories(alone, students, rule)
    if not shared:
        return found
    groups = _groups_of(shared, students)
    everybody = {group.pk: group for each in groups.values() for group in each}
    known = histories(shared, list(everybody.values()), rule)
    members = _members_by_submission(shared)
    for assignment in shared:
        for student in students:
            theirs = [known[assignment.pk, group.pk] for group in groups[assignment.pk, student.pk]]
            found[assignment.pk, student.pk] = _for_member(assignment, student, theirs, members, rule)
    return found


def _for_member(
    assignment: Assignment,
    student: Enrolment,
    histories: Sequence[History],
    members: dict[int, set[int]],
    rule: LateRule,
) -> History:
    """`histories`: of the group that they are in first, then of those that handed something in for them."""
    for each in histories:
        if each.counting is not None and student.pk in members[each.counting.pk]:
            return each
    if not histories:
        return _history(assignment, student, assignment.own_rule or rule, (), (), ())
    return replace(histories[0], counting=None)


def _groups_of(assignments: Sequence[Assignment], students: Sequence[Enrolment]) -> dict[Key, list[Group]]:
    """Groups that a student is in now, then those that handed something in for them."""
    now: dict[Key, list[Group]] = defaultdict(list)
    sets = {assignment.group_set_id for assignment in assignments}
    rows = Membership.objects.filter(group_set__in=sets, student__in=students, left_at=None).select_related("group")
    for row in rows:
        now[row.group_set_id, row.student_id].append(row.group)
    found: dict[Key, list[Group]] = defaultdict(list)
    for assignment in assignments:
        for student in students:
            found[assignment.pk, student.pk] = list(now[assignment.group_set_id or 0, student.pk])
    work = Submission.objects.filter(assignment__in=assignments, members__in=students).select_related("group")
    for submission in work.annotate(member=F("members")).order_by("pk"):
        theirs = found[submission.assignment_id, submission.member]
        if submission.group is not None and submission.group not in theirs:
            theirs.append(submission.group)
    return found


def _members_by_submission(assignments: Sequence[Assignment]) -> dict[int, set[int]]:
    """Submission pk → for whom it was handed in."""
    found: dict[int, set[int]] = defaultdict(set)
    through = Submission.members.through.objects.filter(submission__assignment__in=assignments)
    for submission, member in through.values_list("submission", "enrolment"):
        found[submission].add(member)
    return found


def pending_of(assignment: Assignment, owner: Owner) -> PendingReplacement | None:
    """What waits for the owner's yes."""
    held = PendingReplacement.objects.filter(assignment=assignment, **columns(owner))
    pending = held.select_related("file", "handed_in_by__user").first()
    if pending is not None:
        pending.assignment, pending.student, pending.group = assignment, *columns(owner).values()  # type: ignore[assignment]
    return pending


def offer_of(assignment: Assignment, owner: Owner, now: datetime) -> PendingReplacement | None:
    """The same, as long as a yes is taken."""
    pending = pending_of(assignment, owner)
    if pending is None or not still_confirmable(at=now, uploaded_at=pending.received_at):
        return None
    return pending


def data_files_of(assignment: Assignment) -> list[DataFile]:
    """The data sets of an assignment, by name."""
    return list(assignment.data_files.select_related("file", "attached_by__user"))
