"""The grading desk with 5,000 submissions against the same with 50: taking the next one, and the screen itself.

    .venv/bin/python benchmarks/desk.py

Makes two databases (SQLite, in a temporary folder; with DATABASE_URL two courses in that database instead), asks each
page 60 times in turn, and prints medians, their ratio and the number of questions to the database. The limit is 1.5.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="gradus-desk-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assignments.models import Assignment, Submission
from courses.models import Course, Enrolment, Role, User
from grading.models import Mark, Run, TestResult
from grading.services.rendering import rendering_of
from grading.services.reviews import refresh_all
from tests import factories as make

SIZES = (50, 5000)
ROUNDS = 60
LIMIT = 1.5


def filled(size: int) -> tuple[Client, str]:
    """A course with so many submissions, half of them marked with a comment; a signed-in TA, and the address."""
    course = make.make_course(f"desk-{size}-{os.getpid()}")
    section = course.sections.create(name="All")
    lecturer = make.enrol(course, Role.LECTURER)
    ta = make.enrol(course, Role.TA, section=section)
    assignment = make.make_assignment(course)
    notebook = make.make_notebook(assignment, lecturer)
    work = _work(course, assignment, size)
    section.enrolments.add(*[submission.student for submission in work])
    now = timezone.now()
    done = {"notebook": notebook, "state": "done", "verdict": "graded", "queued_at": now, "nudged_at": now}
    runs = Run.objects.bulk_create(Run(submission=s, finished_at=now, **done) for s in work)
    rows = {"points": 3, "by_hand": True, "status": "needs_review"}
    cells = [(run, name, place) for run in runs for place, name in enumerate(("analysis", "figure", "proof"))]
    TestResult.objects.bulk_create(TestResult(run=r, grade_id=name, position=place, **rows) for r, name, place in cells)
    marks = [(s, n, name) for n, s in enumerate(work[: size // 2]) for name in ("analysis", "figure", "proof")]
    Mark.objects.bulk_create(
        Mark(submission=s, grade_id=name, points=2, comment=f"Say more about {n % 40}", marker=ta)
        for s, n, name in marks
    )
    refresh_all(assignment)
    rendering_of(work[-1])
    client = Client()
    client.force_login(ta.user)
    return client, f"/courses/{course.slug}/assignments/{assignment.slug}/"


def _work(course: Course, assignment: Assignment, size: int) -> list[Submission]:
    people = User.objects.bulk_create(
        User(username=f"{course.slug}-{n}", name=f"Student {n}", email=f"{course.slug}-{n}@gradus.example")
        for n in range(size)
    )
    students = Enrolment.objects.bulk_create(Enrolment(user=p, course=course, role=Role.STUDENT) for p in people)
    first = make.make_submission(assignment, students[0])
    same = ("assignment", "number", "file", "original_name", "received_at", "completed_at", "accepted_at")
    copied = {name: getattr(first, name) for name in same}
    return [first, *Submission.objects.bulk_create(Submission(student=s, **copied) for s in students[1:])]


def asked(client: Client, address: str) -> tuple[float, str]:
    started = time.perf_counter()
    answer = client.get(address)
    return time.perf_counter() - started, answer.get("Location", address)


def main() -> int:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    courses = [filled(size) for size in SIZES]
    seconds: dict[tuple[int, str], list[float]] = {}
    for _ in range(ROUNDS):
        for size, (client, base) in zip(SIZES, courses, strict=True):
            taken, screen = asked(client, base + "review/")
            seconds.setdefault((size, "the next one"), []).append(taken)
            seconds.setdefault((size, "the screen"), []).append(asked(client, screen)[0])
    questions = {}
    for size, (client, base) in zip(SIZES, courses, strict=True):
        with CaptureQueriesContext(connection) as caught:
            _, screen = asked(client, base + "review/")
        next_one = len(caught)
        with CaptureQueriesContext(connection) as caught:
            asked(client, screen)
        questions[size] = {"the next one": next_one, "the screen": len(caught)}
    worst = 0.0
    print(f"{connection.vendor}: {'page':14} {'50':>9} {'5,000':>9} {'ratio':>6}  questions")
    for page in ("the next one", "the screen"):
        few, many = (statistics.median(seconds[size, page]) for size in SIZES)
        worst = max(worst, many / few)
        asked_for = " and ".join(str(questions[size][page]) for size in SIZES)
        print(
            f"{'':{len(connection.vendor)}}  {page:14} {few * 1000:6.1f} ms {many * 1000:6.1f} ms {many / few:6.2f}  {asked_for}"
        )
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
