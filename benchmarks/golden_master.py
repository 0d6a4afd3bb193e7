"""Everything that anybody reads, before and after a change that should change none of it.

    .venv/bin/python benchmarks/golden_master.py write FOLDER
    .venv/bin/python benchmarks/golden_master.py compare BEFORE AFTER

Loads the demo and the five blueprints under a clock that stands still and with chance that is no chance, follows every
link as each role (also to the addresses that only others were shown), and writes each answer, without tokens, into a file:
pages, exports, API, feeds, course files, mails. SQLite in a temporary folder, or DATABASE_URL.
"""

import difflib
import html
import itertools
import os
import random
import re
import secrets
import sys
import uuid
from collections import Counter, deque
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote, urldefrag, urlsplit

import crowd
import time_machine
from django.http import HttpResponseBase
from django.test import Client, override_settings
from django.urls import Resolver404, resolve

from courses.course_file.reading import read_course_file, write_course_file
from courses.models import Course, Enrolment, OutgoingMail, Role, User
from grading.models import Run
from grading.services.execution import execute_run
from term.course_file.dump import course_file_of
from term.course_file.load import load_course
from term.demo.load import finish_demo, load_demo
from tests.isolation import apart

NOW = datetime(2026, 11, 4, 10, 30, tzinfo=UTC)
BLUEPRINTS = Path(crowd.__file__).resolve().parents[1] / "courses" / "blueprints"
PEOPLE = ("lecturer", "ta1", "ta4", "student1", "student2", "student14", "stranger", "")
MOST_OF_ONE_NAME = 5
LINK = re.compile(r"""(?:href|src|action)=["']([^"'#][^"']*)["']""")
TOKENS = (
    (re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"'), 'name="csrfmiddlewaretoken"'),
    (re.compile(r'"csrfToken": ?"[^"]*"|X-CSRFToken[^>]*'), "CSRF"),
    (re.compile(r'"signature": ?"[^"]*"'), '"signature"'),
    (re.compile(r'(seconds": |run in |Seconds" class="number">)[\d.]+'), r"\1x"),
    (re.compile(r'name="(batch|key)" value="[^"]*"'), r'name="\1"'),
    (re.compile(re.escape(str(BLUEPRINTS.parents[1]))), "GRADUS"),
    (re.compile(r"/static/[^\"']*"), "/static/"),
)


def without_chance() -> None:
    """What is drawn by lot is the same in each run."""
    dice = random.Random(7)  # noqa: S311  no chance is what is asked for
    counter = itertools.count(1)
    secrets.choice = dice.choice
    secrets.randbelow = dice.randrange
    secrets.token_urlsafe = lambda _size=32: f"token-{next(counter)}"
    uuid.uuid4 = lambda: uuid.UUID(int=dice.getrandbits(128), version=4)


def filled() -> None:
    """The demo with what its worker grades, and the blueprints with a lecturer."""
    load_demo()
    for run in Run.objects.filter(state=Run.State.QUEUED).order_by("pk"):
        execute_run(run_id=run.pk)
    finish_demo()
    lecturer = User.objects.get(username="lecturer")
    User.objects.create(username="stranger", name="A Stranger", email="stranger@gradus.example")
    for name in sorted(path.stem for path in BLUEPRINTS.glob("*.yaml")):
        if not Course.objects.filter(slug=name).exists():
            content = read_course_file((BLUEPRINTS / f"{name}.yaml").read_bytes(), week_one=date(2026, 9, 7))
            course = load_course(content, week_one=date(2026, 9, 7))
            Enrolment.objects.create(user=lecturer, course=course, role=Role.LECTURER)


def plain(answer: HttpResponseBase) -> str:
    """Status, type and body; bytes that are no text by their number only."""
    kind = answer.headers.get("Content-Type", "")
    body = b"".join(answer) if answer.streaming else answer.content
    where = f" -> {answer.headers['Location']}" if "Location" in answer.headers else ""
    head = f"{answer.status_code} {kind}{where}\n"
    if not kind.startswith(("text/", "application/json", "application/problem", "application/yaml")):
        return f"{head}{bool(body)}\n"
    text = body.decode(errors="replace")
    for pattern, instead in TOKENS:
        text = pattern.sub(instead, text)
    return head + "\n".join(line.strip() for line in text.replace("><", ">\n<").splitlines() if line.strip()) + "\n"


def links_of(text: str, base: str) -> list[str]:
    """The addresses of ours that a page points to, in its order."""
    found = []
    for raw in LINK.findall(text):
        link = urldefrag(html.unescape(raw)).url
        parts = urlsplit(link)
        if parts.netloc or parts.scheme:
            continue
        whole = link if link.startswith("/") else urlsplit(base).path + link if link.startswith("?") else ""
        if whole and not whole.startswith(("/static/", "/accounts/")):
            found.append(whole)
    return found


def walked(client: Client, others: list[str]) -> dict[str, str]:
    """Address -> answer, from the first page on and of everything that others were shown."""
    waiting, seen, counted = deque(["/", *others]), {}, Counter()
    while waiting:
        address = waiting.popleft()
        if address in seen:
            continue
        try:
            match = resolve(urlsplit(address).path)
        except Resolver404:
            seen[address] = "no such address\n"
            continue
        kind = (match.url_name, match.kwargs.get("course"))
        counted[kind] += 1
        if counted[kind] > MOST_OF_ONE_NAME and address not in others:
            continue
        seen[address] = plain(client.get(address))
        if seen[address].startswith("200 text/html"):
            waiting.extend(links_of(seen[address], address))
    return seen


def write(folder: Path) -> None:
    crowd.prepared()
    without_chance()
    with override_settings(**apart(folder / "files")), time_machine.travel(NOW, tick=False):
        filled()
        addresses: list[str] = []
        for person in PEOPLE:
            client = Client(raise_request_exception=False)
            if person:
                client.force_login(User.objects.get(username=person))
            answers = walked(client, addresses)
            addresses += [address for address in answers if address not in addresses]
            for address, text in answers.items():
                path = folder / (person or "nobody") / (quote(address, safe="")[:200] + ".txt")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            print(f"{person or 'nobody'}: {len(answers)} addresses")
        for course in Course.objects.all():
            (folder / f"{course.slug}.yaml").write_text(write_course_file(course_file_of(course)))
        mails = [f"{mail.recipient}\n{mail.subject}\n{mail.body}\n" for mail in OutgoingMail.objects.order_by("pk")]
        (folder / "mails.txt").write_text("\n".join(mails))


def compare(before: Path, after: Path) -> int:
    """Print what differs; the number of files that do."""
    files = {path.relative_to(root) for root in (before, after) for path in root.rglob("*.txt")}
    files |= {path.relative_to(root) for root in (before, after) for path in root.glob("*.yaml")}
    different = 0
    for file in sorted(file for file in files if file.parts[0] != "files"):
        old, new = (root / file for root in (before, after))
        if not (old.exists() and new.exists()):
            print(f"{'gone' if old.exists() else 'new '}  {file}")
            different += 1
        elif old.read_text() != new.read_text():
            print(f"other {file}")
            lines = difflib.unified_diff(old.read_text().splitlines(), new.read_text().splitlines(), n=0, lineterm="")
            print("\n".join(f"      {line[:200]}" for line in itertools.islice(lines, 2, 12)))
            different += 1
    print(f"{different} of {len(files)} differ")
    return different


if __name__ == "__main__":
    os.umask(0o022)
    if sys.argv[1] == "write":
        write(Path(sys.argv[2]))
    else:
        sys.exit(bool(compare(Path(sys.argv[2]), Path(sys.argv[3]))))
