"""A large course, made fast: for the benchmarks that ask pages. Importing this sets Django up in a folder of its own."""

import importlib
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="gradus-benchmark-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")

importlib.import_module("config.wsgi")  # sets up Django and the process as the web has them

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assignments.models import Assignment, InstructorNotebook, Submission
from courses.models import Course, Enrolment, Role, User
from grading.models import Run, TestResult
from tests import factories as make


def prepared() -> None:
    """The tables and the static files."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)


def students_of(course: Course, size: int) -> list[Enrolment]:
    """So many new ones."""
    logins = [f"{course.slug}-{n}" for n in range(size)]
    people = User.objects.bulk_create(
        User(username=login, name=f"Student {login}", email=f"{login}@gradus.example") for login in logins
    )
    return Enrolment.objects.bulk_create(Enrolment(user=p, course=course, role=Role.STUDENT) for p in people)


def handed_in(assignment: Assignment, students: Sequence[Enrolment]) -> list[Submission]:
    """One version of each, all with the same bytes."""
    first = make.make_submission(assignment, students[0])
    same = ("assignment", "number", "file", "original_name", "received_at", "completed_at", "accepted_at")
    copied = {name: getattr(first, name) for name in same}
    return [
        first,
        *Submission.objects.bulk_create(Submission(student=s, handed_in_by=s, **copied) for s in students[1:]),
    ]


def ran(notebook: InstructorNotebook, work: Sequence[Submission], cells: Sequence[TestResult]) -> None:
    """A run of each with these results."""
    now = timezone.now()
    done = {"notebook": notebook, "state": "done", "verdict": "graded", "queued_at": now, "nudged_at": now}
    runs = Run.objects.bulk_create(Run(submission=s, finished_at=now, **done) for s in work)
    names = ("grade_id", "points", "score", "by_hand", "status", "position")
    TestResult.objects.bulk_create(
        TestResult(run=run, **{name: getattr(cell, name) for name in names}) for run in runs for cell in cells
    )


def asked(client: Client, address: str) -> tuple[float, str]:
    """Seconds, and where it leads."""
    started = time.perf_counter()
    answer = client.get(address)
    return time.perf_counter() - started, answer.get("Location", address)


def questions(client: Client, address: str) -> tuple[int, str]:
    """To the database, and where it leads."""
    with CaptureQueriesContext(connection) as caught:
        _, leads = asked(client, address)
    return len(caught), leads
