"""Reads of papers beside their marks: criteria, and what was said of the same group's earlier paper."""

from django.db.models import Q

from assignments.kinds.registry import kind_of
from assignments.models import Assignment, Submission
from assignments.selectors import assignments_of, history_of
from grading.models import Criterion
from grading.selectors.grades import ItemGrade, item_of


def criteria_of(assignment: Assignment) -> list[Criterion]:
    """What a paper is marked by now, in order."""
    return list(Criterion.objects.filter(assignment=assignment, retired_at=None))


def earlier_work(submission: Submission) -> ItemGrade | None:
    """What the same group handed in for the paper before, among those of its set; None where there is none."""
    here = submission.assignment
    if here.group_set_id is None or kind_of(here).has_cells:
        return None
    before = Q(position__lt=here.position) | Q(position=here.position, pk__lt=here.pk)
    papers = assignments_of(here.course).filter(before, kind=here.kind, group_set=here.group_set_id)
    earlier = papers.order_by("-position", "-pk").first()
    counting = history_of(earlier, submission.owner).counting if earlier is not None else None
    if earlier is None or counting is None:
        return None
    counting.assignment = earlier
    return item_of(counting)
