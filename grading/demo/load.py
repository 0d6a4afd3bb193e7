"""Writes the demo course through the product's own services; what the worker must do is left to the worker."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from assignments import services
from assignments.models import Assignment
from assignments.selectors import histories
from courses.models import Course, Enrolment, Role, User
from courses.policy.calendar import end_of_week, start_of_week
from courses.policy.lateness import LateRule, Tier
from courses.services import create_late_policy
from grading.demo import people
from grading.demo.answers import COMMENTS
from grading.demo.work import handed_in, instructor_notebook
from grading.models import Component, Release, Run, Scheme
from grading.services.marks import NewMark, record_marks
from grading.services.releases import release_grades
from projects.models import Project

SLUG = "xmu-dl-2025"
WEEKS_GONE = 8
ASSIGNMENTS = (
    ("numpy-basics", "NumPy basics", 2, 5),
    ("backpropagation", "Back-propagation by hand", 5, 8),
    ("convolution", "Convolution, forward", 8, 10),
)
STAGES = (
    (
        "proposal",
        "Proposal",
        8,
        "What problem? Why this problem? How do state-of-the-art methods solve it? What is the plan?",
        "2 pages of content and 1 page of references, AAAI 2025 author kit, LaTeX",
    ),
    (
        "report",
        "Report",
        15,
        "What is your solution? How do you evaluate it? What do you observe and conclude?",
        "5 pages of content and 1 page of references, AAAI 2025 author kit, LaTeX",
    ),
    (
        "presentation",
        "Presentation or poster",
        16,
        "What is your solution? How do you evaluate it? What do you observe and conclude?",
        "The ten best reports give a 10-minute talk; the others hand in a poster, A0 portrait, as PDF",
    ),
)
RULE = LateRule((Tier(1, True, Decimal("0.9")), Tier(3, False, Decimal("0.7"))), Decimal("0.5"))
HOURS_LATE = (-52.0, -30.5, -8.0, -3.2, -0.4, 2.24, -20.0, 26.0, -1.5, -70.0, 80.0, -0.05)
MISSING_EVERY = 11
WAIT_SECONDS = 1200


@transaction.atomic
def load_demo() -> Course:
    """The whole course, now in its ninth week. Runs are queued, not yet graded."""
    course = _course()
    students, staff = _people(course)
    assignments = _assignments(course, staff[0])
    _scheme(course, assignments)
    for assignment in assignments:
        _hand_in(assignment, students)
    _mark(assignments[0], students, staff, share=1)
    _mark(assignments[1], students[: len(students) // 2], staff, share=2)
    return course


def finish_demo() -> bool:
    """Wait for the worker to grade the first assignment, then release it. False if that took too long."""
    course = Course.objects.get(slug=SLUG)
    first = Assignment.objects.select_related("course").filter(course=course).first()
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
    return Course.objects.filter(slug=SLUG, sections__name=people.SECTIONS[0]).exists() and not Release.objects.exists()


def _course() -> Course:
    today = timezone.now().date()
    monday = today - timedelta(days=today.weekday())
    course = Course.objects.create(
        slug=SLUG, title="Deep Learning", institution="Xiamen University", term=f"Autumn {today.year}", time_zone="Asia/Shanghai",
        week_one=monday - timedelta(weeks=WEEKS_GONE), weeks=16, is_published=True,
    )  # fmt: skip
    create_late_policy(course=course, rule=RULE)
    return course


def _people(course: Course) -> tuple[list[Enrolment], list[Enrolment]]:
    password = make_password(people.PASSWORD)
    sections = [course.sections.create(name=name) for name in people.SECTIONS]

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


def _assignments(course: Course, lecturer: Enrolment) -> list[Assignment]:
    made = []
    for position, (slug, title, opens, due) in enumerate(ASSIGNMENTS, start=1):
        assignment = Assignment.objects.create(
            course=course, slug=slug, title=title, position=position,
            opens_at=start_of_week(opens, week_one=course.week_one, zone=course.zone),
            due_at=end_of_week(due, week_one=course.week_one, zone=course.zone),
        )  # fmt: skip
        content = instructor_notebook(slug)
        services.receive_notebook(assignment=assignment, by=lecturer, content=content, name=f"{slug}.ipynb")
        made.append(assignment)
    return made


def _scheme(course: Course, assignments: list[Assignment]) -> None:
    project = Project.objects.create(
        course=course, title="Group project", across_sections=True,
        description="A free topic solved with deep learning, in groups of three to five, across classes if you like.",
    )  # fmt: skip
    scheme = Scheme.objects.create(course=course, version=1)
    root = Component.objects.create(scheme=scheme, kind="group", name="Course", weight=100)
    homework = Component.objects.create(
        scheme=scheme,
        parent=root,
        kind="group",
        name="Assignments",
        weight=20,
        optional="redistribute_if_absent",
        position=1,
    )
    for place, (assignment, weight) in enumerate(zip(assignments, (30, 30, 40), strict=True)):
        fields = {"kind": "assignment", "name": assignment.title, "weight": weight, "position": place + 10}
        Component.objects.create(scheme=scheme, parent=homework, assignment=assignment, **fields)
    group = Component.objects.create(scheme=scheme, parent=root, kind="group", name="Project", weight=80, position=2)
    for place, ((slug, title, week, questions, form), weight) in enumerate(
        zip(STAGES, (20, 60, 20), strict=True), start=1
    ):
        due_at = end_of_week(week, week_one=course.week_one, zone=course.zone)
        stage = project.stages.create(
            slug=slug, title=title, position=place, due_at=due_at, must_answer=questions, format_rule=form
        )
        Component.objects.create(
            scheme=scheme, parent=group, stage=stage, kind="stage", name=title, weight=weight, position=place + 20
        )


def _hand_in(assignment: Assignment, students: list[Enrolment]) -> None:
    for place, student in enumerate(students):
        for turn, at in _attempts(assignment, place):
            analysis = place if turn % 4 != 3 else -1  # noqa: PLR2004  now and then somebody writes no analysis
            content = handed_in(assignment.slug, turn=turn, analysis=analysis, signed=student.user.name)
            received = services.receive_submission(
                assignment=assignment, student=student, content=content, name=f"{assignment.slug}.ipynb",
                received_at=at, completed_at=at + timedelta(seconds=1),
            )  # fmt: skip
            if isinstance(received, services.Choice):
                services.confirm_replacement(pending=received.pending, at=at)


def _attempts(assignment: Assignment, place: int) -> Iterator[tuple[int, datetime]]:
    """(turn, instant) of each version: some students hand in nothing, some replace a first try."""
    now = timezone.now()
    if assignment.due_at > now:
        if place % 4 == 0:
            yield place, now - timedelta(hours=1 + place)
        return
    if place % MISSING_EVERY == MISSING_EVERY - 1:
        return
    at = assignment.due_at + timedelta(hours=HOURS_LATE[place % len(HOURS_LATE)])
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
