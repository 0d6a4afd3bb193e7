"""What stands in the archive of a course, or of one person in it: names in the zip → texts and stored bytes."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from assignments.models import Assignment, Extension, Submission
from assignments.receipts import receipt_of
from assignments.selectors import History, histories, marked_of
from courses.course_file.reading import write_course_file
from courses.downloads import safe_name
from courses.models import Course, Enrolment, Role, SettingChange, StoredFile
from courses.receipts import utc
from gradebook.models import FinalGrade
from gradebook.standings.selectors import gradebook
from gradebook.table.exports import Unit, Wanted, safe, table
from grading.models import Mark, ReleasedGrade
from term.course_file.dump import course_file_of
from term.models import Presence

Entry = tuple[str, str | StoredFile]
"""A name in the archive, with its text or its bytes."""
RELATED = ("assignment__course", "file", "code_file", "student__user", "group", "handed_in_by__user")


def course_contents(course: Course, lecturer: Enrolment) -> Iterator[Entry]:
    """Everything, as the lecturer may know it."""
    yield "course.yaml", write_course_file(course_file_of(course))
    yield "people.csv", _csv(_people(course))
    students = list(
        course.enrolments.filter(role=Role.STUDENT).select_related("user").prefetch_related("sections").order_by("pk")
    )
    finals = {grade.student_id: grade for grade in FinalGrade.objects.filter(student__in=students).order_by("pk")}
    book = gradebook(lecturer, students)
    yield "gradebook.csv", _csv(table(book, Wanted("registrar", Unit.PERCENT, finals=finals or None)))
    yield "history-of-settings.csv", _csv(_settings(course))
    yield "attendance.csv", _csv(_attendance(course))
    for item in course.materials.exclude(file=None).select_related("file"):
        yield f"materials/{item.pk}-{safe_name(item.file_name, 'file')}", item.file  # type: ignore[misc]
    for assignment in marked_of(course):
        yield from _of_assignment(assignment)


def _of_assignment(assignment: Assignment) -> Iterator[Entry]:
    folder = f"assignments/{assignment.slug}"
    yield f"{folder}/marks.csv", _csv(_marks(Mark.objects.filter(submission__assignment=assignment)))
    yield f"{folder}/released.csv", _csv(_released(ReleasedGrade.objects.filter(release__assignment=assignment)))
    submissions = list(assignment.submissions.select_related(*RELATED).order_by("pk"))
    found = histories([assignment], list({submission.owner for submission in submissions}))
    for submission in submissions:
        history = found[assignment.pk, submission.owner.pk]
        yield from _of_submission(submission, history, f"{folder}/{submission.owner_slug}")


def _of_submission(submission: Submission, history: History, folder: str) -> Iterator[Entry]:
    if not submission.has_file:
        return
    here = f"{folder}/v{submission.number}"
    yield f"{here}/work/{safe_name(submission.original_name, 'file')}", submission.stored
    if submission.code_file is not None:
        yield f"{here}/code/{safe_name(submission.code_name, 'code')}", submission.code_file
    yield f"{here}/receipt.json", _json(receipt_of(submission, history))


def person_contents(student: Enrolment) -> Iterator[Entry]:
    """What is kept of one person in a course: who they are, what they handed in, what they were shown."""
    user = student.user
    yield "person.json", _json({
        "name": user.name, "student_number": user.student_number, "login": user.username, "mail": user.email,
        "course": student.course.slug, "role": student.get_role_display(),
        "sections": [section.name for section in student.sections.all()],
    })  # fmt: skip
    yield "released.csv", _csv(_released(ReleasedGrade.objects.filter(student=student)))
    yield "final-grades.csv", _csv([
        ["Set at", "Grade", "Remark", "Reason"],
        *([utc(g.set_at), g.grade, g.remark, g.reason] for g in FinalGrade.objects.filter(student=student).order_by("pk")),
    ])  # fmt: skip
    yield "more-time.csv", _csv([
        ["Assignment", "Until", "Reason"],
        *([e.assignment.slug, utc(e.due_at), e.reason] for e in _extensions(student)),
    ])  # fmt: skip
    yield "attendance.csv", _csv([
        ["Meeting", "Day", "State"],
        *([p.meeting.title, str(p.meeting.held_on), p.state] for p in _presences(student)),
    ])  # fmt: skip
    own = Submission.objects.filter(student=student) | Submission.objects.filter(members=student)
    yield "marks.csv", _csv(_marks(Mark.objects.filter(submission__in=own)))
    for submission in own.distinct().select_related(*RELATED).order_by("pk"):
        history = histories([submission.assignment], [submission.owner])[submission.assignment_id, submission.owner.pk]
        yield from _of_submission(submission, history, f"work/{submission.assignment.slug}/{submission.owner_slug}")


def _extensions(student: Enrolment) -> Iterator[Extension]:
    yield from Extension.objects.filter(student=student).select_related("assignment").order_by("pk")


def _presences(student: Enrolment) -> Iterator[Presence]:
    yield from Presence.objects.filter(student=student).select_related("meeting").order_by("pk")


def _people(course: Course) -> Iterator[list[str]]:
    yield ["Role", "Name", "Student number", "Login", "Mail", "Sections", "Left at"]
    for person in course.enrolments.select_related("user").prefetch_related("sections").order_by("-role", "pk"):
        user, left = person.user, utc(person.left_at) if person.left_at else ""
        sections = ", ".join(section.name for section in person.sections.all())
        yield [person.get_role_display(), user.name, user.student_number, user.username, user.email, sections, left]


def _settings(course: Course) -> Iterator[list[str]]:
    yield ["When", "Who", "What", "Setting", "From", "To", "Why"]
    for row in SettingChange.objects.filter(course=course).select_related("changed_by__user").order_by("pk"):
        yield [
            utc(row.changed_at),
            str(row.changed_by.user),
            row.subject,
            row.setting,
            row.before,
            row.after,
            row.reason,
        ]


def _attendance(course: Course) -> Iterator[list[str]]:
    yield ["Meeting", "Day", "Student", "State"]
    rows = Presence.objects.filter(meeting__course=course).select_related("meeting", "student__user").order_by("pk")
    for row in rows:
        yield [row.meeting.title, str(row.meeting.held_on), str(row.student.user), row.state]


def _marks(rows: QuerySet[Mark]) -> Iterator[list[str]]:
    yield ["Assignment", "Whose", "Version", "Question", "Points", "Word", "Comment", "Marker", "When"]
    for mark in rows.select_related("submission__assignment", "submission__student__user", "marker__user").order_by(
        "pk"
    ):
        slug, whose = mark.submission.assignment.slug, mark.submission.owner_slug
        points = "" if mark.points is None else str(mark.points)
        yield [
            slug, whose, str(mark.submission.number), mark.grade_id, points, mark.code, mark.comment, str(mark.marker.user),
            utc(mark.marked_at),
        ]  # fmt: skip


def _released(rows: QuerySet[ReleasedGrade]) -> Iterator[list[str]]:
    yield ["Released at", "Assignment", "Student", "Version", "Total", "Of", "Factor", "Sentence"]
    related = ("release__assignment", "student__user", "submission")
    for grade in rows.select_related(*related).order_by("pk"):
        yield [
            utc(grade.release.released_at), grade.release.assignment.slug, str(grade.student.user),
            str(grade.submission.number), str(grade.total), str(grade.maximum), str(grade.factor), grade.sentence,
        ]  # fmt: skip


def _csv(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([safe(cell) for cell in row] for row in rows)
    return "\ufeff" + text.getvalue()


def _json(facts: dict[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False, indent=1)
