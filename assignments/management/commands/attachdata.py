"""`manage.py attachdata COURSE ASSIGNMENT FILE`: a data set too large for the browser."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assignments import services
from assignments.forms import DATA_NAME
from assignments.models import Assignment
from courses.models import Enrolment, Role


class Command(BaseCommand):
    help = "Attach a file to an assignment; notebooks find it, read-only, as data/<name>."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("course")
        parser.add_argument("assignment")
        parser.add_argument("file", type=Path)

    def handle(self, *_: Any, course: str, assignment: str, file: Path, **__: Any) -> None:
        found = Assignment.objects.filter(course__slug=course, slug=assignment).notebooks().first()
        if found is None:
            raise CommandError(f"There is no assignment {assignment!r} in a course {course!r}.")
        by = Enrolment.objects.filter(course=found.course, role=Role.LECTURER).order_by("pk").first()
        if by is None:
            raise CommandError("The course has no lecturer in whose name the file could be attached.")
        if not DATA_NAME.fullmatch(file.name):
            raise CommandError("Give the file a name of letters, digits, “.”, “_” and “-”, at most 100 of them.")
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
        services.attach_data(assignment=found, by=by, content=content, name=file.name)
        self.stdout.write(f"Attached. Notebooks of {found.title} find it as data/{file.name} from their next run on.\n")
