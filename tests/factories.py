"""Plain factories: each makes one real row, or one real notebook, with values a test can read at a glance."""

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from assignments.models import Assignment, GradedCell, InstructorNotebook, Submission
from assignments.owners import people_of
from assignments.services import create_entered
from autograder.notebook import read_notebook, write_notebook
from autograder.release import student_version
from courses import storage
from courses.models import Course, Enrolment, Role, Section, User
from courses.policy.lateness import LateRule, Tier
from courses.services import create_late_policy
from gradebook.models import Component, Scheme
from grading.models import RegradeRequest, ReleasedGrade, Run, SimilarityReport, SimilarPair
from grading.services import runs
from grading.services.regrades import request_regrade
from grading.services.releases import release_grades
from groups.models import Group

DUE = datetime(2026, 10, 25, 15, 59, 59, tzinfo=UTC)
XMU_RULE = LateRule((Tier(1, True, Decimal("0.9")), Tier(3, False, Decimal("0.7"))), Decimal("0.5"))
PASSWORD = "correct horse"
_numbers = itertools.count(1)


def make_user(login=None, **fields) -> User:
    number = next(_numbers)
    login = login or f"person{number}"
    fields = {"name": login.title(), "email": f"{login}@gradus.example", **fields}
    return User.objects.create_user(username=login, password=PASSWORD, **fields)


def make_course(slug="dl", *, rule: LateRule | None = XMU_RULE, **fields) -> Course:
    fields = {"title": "Deep Learning", "term": "Autumn 2026", "week_one": date(2026, 9, 7), **fields}
    course = Course.objects.create(slug=slug, **{"is_published": True, **fields})
    if rule:
        create_late_policy(course=course, rule=rule)
    return course


def enrol(course: Course, role: Role = Role.STUDENT, *, section: Section | None = None, login=None) -> Enrolment:
    enrolment = Enrolment.objects.create(user=make_user(login), course=course, role=role)
    if section:
        enrolment.sections.add(section)
    return enrolment


def make_assignment(course: Course, slug="numbers", *, due_at=DUE, **fields) -> Assignment:
    fields = {"title": slug.title(), "opens_at": due_at - timedelta(days=14), "due_at": due_at, **fields}
    return Assignment.objects.create(course=course, slug=slug, **fields)


def cell(kind, source, *, grade_id="", points=None, grade=False, solution=False, locked=False, task=False, **extra):
    """One notebook cell; with a grade_id it carries nbgrader's metadata."""
    metadata = {}
    if grade_id:
        block = {"schema_version": 3, "grade_id": grade_id, "grade": grade, "solution": solution, "locked": locked}
        block["task"] = task
        if points is not None:
            block["points"] = points
        metadata["nbgrader"] = block
    made = {"cell_type": kind, "metadata": metadata, "source": source, **extra}
    return made if kind != "code" else {"outputs": [], "execution_count": None, **made}


def code(source, **extra):
    return cell("code", source, **extra)


def text(source, **extra):
    return cell("markdown", source, **extra)


def answer(source, grade_id="double"):
    return code(source, grade_id=grade_id, solution=True)


def assertion_cell(source, grade_id="double_test", points=2):
    return code(source, grade_id=grade_id, grade=True, locked=True, points=points)


def manual(source, grade_id="analysis", points=3):
    return text(source, grade_id=grade_id, grade=True, solution=True, points=points)


def notebook(*cells, language="python"):
    kernel = {"name": "python3", "language": language, "display_name": language}
    return {"cells": list(cells), "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


SOLUTION = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
HIDDEN = "assert double(1) == 2\n### BEGIN HIDDEN TESTS\nassert double(21) == 42\n### END HIDDEN TESTS"


def source_notebook():
    """2 points visible, 1 point with a hidden test, 3 points by hand."""
    return notebook(
        text("# Numbers"),
        answer(SOLUTION),
        assertion_cell("assert double(2) == 4"),
        assertion_cell(HIDDEN, "hidden_test", 1),
        manual("Your words."),
    )


def source_bytes() -> bytes:
    return write_notebook(source_notebook())


def submitted(solution="def double(x):\n    return 2 * x", analysis="Because it is twice.", mark="") -> bytes:
    """A student's file: the student version with an answer, an analysis, and `mark` to make the bytes differ."""
    made = student_version(read_notebook(source_bytes()))
    for at in made["cells"]:
        grade_id = at["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id == "double":
            at["source"] = solution
            at["execution_count"] = 1
            at["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ""}]
        elif grade_id == "analysis":
            at["source"] = analysis
    made["metadata"]["mark"] = mark
    return write_notebook(made)


def make_notebook(assignment: Assignment, lecturer: Enrolment) -> InstructorNotebook:
    """The stored instructor notebook, without asking the worker to check it."""
    content = source_bytes()
    released = write_notebook(student_version(read_notebook(content)))
    made = InstructorNotebook.objects.create(
        assignment=assignment,
        version=assignment.notebooks.count() + 1,
        source=storage.store(content),
        student_version=storage.store(released),
        original_name="numbers.ipynb",
        max_points=Decimal(6),
        uploaded_by=lecturer,
        uploaded_at=DUE - timedelta(days=20),
    )
    cells = (("double_test", "tests", 2, False), ("hidden_test", "tests", 1, True), ("analysis", "manual", 3, False))
    for place, (grade_id, role, points, hidden) in enumerate(cells):
        GradedCell.objects.create(
            notebook=made, grade_id=grade_id, role=role, points=points, is_hidden=hidden, position=place
        )
    return made


def make_submission(
    assignment: Assignment, student: Enrolment, *, late=timedelta(hours=-1), **written: str
) -> Submission:
    """A stored version, `late` after the due time, as the product would write it; `written` as for `submitted`."""
    at = assignment.due_at + late
    return Submission.objects.create(
        assignment=assignment,
        student=student,
        number=Submission.objects.filter(assignment=assignment, student=student).count() + 1,
        file=storage.store(submitted(**{"mark": f"{assignment.pk}-{student.pk}-{next(_numbers)}", **written})),
        original_name="numbers.ipynb",
        handed_in_by=student,
        received_at=at,
        completed_at=at + timedelta(seconds=2),
        accepted_at=at + timedelta(seconds=2),
    )


def make_group_submission(assignment: Assignment, group: Group, *, late=timedelta(hours=-1), **written) -> Submission:
    """The same of a group, for everybody who is in it now."""
    members = people_of(group)
    at = assignment.due_at + late
    made = Submission.objects.create(
        assignment=assignment,
        group=group,
        number=Submission.objects.filter(assignment=assignment, group=group).count() + 1,
        file=storage.store(submitted(**{"mark": f"{assignment.pk}-g{group.pk}-{next(_numbers)}", **written})),
        original_name="numbers.ipynb",
        handed_in_by=members[0],
        received_at=at,
        completed_at=at + timedelta(seconds=2),
        accepted_at=at + timedelta(seconds=2),
    )
    made.members.set(members)
    return made


def report(*, double="2", hidden="1", analysis="needs_review", **fields) -> dict:
    """What the engine would say of a submission to `source_notebook`."""

    def row(grade_id, points, score):
        status = "passed" if score == points else "partial" if Decimal(score) else "failed"
        message = "" if status == "passed" else "AssertionError"
        return {"grade_id": grade_id, "points": points, "score": score, "status": status, "message": message}

    manual_row = {"grade_id": "analysis", "points": "3", "score": "0", "status": analysis, "message": ""}
    rows = [row("double_test", "2", double), row("hidden_test", "1", hidden), manual_row]
    return {"verdict": "graded", "message": "", "tests": rows, "answers": {"analysis": "Because."}, **fields}


def run_of(submission: Submission, **outcome) -> Run:
    """A run that the real services queued, claimed and finished with this outcome.

    Queued and claimed in one transaction: where a worker of a live product waits beside, it finds it taken.
    """
    with transaction.atomic():
        queued = Run.objects.filter(submission=submission, state=Run.State.QUEUED).first()
        run = queued or runs.queue_again(submission=submission)
        attempt = runs.claim_run(run_id=run.pk)
    assert runs.record_report(run_id=run.pk, attempt=attempt, report=report(**outcome))
    run.refresh_from_db()
    return run


def work_that_waits(world, count: int) -> list[Submission]:
    """So many students of the TA's section, whose analysis waits: the student, the classmate, and others."""
    others = [enrol(world.course, section=world.section) for _ in range(count - 2)]
    made = [make_submission(world.assignment, student) for student in (world.student, world.classmate, *others)]
    for submission in made:
        run_of(submission)
    return made


def make_scheme(course: Course, *assignments: Assignment) -> Scheme:
    """All assignments together are 20 %, optional; an exam is 80 %."""
    scheme = Scheme.objects.create(course=course, version=course.schemes.count() + 1)
    root = Component.objects.create(scheme=scheme, kind="group", name="Course", weight=100)
    fields = {"kind": "group", "name": "Assignments", "weight": 20, "optional": "redistribute_if_absent"}
    homework = Component.objects.create(scheme=scheme, parent=root, **fields)
    for place, assignment in enumerate(assignments):
        weight = Decimal(100) / len(assignments)
        fields = {"kind": "assignment", "name": assignment.title, "weight": round(weight, 4), "position": place}
        Component.objects.create(scheme=scheme, parent=homework, assignment=assignment, **fields)
    exam = create_entered(course=course, title="Exam")
    fields = {"kind": "assignment", "name": "Exam", "weight": 80, "position": 99}
    Component.objects.create(scheme=scheme, parent=root, assignment=exam, **fields)
    return scheme


def release_of(submission: Submission, lecturer: Enrolment) -> ReleasedGrade:
    """The grade of this submission, released by the real service just now."""
    release = release_grades(assignment=submission.assignment, by=lecturer, students=[submission.student])
    return release.grades.get(submission=submission)


def similar(left: Submission, right: Submission, score=Decimal("0.9")) -> SimilarPair:
    """As a comparison that is done would have found them."""
    lecturer = left.assignment.course.enrolments.filter(role=Role.LECTURER).first()
    report = SimilarityReport.objects.create(
        assignment=left.assignment, asked_by=lecturer, state="done", notebooks=2, finished_at=timezone.now()
    )
    shares = {"score": score, "left_share": score, "right_share": score, "spans": [[0, 1, 2, 0, 1, 2]]}
    return report.pairs.create(left=left, right=right, **shares)


def ask_for_regrade(
    released: ReleasedGrade, student: Enrolment, grade_id="analysis", reason="Look again."
) -> RegradeRequest:
    """As the student would, at once."""
    return request_regrade(released=released, student=student, grade_id=grade_id, reason=reason, at=timezone.now())
