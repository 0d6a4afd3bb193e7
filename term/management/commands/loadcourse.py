"""`loadcourse FILE --start 2026-09-07`: makes a whole course from a course file."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from courses.course_file.reading import CourseFileError, read_course_file
from courses.models import Course, User
from term.course_file.load import load_course
from term.setup.gaps import gaps_of


class Command(BaseCommand):
    """Reads, checks, makes, and says what is left to decide."""

    help = "Make a course from a course file such as courses/blueprints/xmu-dl-2025.yaml."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and what a file cannot know."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--start", type=date.fromisoformat, required=True, help="the Monday of teaching week 1")
        parser.add_argument("--slug", default="", help="the course's address, if not the file's")
        parser.add_argument("--term", default="", help="the term, if not the file's")
        parser.add_argument("--lecturer", default="", help="login of the lecturer")

    def handle(self, *_: Any, file: Path, start: date, lecturer: str, **names: Any) -> None:
        """Everything or nothing."""
        if start.weekday():
            raise CommandError(f"{start} is no Monday: teaching week 1 begins on one.")
        person = User.objects.filter(username=lecturer).first()
        if lecturer and person is None:
            raise CommandError(f"There is no account “{lecturer}”.")
        try:
            content = read_course_file(file.read_bytes(), week_one=start)
            course = load_course(content, week_one=start, slug=names["slug"], term=names["term"], lecturer=person)
        except (OSError, CourseFileError) as error:
            raise CommandError(str(error)) from error
        except IntegrityError as error:
            slug = names["slug"] or content["course"]["slug"]
            raise CommandError(f"There is a course “{slug}” already: give another with --slug.") from error
        self._report(course)

    def _report(self, course: Course) -> None:
        self.stdout.write(f"Made “{course}” at /courses/{course.slug}/, not published yet.")
        for gap in gaps_of(course):
            self.stdout.write(f"To decide: {gap.said}")
