"""What happens when something dies: nothing is lost, nothing is graded twice, nothing stays behind."""

import os
import re
import signal
import socket
import time

import pytest
import requests

from tests import factories as make
from tests.live import all_pids_of, running

pytestmark = pytest.mark.sandbox
ASSIGNMENT = "/courses/dl/assignments/numbers/"
RUN = "from grading.models import *; r = Run.objects.get(submission__isnull=False); "
SLOW = "def double(x):\n    return 2 * x\nimport time\ntime.sleep(12)"


@pytest.fixture
def live(tmp_path):
    with running(tmp_path) as server:
        yield server


def signed_in(live, login="student"):
    session = requests.Session()
    page = session.get(live.base + "/accounts/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
    fields = {"login": login, "password": make.PASSWORD, "csrfmiddlewaretoken": token}
    assert session.post(live.base + "/accounts/login/", data=fields).url == live.base + "/"
    return session


def hand_in(live, session, content):
    fields = {"csrfmiddlewaretoken": session.cookies["csrftoken"]}
    files = {"notebook": ("numbers.ipynb", content)}
    return session.post(live.base + ASSIGNMENT + "submit/", data=fields, files=files)


def test_a_killed_worker_costs_a_lease_and_nothing_else(live):
    """kill -9 in the middle of a run: taken up again, graded once and only once."""
    session = signed_in(live)
    assert "Received" in hand_in(live, session, make.submitted(SLOW)).text
    live.wait_for(RUN + "print(r.state)", "running")
    worker = live.children()["worker"]

    os.kill(worker, signal.SIGKILL)
    live.shell(
        "from django.utils import timezone; from grading.models import Run; "
        "Run.objects.filter(state='running').update(lease_until=timezone.now())"
    )

    live.wait_for(RUN + "print(r.state, r.attempt, r.results.count())", "done 2 3")
    assert (
        live.shell("from grading.models import *; print(Run.objects.filter(submission__isnull=False).count())") == "1"
    )
    assert live.children()["worker"] != worker


def test_emptying_the_broker_loses_nothing(live):
    """The row is the queue: with every message thrown away, the sweep rings again."""
    session = signed_in(live)
    os.kill(live.children()["worker"], signal.SIGSTOP)
    assert "Received" in hand_in(live, session, make.submitted()).text
    live.empty_broker()
    long_ago = "from grading.services.runs import NUDGE_AGAIN; r.nudged_at = r.queued_at - NUDGE_AGAIN; r.save()"
    assert live.shell(RUN + "print(r.state); " + long_ago) == "queued"

    os.kill(live.children()["worker"], signal.SIGCONT)

    live.wait_for(RUN + "print(r.state, r.results.count())", "done 3")


def test_an_upload_that_breaks_off_stores_nothing(live):
    session = signed_in(live)
    hand_in(live, session, make.submitted())
    count = (
        "from assignments.models import *; from courses.models import *; from grading.models import Rendering, Run; "
        "made = set(Rendering.objects.values_list('file', flat=True)) | set(Run.objects.values_list('executed', flat=True)); "
        "print(Submission.objects.count(), StoredFile.objects.exclude(pk__in=made - {None}).count())"
    )
    before = live.shell(count)
    host, port = live.base.removeprefix("http://").split(":")
    cookies = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
    head = (
        f"POST {ASSIGNMENT}submit/ HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookies}\r\n"
        f"X-CSRFToken: {session.cookies['csrftoken']}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 900000\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="notebook"; filename="n.ipynb"\r\n\r\n{"cells": ['
    )

    with socket.create_connection((host, int(port))) as upload:
        upload.sendall(head.encode())
        time.sleep(0.3)

    time.sleep(1)
    assert live.shell(count) == before
    assert session.get(live.base + ASSIGNMENT).status_code == 200


def test_a_killed_child_is_started_again(live):
    web = live.children()["web"]

    os.kill(web, signal.SIGKILL)

    ends = time.monotonic() + 60
    while live.children().get("web") in (None, web) or not answers(live):
        assert time.monotonic() < ends
        time.sleep(0.2)


def answers(live):
    try:
        return requests.get(live.base + "/healthz/", timeout=1).text == "ok\n"
    except requests.RequestException:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_leaves_no_process(tmp_path, number):
    with running(tmp_path) as live:
        session = signed_in(live)
        hand_in(live, session, make.submitted("while True: pass"))
        live.wait_for(RUN + "print(r.state)", "running")
        began = time.monotonic()

        live.process.send_signal(number)
        live.process.wait(timeout=10)

        assert time.monotonic() - began < 10
        time.sleep(0.5)
        assert all_pids_of(str(tmp_path)) == []


def test_a_killed_supervisor_takes_everything_with_it(tmp_path):
    with running(tmp_path) as live:
        live.process.kill()
        live.process.wait()

        ends = time.monotonic() + 10
        while all_pids_of(str(tmp_path)) and time.monotonic() < ends:
            time.sleep(0.1)
        assert all_pids_of(str(tmp_path)) == []
