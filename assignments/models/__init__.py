"""What is asked, by when, what was handed in, and later due times."""

from assignments.models.assignments import (
    MOST_ATTEMPTS,
    MOST_MEMORY_GIB,
    MOST_MINUTES,
    Assignment,
    AssignmentQuerySet,
    DataFile,
    GradedCell,
    InstructorNotebook,
    Kind,
    Queue,
    WithCode,
)
from assignments.models.extensions import Accommodation, Extension, ExtensionRequest
from assignments.models.submissions import AddedMember, FormatCheck, PendingReplacement, PutBackVersion, Submission

__all__ = [
    "MOST_ATTEMPTS",
    "MOST_MEMORY_GIB",
    "MOST_MINUTES",
    "Accommodation",
    "AddedMember",
    "Assignment",
    "AssignmentQuerySet",
    "DataFile",
    "Extension",
    "ExtensionRequest",
    "FormatCheck",
    "GradedCell",
    "InstructorNotebook",
    "Kind",
    "PendingReplacement",
    "PutBackVersion",
    "Queue",
    "Submission",
    "WithCode",
]
