"""Six graders at once on PostgreSQL, against a server whose processes are killed: each piece of work is graded once, and
whatever a grader saved is in the database, word for word.
"""

import json
import os
import random
import re
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests import factories as make
from tests.live import children_of, running

pytestmark = pytest.mark.postgres
DESK = "/courses/dl/assignments/numbers/"
GRADERS, WORK = 6, 200
PREPARE = f"""
from assignments.models import Assignment, Submission
from courses.models import Enrolment, Role, Section, User
from grading.models import Run, TestResult
from grading.services.reviews import refresh_all
from django.utils import timezone
from tests import factories as make
assignment, section = Assignment.objects.get(course__slug="dl", slug="numbers"), Section.objects.get(course__slug="dl")
for number in range({GRADERS}):
    make.enrol(assignment.course, Role.TA, section=section, login=f"grader{{number}}")
logins = [f"s{{n}}" for n in range({WORK})]
people = User.objects.bulk_create(User(username=s, name=s, email=f"{{s}}@gradus.example") for s in logins)
students = Enrolment.objects.bulk_create(Enrolment(user=u, course=assignment.course, role=Role.STUDENT) for u in people)
section.enrolments.add(*students)
first = make.make_submission(assignment, students[0])
rest = {{"assignment": assignment, "number": 1, "file": first.file, "original_name": "n.ipynb"}}
times = {{name: getattr(first, name) for name in ("received_at", "completed_at", "accepted_at")}}
Submission.objects.bulk_create(Submission(student=s, handed_in_by=s, **rest, **times) for s in students[1:])
notebook, now = assignment.notebooks.get(), timezone.now()
done = {{"notebook": notebook, "state": "done", "verdict": "graded", "queued_at": now, "nudged_at": now, "finished_at": now}}
runs = Run.objects.bulk_create(Run(submission=s, **done) for s in Submission.objects.filter(assignment=assignment))
waits = {{"grade_id": "analysis", "status": "needs_review", "points": 3, "by_hand": True, "position": 1}}
TestResult.objects.bulk_create(TestResult(run=run, **waits) for run in runs)
refresh_all(assignment)
"""
MARKS = """
import json
from grading.models import Mark, Marking
marks = Mark.objects.values_list("submission", "points", "comment", "marker__user__username")
print(json.dumps([[[s, str(p), c, m] for s, p, c, m in marks], [str(k) for k in Marking.objects.values_list("key", flat=True)]]))
"""


class Grader:
    """What the desk's script does, in Python: what is to be saved is written down first, and sent until it arrived."""

    def __init__(self, base, number):
        self.base, self.login = base, f"grader{number}"
        self.dice = random.Random(number)
        self.journal = []
        self.session = requests.Session()

    def ask(self, method, path, **sent):
        """Until the server answers; some answers are lost on the way."""
        ends = time.monotonic() + 90
        while time.monotonic() < ends:
            try:
                answer = self.session.request(method, self.base + path, timeout=20, **sent)
                if answer.status_code < 500 and self.dice.random() > 0.05:
                    return answer
            except requests.RequestException:
                pass
            time.sleep(0.1)
        raise AssertionError(f"{self.login}: no answer from {path}")

    def sign_in(self):
        page = self.ask("GET", "/accounts/login/")
        fields = {
            "login": self.login,
            "password": make.PASSWORD,
            "csrfmiddlewaretoken": field(page, "csrfmiddlewaretoken"),
        }
        while self.ask("POST", "/accounts/login/", data=fields).status_code >= 400:
            fields["csrfmiddlewaretoken"] = field(self.ask("GET", "/accounts/login/"), "csrfmiddlewaretoken")

    def grade_everything(self):
        self.sign_in()
        while True:
            page = self.ask("GET", DESK + "review/")
            if not page.url.endswith("/review/"):
                if "Nothing waits for you here" in page.text:
                    return
                time.sleep(0.2)
                continue
            self.grade(page)

    def grade(self, page):
        time.sleep(self.dice.random() * 0.05)
        path = page.url.removeprefix(self.base)
        points, comment = self.dice.choice(["0", "1", "1.5", "3"]), f"{self.login} says {self.dice.random()}"
        form = {name: field(page, name) for name in ("seen", "key", "csrfmiddlewaretoken")}
        form |= {"points-analysis": points, "comment-analysis": comment, "rubric-analysis": ""}
        self.journal.append((form["key"], path, points, comment))
        clicks = 2 if self.dice.random() < 0.2 else 1
        with ThreadPoolExecutor(2) as mouse:
            answers = list(mouse.map(lambda _: self.ask("POST", path, data=form), range(clicks)))
        assert all(answer.status_code == 200 for answer in answers), (path, [a.status_code for a in answers])


def field(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', page.text)[1]


def kill_now_and_then(live, graders, stop):
    """A web process, and sometimes the one above them all; never anything else.

    By work done and not by the clock: a slow machine would be killed again before it has started.
    """
    dice = random.Random(0)
    killed, due = 0, 3
    while not stop.wait(0.05):
        if sum(len(grader.journal) for grader in graders) < due:
            continue
        due += dice.randint(4, 12)
        parent = live.children().get("web")
        below = children_of(parent) if parent else []
        victim = parent if not below or dice.random() < 0.2 else dice.choice(below)
        if victim:
            os.kill(victim, signal.SIGKILL)
            killed += 1
    return killed


def test_six_graders_and_a_server_that_is_killed(tmp_path):
    with running(tmp_path) as live:
        live.shell(PREPARE)
        graders = [Grader(live.base, number) for number in range(GRADERS)]
        stop = threading.Event()
        with ThreadPoolExecutor(GRADERS + 1) as pool:
            killer = pool.submit(kill_now_and_then, live, graders, stop)
            try:
                for done in [pool.submit(grader.grade_everything) for grader in graders]:
                    done.result(timeout=300)
            finally:
                stop.set()
        marks, keys = json.loads(live.shell(MARKS))

    written = [(grader.login, *line) for grader in graders for line in grader.journal]
    assert killer.result() > 3
    assert len(written) == len(marks) == len({submission for submission, *_ in marks}) == WORK
    assert {key for _, key, *_ in written} == set(keys)
    assert {(comment, float(points), login) for _, points, comment, login in marks} == {
        (comment, float(points), login) for login, _, _, points, comment in written
    }
