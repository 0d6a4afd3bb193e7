"""The grading desk with 5,000 submissions against the same with 50: taking the next one, and the screen itself.

    .venv/bin/python benchmarks/desk.py

Makes both courses in one database (SQLite in a temporary folder, or DATABASE_URL), asks each page 60 times in turn, and
prints medians, their ratio and the number of questions to the database. Exit status 1 above the limit of 1.5.
"""

import os
import statistics
import sys

import crowd
from django.db import connection
from django.test import Client

from courses.models import Role
from grading.models import Mark, TestResult
from grading.services.rendering import rendering_of
from grading.services.reviews import refresh_all
from tests import factories as make

SIZES = (50, 5000)
ROUNDS = 60
LIMIT = 1.5
CELLS = ("analysis", "figure", "proof")


def filled(size: int) -> tuple[Client, str]:
    """A course with so many submissions, half of them marked with a comment; a signed-in TA, and the address."""
    course = make.make_course(f"desk-{size}-{os.getpid()}")
    section = course.sections.create(name="All")
    lecturer = make.enrol(course, Role.LECTURER, login=f"{course.slug}-lecturer")
    ta = make.enrol(course, Role.TA, section=section, login=f"{course.slug}-ta")
    assignment = make.make_assignment(course)
    work = crowd.handed_in(assignment, crowd.students_of(course, size))
    section.enrolments.add(*[submission.student for submission in work])
    rows = {"points": 3, "by_hand": True, "status": "needs_review"}
    cells = [TestResult(grade_id=name, position=place, **rows) for place, name in enumerate(CELLS)]
    crowd.ran(make.make_notebook(assignment, lecturer), work, cells)
    marks = [(s, n, name) for n, s in enumerate(work[: size // 2]) for name in CELLS]
    Mark.objects.bulk_create(
        Mark(submission=s, grade_id=name, points=2, comment=f"Say more about {n % 40}", marker=ta)
        for s, n, name in marks
    )
    refresh_all(assignment)
    rendering_of(work[-1])
    client = Client()
    client.force_login(ta.user)
    return client, f"/courses/{course.slug}/assignments/{assignment.slug}/"


def main() -> int:
    crowd.prepared()
    courses = [filled(size) for size in SIZES]
    seconds: dict[tuple[int, str], list[float]] = {}
    asked_for: dict[tuple[int, str], int] = {}
    for turn in range(ROUNDS):
        for size, (client, base) in zip(SIZES, courses, strict=True):
            taken, screen = crowd.asked(client, base + "review/")
            seconds.setdefault((size, "the next one"), []).append(taken)
            seconds.setdefault((size, "the screen"), []).append(crowd.asked(client, screen)[0])
            if not turn:
                asked_for[size, "the next one"], screen = crowd.questions(client, base + "review/")
                asked_for[size, "the screen"], _ = crowd.questions(client, screen)
    worst = 0.0
    print(f"{connection.vendor}: medians of {ROUNDS}, with 50 and with 5,000 submissions")
    for page in ("the next one", "the screen"):
        few, many = (statistics.median(seconds[size, page]) for size in SIZES)
        worst = max(worst, many / few)
        questions = " and ".join(str(asked_for[size, page]) for size in SIZES)
        print(f"  {page:13} {few * 1000:6.1f} ms {many * 1000:6.1f} ms, ratio {many / few:.2f}; {questions} questions")
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
