"""`checkgrades`: reckons every released grade again by a second route."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from grading.services.recomputation import recompute


class Command(BaseCommand):
    """Says how many were reckoned again; fails if any came out otherwise."""

    help = "Reckon every released grade again, in SQL over the stored facts, and name what differs."

    def handle(self, *_: Any, **__: Any) -> None:
        """The same as the clock does every night."""
        found = recompute()
        if found.different:
            raise CommandError(
                "\n".join([f"{found.different} of {found.grades} released grades differ.", *found.differences])
            )
        self.stdout.write(f"{found.grades} released grades were reckoned again; none differs.")
