"""The receipt: who handed in which bytes when, and for whom."""

from typing import Any

from assignments.models import Submission
from assignments.selectors import History
from courses import receipts
from courses.policy.words import factor_text


def receipt_of(submission: Submission, history: History) -> dict[str, Any]:
    """The facts of a submission with their signature. Times in ISO 8601, UTC."""
    facts = {
        "course": submission.assignment.course.slug,
        "assignment": submission.assignment.slug,
        "version": submission.number,
        **_whose(submission),
        "handed_in_by": str(submission.handed_in_by.user),
        **({"on_behalf_because": submission.reason} if submission.reason else {}),
        "file": submission.original_name,
        "bytes": submission.stored.size,
        "sha256": submission.file_id,
        **_code(submission),
        "received_at": receipts.utc(submission.received_at),
        "complete_at": receipts.utc(submission.completed_at),
        "due_at": receipts.utc(history.due_at),
        "late_seconds": max(0, int(history.lateness_at(submission.received_at).total_seconds())),
        "factor": factor_text(history.factor_at(submission.received_at)),
    }
    return receipts.signed(facts)


def _code(submission: Submission) -> dict[str, Any]:
    """What came beside a paper."""
    file = submission.code_file
    if file is None:
        return {}
    return {"code_file": submission.code_name, "code_bytes": file.size, "code_sha256": file.sha256}


def _whose(submission: Submission) -> dict[str, Any]:
    """The student with their number, or the group with those for whom it was handed in."""
    if submission.student is not None:
        user = submission.student.user
        return {"student": str(user), "student_number": user.student_number}
    members = submission.members.select_related("user").order_by("user__name", "pk")
    return {"group": str(submission.group), "members": [str(member.user) for member in members]}
