"""What every test may use."""

import gc
import os
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import SimpleTestCase
from xdist.scheduler import LoadScopeScheduling

from assignments.models import Assignment, InstructorNotebook
from courses import programs
from courses.models import Course, Enrolment, Role, Section
from tests import factories as make
from tests.isolation import apart

STARTS_SERVERS = {
    "test_desk_journey.py",
    "test_failures.py",
    "test_groups_journey.py",
    "test_hostile_journey.py",
    "test_journey.py",
    "test_kinds_journey.py",
    "test_marks_journey.py",
    "test_six_graders.py",
    "test_supervisor.py",
    "test_term_journey.py",
}
"""Files whose servers and browsers would disturb each other if two of them ran at once."""


def pytest_addoption(parser):
    parser.addoption(
        "--what-a-database-changes",
        action="store_true",
        help="leave out what no database and no broker is asked in: pure rules, and the engines' own tests",
    )


def asks_a_database(item) -> bool:
    """Whether a test reads or writes rows, or starts servers that do."""
    file = item.nodeid.partition("::")[0].rpartition("/")[2]
    marked = item.get_closest_marker("django_db") or item.get_closest_marker("postgres")
    has_rows = {"db", "transactional_db"} & set(item.fixturenames)
    return bool(marked or has_rows or file in STARTS_SERVERS or issubclass(item.cls or object, SimpleTestCase))


def pytest_collection_modifyitems(config, items):
    """On SQLite there is one writer at a time: what needs PostgreSQL is run there, by .ci/run. The longest lanes go first."""
    elsewhere = []
    if connection.vendor != "postgresql":
        elsewhere = [item for item in items if item.get_closest_marker("postgres")]
    if config.getoption("--what-a-database-changes"):
        elsewhere += [item for item in items if not asks_a_database(item)]
    left_out = set(elsewhere)
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=elsewhere)
    first = {"servers": 0, "sandboxes": 1}
    items.sort(key=lambda item: first.get(lane_of(item.nodeid), 2))


def pytest_collection_finish(session):
    """The garbage collector need not look again and again through all that was imported and collected."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def lane_of(nodeid: str) -> str:
    """Tests of one lane run one after the other on one worker: those with servers, those with sandboxes, else a file's."""
    file = nodeid.partition("::")[0]
    if file.startswith("autograder/"):
        return "sandboxes"
    return "servers" if file.rpartition("/")[2] in STARTS_SERVERS else file


class Lanes(LoadScopeScheduling):
    """Gives each worker whole lanes."""

    def _split_scope(self, nodeid: str) -> str:
        return lane_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """For `-n 2 --dist loadscope --no-loadscope-reorder`, as script/test runs it."""
    return Lanes(config, log)


def pytest_sessionfinish(session, exitstatus):
    """With CI=true a skip is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:  # a worker: the process that started it counts
        return
    if os.environ.get("CI") == "true" and exitstatus == 0 and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def _nothing_was_just_stopped(monkeypatch):
    """Tests have the same numbers one after the other: none waits for what another one saw stopped."""
    monkeypatch.setattr(programs, "PAUSE", 0)


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    for name, value in apart(tmp_path).items():
        setattr(settings, name, value)


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
