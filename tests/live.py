"""A real server for tests: `manage.py run` with its own database, broker, files and port."""

import atexit
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import redis

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90
UNTIL = """
import contextlib, io, time
ends = time.monotonic() + {seconds}
while True:
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec({program!r}, {{}})
    if said.getvalue().strip() == {expected!r}:
        break
    assert time.monotonic() < ends, f"still {{said.getvalue()!r}}"
    time.sleep(0.2)
"""


@dataclass
class Live:
    """A running product: its address, its process, and a way to ask its database."""

    base: str
    process: subprocess.Popen
    environment: dict[str, str]

    def shell(self, program: str) -> str:
        """What a Python program prints inside this server's Django."""
        setup = "import django; django.setup()\n"
        command = [sys.executable, "-c", setup + program]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def children(self) -> dict[str, int]:
        """Program name → process id of what the supervisor runs."""
        found = {}
        for pid in children_of(self.process.pid):
            with suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_text()
                name = next((n for n in ("gunicorn", "upkeep", "worker") if n in words), "clock")
                found[name.replace("gunicorn", "web")] = pid
        return found

    def empty_broker(self) -> None:
        """Throw away every message that waits."""
        url = self.environment.get("CELERY_BROKER_URL", "")
        if url:
            redis.Redis.from_url(url).flushdb()
        else:
            for message in Path(self.environment["VAR_DIR"], "broker", "messages").glob("*"):
                message.unlink(missing_ok=True)

    def wait_for(self, program: str, expected: str, *, seconds: float = 120) -> None:
        """Until the program prints what is expected."""
        self.shell(UNTIL.format(program=program, expected=expected, seconds=seconds))


def children_of(parent: int) -> list[int]:
    """Ids of the processes that this one started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError):
                if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == parent:
                    found.append(int(entry.name))
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def all_pids_of(marker: str) -> list[int]:
    """Ids of every process whose environment names this server's folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if marker.encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
    return found


@contextmanager
def own_database(environment: dict[str, str], template: str = "template1") -> Iterator[str]:
    """On PostgreSQL a database of its own, dropped afterwards; on SQLite the file lies in VAR_DIR anyway. Its name."""
    url = environment.get("DATABASE_URL")
    if not url:
        yield ""
        return
    name = f"live_{uuid.uuid4().hex[:12]}"
    admin = psycopg2.connect(url)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    environment["DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    try:
        yield name
    finally:
        with admin.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.close()


@cache
def seeded() -> tuple[Path, str]:
    """Folder and PostgreSQL database of the small course: made once in this process and copied for each server."""
    stack = ExitStack()
    atexit.register(stack.close)
    folder = Path(stack.enter_context(TemporaryDirectory()))
    environment = _environment(folder)
    database = stack.enter_context(own_database(environment))
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    subprocess.run([sys.executable, "-m", "tests.seed"], cwd=ROOT, env=environment, check=True)
    return folder, database


def _environment(folder: Path) -> dict[str, str]:
    found = {**os.environ, "VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings"}
    found.pop("PYTEST_CURRENT_TEST", None)
    return found


@contextmanager
def running(folder: Path) -> Iterator[Live]:
    """The product, seeded and ready; stopped with everything it started when the block ends."""
    port = free_port()
    environment = {**_environment(folder), "PORT": str(port)}
    if broker := environment.get("CELERY_BROKER_URL"):
        environment["CELERY_BROKER_URL"] = re.sub(r"/\d+$", f"/{1 + port % 14}", broker)
        redis.Redis.from_url(environment["CELERY_BROKER_URL"]).flushdb()
    course, database = seeded()
    shutil.copytree(course, folder, dirs_exist_ok=True)
    with own_database(environment, database or "template1"):
        command = [sys.executable, "manage.py", "run", "--concurrency", "2", "--no-demo"]
        log = (folder / "server.log").open("w+")
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait_until_ready(process, folder / "server.log")
            yield Live(f"http://127.0.0.1:{port}", process, environment)
        finally:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)
            log.close()


def _wait_until_ready(process: subprocess.Popen, log: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    while "Gradus is ready" not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < ends, log.read_text()
        time.sleep(0.1)
