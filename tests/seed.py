"""Fills the database of a live server with one small course: `python -m tests.seed`. For browser and failure tests."""

import os
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.utils import timezone  # noqa: E402  Django must be set up first

from courses.models import Role  # noqa: E402
from tests import factories as make  # noqa: E402


def seed() -> None:
    monday = timezone.now().date() - timedelta(days=timezone.now().weekday() + 14)
    course = make.make_course("dl", week_one=monday)
    section = course.sections.create(name="Informatics")
    lecturer = make.enrol(course, Role.LECTURER, login="lecturer")
    make.enrol(course, Role.TA, section=section, login="ta")
    for login in ("student", "classmate", "third"):
        make.enrol(course, section=section, login=login)
    numbers = make.make_assignment(course, due_at=timezone.now().replace(microsecond=0) + timedelta(days=2))
    make.make_notebook(numbers, lecturer)
    make.make_scheme(course, numbers)


if __name__ == "__main__":
    seed()
