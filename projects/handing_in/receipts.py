"""The receipt of a group's work: which group, for whom, which bytes, when."""

from typing import Any

from courses import receipts
from courses.policy.words import factor_text
from projects.handing_in.selectors import GroupHistory
from projects.models import Deliverable


def receipt_of(deliverable: Deliverable, history: GroupHistory) -> dict[str, Any]:
    """The facts of a deliverable with their signature. Times in ISO 8601, UTC."""
    late_by = history.lateness_at(deliverable.received_at)
    members = deliverable.members.select_related("user").order_by("user__name", "pk")
    return receipts.signed(
        {
            "course": deliverable.stage.course.slug,
            "stage": deliverable.stage.slug,
            "group": deliverable.group.name,
            "members": [str(member.user) for member in members],
            "handed_in_by": str(deliverable.handed_in_by.user),
            "version": deliverable.number,
            "file": deliverable.original_name,
            "bytes": deliverable.file.size,
            "sha256": deliverable.file_id,
            "received_at": receipts.utc(deliverable.received_at),
            "complete_at": receipts.utc(deliverable.completed_at),
            "due_at": receipts.utc(history.due_at),
            "late_seconds": max(0, int(late_by.total_seconds())),
            "factor": factor_text(history.factor_at(deliverable.received_at)),
        }
    )
