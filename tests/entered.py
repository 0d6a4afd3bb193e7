"""Entering and releasing marks, as a lecturer would on the page."""

from decimal import Decimal

from grading.entered.selectors import entered_marks
from grading.entered.services import Entry, entry_of, record_entered
from grading.models import Mark
from grading.policy.codes import code_of
from grading.selectors.queues import current_students
from grading.services.releases import release_grades


def newest(exam, student):
    """The mark that stands for one student, or None."""
    return entered_marks(exam, [student]).get(student.pk, [None])[-1]


def enter(exam, by, student, value, note=""):
    """`75`, `"exempt"`, or None to take it back; the mark."""
    code = code_of(str(value))
    percent = None if code or value is None else Decimal(value)
    seen = entry_of(newest(exam, student)).seen
    record_entered(target=exam, by=by, entries={student: Entry(percent, note, seen, code)})
    return newest(exam, student)


def release(exam, by):
    """To every student of the course."""
    return release_grades(assignment=exam, by=by, students=current_students(by))


def marks_of(exam):
    """Every mark of it that was ever entered, oldest first."""
    return list(Mark.objects.filter(submission__assignment=exam).order_by("pk"))
