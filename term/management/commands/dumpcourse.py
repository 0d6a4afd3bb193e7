"""`dumpcourse SLUG`: the course file that makes this course again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from courses.course_file.reading import write_course_file
from courses.models import Course
from term.course_file.dump import course_file_of


class Command(BaseCommand):
    """Writes to standard output; people and work are no part of it."""

    help = "Print the course file of a course."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The course."""
        parser.add_argument("course", help="its slug")

    def handle(self, *_: Any, course: str, **__: Any) -> None:
        """The canonical text."""
        found = Course.objects.filter(slug=course).first()
        if found is None:
            raise CommandError(f"There is no course “{course}”.")
        self.stdout.write(write_course_file(course_file_of(found)), ending="")
