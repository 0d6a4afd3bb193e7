"""Reads of groups' work and its marks, for many groups in a constant number of queries."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q

from assignments.models import Assignment, ExtensionRequest, Submission
from assignments.selectors import History, histories
from courses.models import Enrolment
from grading.models import Criterion, EnteredMark, MarkRelease, PaperMark, PaperNote
from grading.policy.papers import mean_percent, percent_of
from groups.members.selectors import groups_in_reach_of, members_now, with_members
from groups.models import Group
from projects.models import Project
from projects.talks.selectors import talking_in

WAITING = ("waiting", "begun", "changed")
Sheet = dict[int, PaperMark]
"""Criterion pk → the mark that holds."""


@dataclass(frozen=True)
class GroupWork:
    """One group's work for one stage. `sheets`: by marker for a talk; for what was handed in there is one, of the latest."""

    group: Group
    history: History
    criteria: Sequence[Criterion]
    sheets: Sequence[Sheet] = ()
    older: bool = False
    """An earlier version was marked, this one was not."""
    is_talk: bool = False

    @property
    def counting(self) -> Submission | None:
        return self.history.counting

    @property
    def percent(self) -> Fraction | None:
        """The raw mark of the group, before lateness; None while it is not whole."""
        worth = {criterion.pk: criterion.points for criterion in self.criteria}
        points = [{key: mark.points for key, mark in sheet.items()} for sheet in self.sheets]
        return mean_percent(points, worth) if self.is_talk else percent_of(points[0] if points else {}, worth)

    @property
    def state(self) -> str:
        """`missing`, `waiting`, `begun`, `changed` (marked, then replaced) or `marked`."""
        if self.counting is None and not self.is_talk:
            return "missing"
        if self.percent is not None:
            return "marked"
        if any(self.sheets):
            return "begun"
        return "changed" if self.older else "waiting"

    @property
    def rows(self) -> list[tuple[Criterion, PaperMark | None]]:
        """Each criterion with the mark that holds."""
        sheet = self.sheets[0] if self.sheets else {}
        return [(criterion, sheet.get(criterion.pk)) for criterion in self.criteria]


def criteria_of(stage: Assignment) -> list[Criterion]:
    """What a stage is marked by now, in order."""
    return list(Criterion.objects.filter(assignment=stage, retired_at=None))


def works_in_reach(staff: Enrolment, project: Project, stage: Assignment) -> list[GroupWork]:
    """Every group that this person looks after, with its work for the stage; a dissolved one while it has some."""
    groups = (
        groups_in_reach_of(staff, project.group_set)
        .filter(Q(dissolved_at=None) | Q(submissions__assignment=stage))
        .distinct()
    )
    return works_of(stage, list(with_members(groups)))


def stages_for_staff(staff: Enrolment, project: Project | None) -> list[tuple[Assignment, dict[str, int]]]:
    """Each stage with how many groups in reach there are, handed in, wait to be marked, and ask for more time."""
    if project is None:
        return []
    groups = groups_in_reach_of(staff, project.group_set)
    asking = Counter(
        ExtensionRequest.objects.filter(group__in=groups, decided_at=None).values_list("assignment", flat=True)
    )
    found = []
    for stage in project.stages.all():
        stage.course, stage.group_set = project.course, project.group_set
        works = works_in_reach(staff, project, stage)
        waiting = sum(work.state in WAITING for work in works)
        handed_in = sum(work.counting is not None for work in works)
        counts = {"groups": len(works), "handed_in": handed_in, "waiting": waiting, "asked": asking[stage.pk]}
        found.append((stage, counts))
    return found


def works_of(stage: Assignment, groups: Sequence[Group], talks: frozenset[int] | None = None) -> list[GroupWork]:
    """The work of these groups. `talks`: pks of those who speak instead of handing in; default: as the project says."""
    talks = talking_in(stage) if talks is None else talks
    known = histories([stage], groups)
    criteria = criteria_of(stage)
    marks: dict[int, list[PaperMark]] = {}
    for mark in PaperMark.objects.filter(stage=stage, group__in=groups).select_related("marker__user"):
        marks.setdefault(mark.group_id, []).append(mark)
    return [
        _work(group, known[stage.pk, group.pk], criteria, marks.get(group.pk, []), is_talk=group.pk in talks)
        for group in groups
    ]


def _work(
    group: Group, history: History, criteria: Sequence[Criterion], marks: Sequence[PaperMark], *, is_talk: bool
) -> GroupWork:
    counting = history.counting.pk if history.counting else None
    sheets: dict[int, Sheet] = {}
    for mark in marks:
        if is_talk and mark.submission_id is None:
            sheets.setdefault(mark.marker_id, {})[mark.criterion_id] = mark
        elif not is_talk and mark.submission_id == counting and counting is not None:
            sheets.setdefault(0, {})[mark.criterion_id] = mark
    older = any(mark.submission_id not in (None, counting) for mark in marks)
    return GroupWork(group, history, criteria, list(sheets.values()), older, is_talk)


def members_of_work(work: GroupWork) -> list[Enrolment]:
    """For whom it counts: those it was handed in for; of a talk those who are in the group."""
    if work.counting is not None and not work.is_talk:
        return list(work.counting.members.select_related("user"))
    return members_now(work.group)


def groups_at_work(stage: Assignment) -> list[Group]:
    """Groups that stand or stood and handed in or were marked for a stage, with their members."""
    groups = Group.objects.filter(group_set=stage.group_set_id)
    return list(with_members(groups.filter(Q(dissolved_at=None) | Q(submissions__assignment=stage)).distinct()))


def notes_on(submission: Submission) -> list[PaperNote]:
    """What staff wrote on its pages and was not taken away."""
    return list(submission.page_notes.filter(removed_at=None).select_related("author__user"))


def note_or_none(submission: Submission, key: str) -> PaperNote | None:
    """A note that stands on this version. `key`: its number, as it was sent."""
    number = int(key[:9]) if key.isascii() and key.isdigit() else 0
    return submission.page_notes.filter(pk=number, removed_at=None).first()


@dataclass(frozen=True)
class Feedback:
    """What a viewer may read about one version: rows, notes, and the group's raw mark."""

    rows: Sequence[tuple[Criterion, PaperMark]] = ()
    notes: Sequence[PaperNote] = ()
    percent: Fraction | None = None
    own: Decimal | None = None
    """The viewer's own mark before lateness, where it differs from the group's."""


def feedback_for(viewer: Enrolment, submission: Submission) -> Feedback:
    """The gate of groups' work: staff in reach read what stands there, members what the last release showed them."""
    until: datetime | None = None
    own: Decimal | None = None
    if not viewer.is_staff:
        release = MarkRelease.objects.filter(assignment=submission.assignment).order_by("-pk").first()
        if release is None:
            return Feedback()
        mine = EnteredMark.objects.filter(assignment=submission.assignment, student=viewer, pk__lte=release.up_to)
        mark = mine.order_by("-pk").first()
        if mark is None or mark.group_id != submission.group_id:
            return Feedback()
        until, own = release.released_at, mark.percent if mark.factor != 1 else None
    marks = PaperMark.objects.filter(submission=submission).select_related("criterion", "marker__user")
    notes = PaperNote.objects.filter(submission=submission).select_related("author__user")
    if until is not None:
        marks, notes = marks.filter(marked_at__lte=until), notes.filter(written_at__lte=until)
    shown = [note for note in notes if note.removed_at is None or (until is not None and note.removed_at > until)]
    standing = _criteria_at(submission.assignment, until)
    latest: Sheet = {mark.criterion_id: mark for mark in marks if mark.criterion_id in standing}
    rows = sorted(((mark.criterion, mark) for mark in latest.values()), key=lambda row: (row[0].position, row[0].pk))
    return Feedback(rows, shown, percent_of({key: mark.points for key, mark in latest.items()}, standing), own)


def _criteria_at(stage: Assignment, until: datetime | None) -> dict[int, Decimal]:
    """Criterion pk → points, of those that stood at this moment; None: now."""
    rows = Criterion.objects.filter(assignment=stage)
    gone = Q(retired_at=None) if until is None else Q(retired_at=None) | Q(retired_at__gt=until)
    known = Q() if until is None else Q(made_at__lte=until)
    return dict(rows.filter(gone & known).values_list("pk", "points"))


def previous_feedback(viewer: Enrolment, submission: Submission) -> tuple[Assignment, Submission, Feedback] | None:
    """What was said of the same group's work of the stage before; None where there is none."""
    stages = sorted(submission.assignment.groups.project.stages.all(), key=lambda stage: (stage.position, stage.pk))
    before = [
        stage
        for stage in stages
        if (stage.position, stage.pk) < (submission.assignment.position, submission.assignment.pk)
    ]
    for stage in before:
        stage.course, stage.group_set = submission.assignment.course, submission.assignment.group_set
    if not before:
        return None
    counting = histories([before[-1]], [submission.team])[before[-1].pk, submission.team.pk].counting
    if counting is None:
        return None
    counting.assignment = before[-1]
    return before[-1], counting, feedback_for(viewer, counting)


def review_began(submission: Submission) -> bool:
    """Whether somebody marked or annotated this version."""
    return PaperMark.objects.filter(submission=submission).exists() or bool(notes_on(submission))
