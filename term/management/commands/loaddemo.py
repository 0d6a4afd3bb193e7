"""`manage.py loaddemo`: the demo course, into an empty database only."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from courses.models import User
from term.demo.load import finish_demo, load_demo


class Command(BaseCommand):
    help = "Load the demo course when nobody has an account yet; --finish waits for the worker and releases grades."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--finish", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["finish"]:
            self.stdout.write("Released." if finish_demo() else "The demo's grades are not ready yet.")
        elif User.objects.exists():
            self.stdout.write("There are accounts already; the demo is left out.")
        else:
            self.stdout.write(f"Loaded {load_demo()}.")
