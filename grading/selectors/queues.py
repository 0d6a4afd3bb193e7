"""What waits: for a marker, for a worker, for an operator."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.utils import timezone

from assignments.models import Assignment, Queue, Submission
from courses.access import students_in_reach
from courses.models import Enrolment
from grading.models import Mark, Recomputation, Run, Worker
from grading.selectors.grades import ItemGrade, grades_of
from groups.members.selectors import groups_in_reach_of, with_members
from groups.models import GroupSet

SILENT_AFTER = timedelta(seconds=60)
MOST_COMMENTS = 20
MOST_READ = 200


def current_students(staff: Enrolment) -> list[Enrolment]:
    """The students in reach who are still in the course, with their sections, by name."""
    return list(students_in_reach(staff).filter(left_at=None).select_related("user").prefetch_related("sections"))


def work_in_reach(staff: Enrolment, assignments: Sequence[Assignment]) -> list[list[ItemGrade]]:
    """For each assignment every student or group in reach, by name, with their counting version and its state."""
    alone = [assignment for assignment in assignments if assignment.group_set is None]
    students = current_students(staff)
    items = grades_of(alone, students)
    found = {a.pk: [items[a.pk, student.pk] for student in students] for a in alone}
    shared: dict[GroupSet, list[Assignment]] = defaultdict(list)
    for assignment in assignments:
        if assignment.group_set is not None:
            shared[assignment.group_set].append(assignment)
    for group_set, of_set in shared.items():
        found |= _work_of_groups(staff, group_set, of_set)
    return [found[assignment.pk] for assignment in assignments]


def _work_of_groups(
    staff: Enrolment, group_set: GroupSet, assignments: Sequence[Assignment]
) -> dict[int, list[ItemGrade]]:
    """Assignment pk → the groups that stand, and a dissolved one where it has handed something in."""
    at_work = Submission.objects.filter(assignment__in=assignments, group=OuterRef("pk"))
    reached = groups_in_reach_of(staff, group_set).filter(Q(dissolved_at=None) | Exists(at_work))
    groups = list(with_members(reached))
    items = grades_of(assignments, groups)
    return {
        assignment.pk: [
            item
            for group in groups
            for item in [items[assignment.pk, group.pk]]
            if group.dissolved_at is None or item.history.handed_in
        ]
        for assignment in assignments
    }


def submissions_in_reach(staff: Enrolment, assignment: Assignment) -> list[ItemGrade]:
    """The same for one assignment."""
    return work_in_reach(staff, [assignment])[0]


def progress_of(items: Sequence[ItemGrade]) -> dict[str, int]:
    """How many students or groups are in which state, and how many handed in."""
    counts = {"students": len(items), "handed_in": sum(item.history.handed_in for item in items)}
    for state in ("queued", "running", "failed", "review", "ready", "changed", "released", "talk"):
        counts[state] = sum(item.state == state for item in items)
    return counts


def comments_of(assignment: Assignment) -> dict[str, list[str]]:
    """Grade id → the comments that were given most lately, at most MOST_COMMENTS: the bank to insert from."""
    rows = Mark.objects.filter(submission__assignment=assignment).exclude(comment="").order_by("-pk")
    counted = Counter(rows.values_list("grade_id", "comment")[:MOST_READ])
    found: dict[str, list[str]] = defaultdict(list)
    for (grade_id, comment), _ in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])):
        if len(found[grade_id]) < MOST_COMMENTS:
            found[grade_id].append(comment)
    return found


def check_of(notebook_pk: int) -> Run | None:
    """The newest check of an instructor notebook."""
    return Run.objects.filter(notebook=notebook_pk, submission=None).order_by("-pk").first()


def written_answers(run: Run | None) -> dict[str, str]:
    """Grade id → what the student wrote in the cells that a person marks, as the worker read it."""
    report = Run.objects.values_list("report", flat=True).get(pk=run.pk) if run else {}
    return {str(grade_id): str(text) for grade_id, text in report.get("answers", {}).items()}


def findings_of(run: Run | None) -> dict[str, Any]:
    """What the engine noticed, for staff: `flags` (repairs, oddities) and `checks` (reproducible, in order, …)."""
    report = Run.objects.values_list("report", flat=True).get(pk=run.pk) if run else {}
    return {"flags": report.get("flags", []), "checks": report.get("checks", {})}


@dataclass(frozen=True)
class QueueState:
    """How the queue stands; `workers` are those heard of, newest word first."""

    waiting: int
    running: int
    failed: int
    oldest: datetime | None
    workers: Sequence[Worker]
    waiting_for_gpu: int = 0

    @property
    def is_stuck(self) -> bool:
        """Work waits and no worker with a closed sandbox is alive."""
        return bool(self.waiting) and not self._able()

    @property
    def lacks_gpu(self) -> bool:
        """Work waits for a GPU, and no worker that has one is alive with a closed sandbox."""
        return bool(self.waiting_for_gpu) and not any(worker.has_gpu for worker in self._able())

    @property
    def is_exposed(self) -> bool:
        """A worker that grades does so without namespaces (tier C)."""
        return any(worker.tier == Worker.WITHOUT_NAMESPACES for worker in self._able())

    def _able(self) -> list[Worker]:
        alive = timezone.now() - SILENT_AFTER
        return [worker for worker in self.workers if worker.is_closed and worker.seen_at > alive]


def last_recomputation() -> Recomputation | None:
    """The newest one; None before the first night."""
    return Recomputation.objects.order_by("-pk").first()


def queue_state() -> QueueState:
    """For the operations page and for the banner that says grading stands still."""
    counts = dict(Run.objects.values_list("state").annotate(Count("pk")))
    for_gpu = Count("pk", filter=Q(notebook__assignment__queue=Queue.GPU))
    waiting = Run.objects.filter(state=Run.State.QUEUED).aggregate(oldest=Min("queued_at"), for_gpu=for_gpu)
    return QueueState(
        waiting=counts.get(Run.State.QUEUED, 0),
        running=counts.get(Run.State.RUNNING, 0),
        failed=counts.get(Run.State.FAILED, 0),
        oldest=waiting["oldest"],
        waiting_for_gpu=waiting["for_gpu"],
        workers=list(Worker.objects.order_by("-seen_at")),
    )
