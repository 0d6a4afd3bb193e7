"""What every test may use."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection

from assignments.models import Assignment, InstructorNotebook
from courses.models import Course, Enrolment, Role, Section
from tests import factories as make

ROOT = Path(__file__).resolve().parent
STARTS_SERVERS = {
    "test_desk_journey.py",
    "test_failures.py",
    "test_hostile_journey.py",
    "test_journey.py",
    "test_marks_journey.py",
    "test_six_graders.py",
    "test_supervisor.py",
    "test_term_journey.py",
}
"""Files whose servers and browsers would disturb each other if two of them ran at once."""


def pytest_collection_modifyitems(config, items):
    """On SQLite there is one writer at a time: what needs PostgreSQL is run there, by .ci/run."""
    if connection.vendor != "postgresql":
        elsewhere = [item for item in items if item.get_closest_marker("postgres")]
        items[:] = [item for item in items if item not in elsewhere]
        config.hook.pytest_deselected(items=elsewhere)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_lane(item)))


def _lane(item) -> str:
    """Tests of one lane run one after the other on one worker: those with sandboxes, those with servers, else a file's."""
    if item.path.is_relative_to(ROOT / "autograder"):
        return "sandboxes"
    return "servers" if item.path.name in STARTS_SERVERS else str(item.path)


def pytest_sessionfinish(session, exitstatus):
    """With CI=true a skip is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:  # a worker: the process that started it counts
        return
    if os.environ.get("CI") == "true" and exitstatus == 0 and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    """No test writes where the product keeps its files."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media"},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CELERY_BROKER_URL = "memory://"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@dataclass
class World:
    """One course with two sections, and everyone a test of permission needs."""

    course: Course
    section: Section
    other_section: Section
    lecturer: Enrolment
    ta: Enrolment
    other_ta: Enrolment
    student: Enrolment
    classmate: Enrolment
    stranger: Enrolment
    assignment: Assignment
    notebook: InstructorNotebook


@pytest.fixture
def world(db) -> World:
    course = make.make_course()
    section, other = (course.sections.create(name=name) for name in ("Informatics", "Intelligence"))
    lecturer = make.enrol(course, Role.LECTURER, login="lecturer")
    elsewhere = make.make_course("elsewhere")
    assignment = make.make_assignment(course)
    return World(
        course=course,
        section=section,
        other_section=other,
        lecturer=lecturer,
        ta=make.enrol(course, Role.TA, section=section, login="ta"),
        other_ta=make.enrol(course, Role.TA, section=other, login="other_ta"),
        student=make.enrol(course, section=section, login="student"),
        classmate=make.enrol(course, section=section, login="classmate"),
        stranger=make.enrol(elsewhere, Role.LECTURER, login="stranger"),
        assignment=assignment,
        notebook=make.make_notebook(assignment, lecturer),
    )
