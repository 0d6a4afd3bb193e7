"""Writes the demo course through the product's own services; what the worker must do is left to the worker."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from assignments import services
from assignments.models import Assignment
from assignments.selectors import histories
from courses.course_file.reading import read_course_file
from courses.models import Course, Enrolment, Role, User
from grading.models import Release, Run
from grading.services.marks import NewMark, record_marks
from grading.services.releases import release_grades
from term.course_file.load import load_course
from term.demo import people
from term.demo.answers import COMMENTS
from term.demo.projects import last_weeks, proposals_in
from term.demo.work import handed_in, instructor_notebook

SLUG = "xmu-dl-2025"
WEEKS_GONE = 8
BLUEPRINT = Path(__file__).resolve().parents[2] / "courses" / "blueprints" / f"{SLUG}.yaml"
HOURS_LATE = (-52.0, -30.5, -8.0, -3.2, -0.4, 2.24, -20.0, 26.0, -1.5, -70.0, 80.0, -0.05)
MISSING_EVERY = 11
WAIT_SECONDS = 1200


@transaction.atomic
def load_demo() -> Course:
    """The whole course, now in its ninth week. Runs are queued, not yet graded."""
    course = _course()
    students, staff = _people(course)
    assignments = list(course.assignments.notebooks())
    for assignment in assignments:
        content = instructor_notebook(assignment.slug)
        services.receive_notebook(assignment=assignment, by=staff[0], content=content, name=f"{assignment.slug}.ipynb")
    for assignment in assignments:
        _hand_in(assignment, students)
    _mark(assignments[0], students, staff, share=1)
    _mark(assignments[1], students[: len(students) // 2], staff, share=2)
    proposals_in(course, students, staff)
    last_weeks(students, staff)
    return course


def finish_demo() -> bool:
    """Wait for the worker to grade the first assignment, then release it. False if that took too long."""
    course = Course.objects.get(slug=SLUG)
    first = Assignment.objects.select_related("course").filter(course=course).notebooks().first()
    if first is None:
        return False
    for _ in range(WAIT_SECONDS):
        if not Run.objects.filter(notebook__assignment=first, state__in=[Run.State.QUEUED, Run.State.RUNNING]).exists():
            break
        time.sleep(1)
    else:
        return False
    lecturer = Enrolment.objects.get(course=course, role=Role.LECTURER)
    students = (
        Enrolment.objects.filter(course=course, role=Role.STUDENT).select_related("user").prefetch_related("sections")
    )
    release_grades(assignment=first, by=lecturer, students=list(students))
    return True


def demo_waits_for_release() -> bool:
    """Whether the demo was loaded and its first assignment has not been released yet."""
    demo = Enrolment.objects.filter(course__slug=SLUG, user__username=people.LECTURER[0])
    return demo.exists() and not Release.objects.exists()


def _course() -> Course:
    today = timezone.now().date()
    monday = today - timedelta(days=today.weekday())
    week_one = monday - timedelta(weeks=WEEKS_GONE)
    content = read_course_file(BLUEPRINT.read_bytes(), week_one=week_one)
    course = load_course(content, week_one=week_one, term=f"Autumn {today.year}")
    course.is_published = True
    course.save()
    return course


def _people(course: Course) -> tuple[list[Enrolment], list[Enrolment]]:
    password = make_password(people.PASSWORD)
    sections = list(course.sections.order_by("pk"))

    def enrol(login: str, name: str, role: Role, number: str = "") -> Enrolment:
        mail = f"{login}@gradus.example"
        user = User.objects.create(username=login, name=name, email=mail, password=password, student_number=number)
        return Enrolment.objects.create(user=user, course=course, role=role)

    staff = [enrol(*people.LECTURER, Role.LECTURER)]
    for place, (login, name) in enumerate(people.ASSISTANTS):
        staff.append(enrol(login, name, Role.TA))
        staff[-1].sections.add(sections[place // 3])
    students = []
    for place, name in enumerate(people.STUDENTS, start=1):
        students.append(enrol(f"student{place}", name, Role.STUDENT, f"D2025{place:04d}"))
        students[-1].sections.add(sections[(place - 1) // 12])
    return students, staff


def _hand_in(assignment: Assignment, students: list[Enrolment]) -> None:
    for place, student in enumerate(students):
        for turn, at in _attempts(assignment, place):
            analysis = place if turn % 4 != 3 else -1  # noqa: PLR2004  now and then somebody writes no analysis
            content = handed_in(assignment.slug, turn=turn, analysis=analysis, signed=student.user.name)
            received = services.receive_submission(
                assignment=assignment, owner=student, by=student, content=content, name=f"{assignment.slug}.ipynb",
                received_at=at, completed_at=at + timedelta(seconds=1),
            )  # fmt: skip
            if isinstance(received, services.Choice):
                services.confirm_replacement(pending=received.pending, by=student, at=at)


def _attempts(assignment: Assignment, place: int) -> Iterator[tuple[int, datetime]]:
    """(turn, instant) of each version: some students hand in nothing, some replace a first try."""
    now = timezone.now()
    if assignment.deadline > now:
        if place % 4 == 0:
            yield place, now - timedelta(hours=1 + place)
        return
    if place % MISSING_EVERY == MISSING_EVERY - 1:
        return
    at = assignment.deadline + timedelta(hours=HOURS_LATE[place % len(HOURS_LATE)])
    if place % 3 == 1:
        yield place + 2, at - timedelta(hours=9)
    if at < now - timedelta(minutes=5):
        yield place, at


def _mark(assignment: Assignment, students: list[Enrolment], staff: list[Enrolment], *, share: int) -> None:
    """TAs mark analyses: all of them, or every second one."""
    found = histories([Assignment.objects.select_related("course").get(pk=assignment.pk)], students)
    cell = assignment.notebooks.get().cells.get(grade_id="analysis")
    for place, student in enumerate(students[::share]):
        counting = found[assignment.pk, student.pk].counting
        if counting is None:
            continue
        points, comment = COMMENTS[place % len(COMMENTS)]
        scaled = Decimal(points) * cell.points / 3
        marker = staff[1 + (place + (3 if place * share >= len(students) // 2 else 0)) % 3]
        marks = {"analysis": NewMark(scaled.quantize(Decimal("0.5")), comment)}
        record_marks(submission=counting, by=marker, marks=marks, maxima={"analysis": cell.points}, seen=0)
