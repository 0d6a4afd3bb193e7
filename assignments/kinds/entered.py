"""What happens outside: an exam, a demo, attendance. Nothing is handed in; somebody enters each student's mark."""

from typing import ClassVar

from assignments.kinds.kind import WorkKind
from assignments.models import Kind


class EnteredKind(WorkKind):
    """One figure for each student."""

    name, label, noun = Kind.ENTERED, "Mark entered by hand", "mark"
    is_handed_in = False
    file_name = ending = ""
    settings: ClassVar = ()
