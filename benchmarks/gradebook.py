"""The gradebook of 1,000 students and 40 columns: its first page, one sorted by average, and the figures of all columns.

    .venv/bin/python benchmarks/gradebook.py

Thirty assignments and ten entered marks, all graded; SQLite in a temporary folder, or DATABASE_URL. Prints medians of five
and, beside them, the same with 100 students.
"""

import os
import statistics
import sys
from decimal import Decimal

import crowd
from django.db import connection
from django.test import Client

from assignments.services import create_entered
from courses.models import Role
from gradebook.models import Component, Scheme
from grading.entered.services import Entry, add_marks
from grading.models import TestResult
from tests import factories as make

SIZES = (100, 1000)
ASSIGNMENTS, ENTERED, ROUNDS = 30, 10, 5
PAGES = {"first page": "", "sorted by average": "?sort=average&falling=on", "all figures": "summary/"}


def filled(size: int) -> tuple[Client, str]:
    """A signed-in lecturer, and the address of the gradebook."""
    course = make.make_course(f"book-{size}-{os.getpid()}")
    lecturer = make.enrol(course, Role.LECTURER, login=f"{course.slug}-lecturer")
    students = crowd.students_of(course, size)
    scheme = Scheme.objects.create(course=course, version=1)
    root = Component.objects.create(scheme=scheme, kind="group", name="Course", weight=100)
    weight = Decimal(100) / (ASSIGNMENTS + ENTERED)
    for number in range(ASSIGNMENTS):
        assignment = make.make_assignment(course, f"a{number}")
        fields = {"points": 3, "score": 2, "status": "partial"}
        cells = [TestResult(grade_id=f"test{place}", position=place, **fields) for place in range(3)]
        crowd.ran(make.make_notebook(assignment, lecturer), crowd.handed_in(assignment, students), cells)
        leaf = {"kind": "assignment", "name": assignment.title, "assignment": assignment}
        Component.objects.create(scheme=scheme, parent=root, weight=weight, position=number, **leaf)
    for number in range(ENTERED):
        item = create_entered(course=course, title=f"Exam {number}")
        add_marks(item, lecturer, dict.fromkeys(students, Entry(Decimal(70), "")), batch=None)
        leaf = {"kind": "assignment", "name": item.title, "assignment": item, "position": 99}
        Component.objects.create(scheme=scheme, parent=root, weight=weight, **leaf)
    client = Client()
    client.force_login(lecturer.user)
    return client, f"/courses/{course.slug}/gradebook/"


def main() -> None:
    crowd.prepared()
    courses = [filled(size) for size in SIZES]
    print(f"{connection.vendor}: {ASSIGNMENTS + ENTERED} columns; medians of {ROUNDS}")
    for page, tail in PAGES.items():
        medians = []
        for client, base in courses:
            medians.append(statistics.median(crowd.asked(client, base + tail)[0] for _ in range(ROUNDS)))
        said = ", ".join(f"{size:,} students {median:6.2f} s" for size, median in zip(SIZES, medians, strict=True))
        print(f"  {page:18} {said}")


if __name__ == "__main__":
    sys.exit(main())
