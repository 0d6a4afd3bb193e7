"""`manage.py run`: web, worker and clock under one supervisor. The product in one command."""

import logging
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from config.supervisor import Program, Supervisor
from courses.models import User
from grading.engine import gpus
from term.demo import people
from term.demo.load import demo_waits_for_release, load_demo

logger = logging.getLogger(__name__)
THREADS = 16


class Command(BaseCommand):
    help = "Run everything: migrate, load the demo into an empty database, then web, worker and clock until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")
        parser.add_argument(
            "--concurrency", type=int, default=max(1, min(4, os.cpu_count() or 1)), help="notebooks at once"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        fresh = not options["no_demo"] and not settings.PRODUCTION and not User.objects.exists()
        if fresh:
            self.stdout.write("Loading the demo course …")
            load_demo()
        supervisor = Supervisor(_programs(options["concurrency"], finish=demo_waits_for_release()), os.environ)
        sys.exit(supervisor.run(when_ready=self._announce))

    def _announce(self) -> bool:
        address = f"http://127.0.0.1:{settings.PORT}/"
        try:
            with urllib.request.urlopen(f"{address}healthz/", timeout=1):  # noqa: S310  our own address
                pass
        except (urllib.error.URLError, OSError):
            return False
        self.stdout.write(f"\nGradus is ready: http://localhost:{settings.PORT}/\n")
        if User.objects.filter(username=people.LECTURER[0], email__endswith="@gradus.example").exists():
            self.stdout.write(f"Demo accounts: lecturer, ta1 … ta6, student1 … student24; password {people.PASSWORD}\n")
        self.stdout.write("Ctrl-C stops everything.\n")
        self.stdout.flush()
        return True


def _programs(concurrency: int, *, finish: bool) -> list[Program]:
    programs = [
        Program("web", _web()),
        Program("worker", _worker("grading,gpu" if gpus() else "grading", concurrency)),
        Program("upkeep", _worker("upkeep", 1)),
        Program("clock", _celery("beat", schedule=settings.VAR_DIR / "beat-schedule", pidfile="")),
    ]
    if finish:
        programs.append(Program("demo", [sys.executable, "manage.py", "loaddemo", "--finish"], once=True))
    return programs


def _web() -> list[str]:
    options = {
        "bind": f"{settings.HOST}:{settings.PORT}",
        "worker-class": "gthread",
        "workers": 2,
        "threads": THREADS,
        "timeout": 120,
        "graceful-timeout": 5,
        "log-level": "warning",
    }
    return [sys.executable, "-m", "gunicorn", "config.wsgi", *_flags(options)]


def _worker(queue: str, concurrency: int) -> list[str]:
    """Threads where the broker is files; processes where it is Redis, so that one notebook's worker is no other's."""
    pool = "threads" if settings.CELERY_BROKER_URL.startswith("atomicfs:") or concurrency == 1 else "prefork"
    options = {"queues": queue, "hostname": f"{queue.partition(',')[0]}@%h", "pool": pool, "concurrency": concurrency}
    return [*_celery("worker", **options), "--without-gossip", "--without-mingle"]


def _celery(program: str, **options: object) -> list[str]:
    return [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "config",
        "--quiet",
        program,
        "--loglevel",
        "warning",
        *_flags(options),
    ]


def _flags(options: Mapping[str, object]) -> list[str]:
    """Every option as `--name value`."""
    return [word for name, value in options.items() for word in (f"--{name}", str(value))]
