"""The walls, probed for real: every test here starts the sandbox that grading uses."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from autograder.report import Verdict
from autograder.sandbox import launcher, walls
from autograder.sandbox.limits import MIB, Limits
from autograder.sandbox.memory import below
from autograder.sandbox.selftest import selftest
from autograder.sandbox.supervisor import Stopped, open_sandbox
from autograder.tests.processes import all_gone, until

pytestmark = pytest.mark.sandbox
SMALL = Limits(wall=20, cell=10, memory=512 * MIB, scratch=8 * MIB, output=MIB)


def printed(source, limits=SMALL, assets=None):
    """What one cell prints on standard output in a fresh sandbox."""
    with open_sandbox(limits=limits, assets=assets) as sandbox:
        outputs = sandbox.run_cell(source).outputs
    return "".join(o["text"] for o in outputs if o["output_type"] == "stream")


def stopped_by(source, limits=SMALL):
    with open_sandbox(limits=limits) as sandbox, pytest.raises(Stopped) as stop:
        sandbox.run_cell(source)
    return stop.value


def test_selftest_finds_every_wall_closed():
    result = selftest()

    assert result.message == ""
    assert [wall for wall, holds in result.walls.items() if not holds] == []
    assert result.closed


HOLES = {
    "network_is_unreachable": None,  # three walls stand before it; each is opened below
    "only_our_network_device": "walls.NAMESPACES &= ~linux.CLONE_NEWNET",
    "internet_sockets_are_refused": "seccomp._only_unix = lambda: [seccomp._step(seccomp.RETURN, seccomp.ALLOW)]",
    "namespaces_are_our_own": "walls.NAMESPACES &= ~linux.CLONE_NEWUTS",
    "host_files_are_absent": "walls.SYSTEM += ('/var',)",
    "system_is_read_only": "linux.MS_RDONLY = 0",
    "landlock_holds": "landlock.restrict = lambda **_: 0",
    "dangerous_calls_are_refused": "linux.install_filter = lambda program: None",
    "clone3_does_not_exist": "linux.install_filter = lambda program: None",
    "no_new_namespaces": None,  # capabilities stand before it in one mode, the filter in the other
    "student_is_not_root": "walls.student_uid = lambda: 0",
    "no_capabilities": "linux.drop_capabilities = linux.empty_bounding_set = lambda: None",
    "no_new_privileges": "linux.gain_nothing_by_exec = linux.install_filter = lambda *_: None; "
    "landlock.restrict = lambda **_: 0",
    "other_processes_are_invisible": "walls.NAMESPACES &= ~linux.CLONE_NEWPID",
    "init_is_closed": "say = linux.set_dumpable; linux.set_dumpable = lambda **_: say(dumpable=True)",
    "environment_is_clean": "init.ENVIRONMENT['SECRET_KEY'] = 'x'",
    "descriptors_are_our_own": "leak = open('/etc/hostname'); init._keep_only = lambda kept: None",
    "nothing_is_mounted_anew": None,  # needs a capability as well as a call
    "memory_is_limited": "ceilings.apply = lambda *_, **__: None",
    "shared_memory_is_limited": "ceilings.apply = lambda *_, **__: None",
    "scratch_is_limited": "walls.MIB = 1; ceilings.apply = lambda *_, **__: None",
    "files_are_limited": "walls.INODES = 90_000",
    "open_files_are_limited": "ceilings.apply = lambda *_, **__: None; "
    "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (9000, 9000))",
    "processes_are_limited": "ceilings.apply = lambda *_, **__: None",
}


def zygote_with(hole, monkeypatch):
    """A zygote whose rooms have one wall open."""
    modules = "from autograder.sandbox import landlock, init, limits as ceilings, linux, seccomp, walls"
    boot = launcher.BOOT.replace("sys.path.pop(0);", f"{modules}; {hole}; sys.path.pop(0);")
    monkeypatch.setattr(launcher, "BOOT", boot)
    return launcher.start_zygote(preload=())


@pytest.mark.parametrize(("wall", "hole"), [(wall, hole) for wall, hole in HOLES.items() if hole])
def test_selftest_fails_when_a_wall_is_open(wall, hole, monkeypatch):
    with contextlib.closing(zygote_with(hole, monkeypatch)) as zygote:
        result = selftest(SMALL, zygote)

    assert not result.closed
    assert not result.walls or result.walls[wall] is False  # or nothing starts at all


def test_every_wall_is_tried_open():
    assert set(HOLES) == set(selftest(SMALL).walls)


def test_selftest_says_why_when_the_sandbox_cannot_start(monkeypatch):
    with contextlib.closing(zygote_with("raise SystemExit(1)", monkeypatch)) as zygote:
        result = selftest(SMALL, zygote)

    assert not result.closed
    assert "cannot start" in result.message


def test_the_workers_secrets_are_unreachable(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "the-secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    search = """
import os, pathlib
found = []
for path in ("/proc/self/environ", "/proc/1/environ", "/proc/2/environ"):
    try: found.append(pathlib.Path(path).read_bytes())
    except OSError: pass
found.append(repr(dict(os.environ)).encode())
print(b"secret" in b"".join(found), os.path.exists(HOME + "/manage.py"), os.path.exists(HOME + "/config"))
"""

    assert printed(f"HOME = {str(walls.package_root())!r}" + search).strip() == "False False False"


def test_student_code_is_not_the_owner_of_anything():
    assert printed(
        "import os; print(os.getuid() != 0, os.access('/usr', os.W_OK), os.access('.', os.W_OK))"
    ).strip() == ("True False True")


def test_scratch_is_gone_with_the_run_and_assets_are_read_only(tmp_path):
    (tmp_path / "points.csv").write_text("1,2\n")
    tmp_path.chmod(0o755)
    write = "open('data/points.csv').read()\ntry: open('data/points.csv', 'w')\nexcept OSError as e: print(e.errno)"

    assert printed(write, assets=tmp_path).strip() in {"13", "30"}
    assert (tmp_path / "points.csv").read_text() == "1,2\n"
    assert printed("open('left', 'w').write('x'); import os; print(os.listdir())").strip() == "['left']"
    assert printed("import os; print(os.listdir())").strip() == "[]"


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("while True: pass", Verdict.TIMED_OUT),
        ("import time\nwhile True:\n  try: time.sleep(99)\n  except BaseException: pass", Verdict.TIMED_OUT),
        ("print('x' * 3_000_000)", Verdict.TOO_MUCH_OUTPUT),
        ("while True: print('y' * 9000)", Verdict.TOO_MUCH_OUTPUT),
        ("import os; os._exit(0)", Verdict.CRASHED),
        ("import os; os.kill(os.getpid(), 9)", Verdict.CRASHED),
        ("import ctypes; ctypes.string_at(0)", Verdict.CRASHED),
    ],
)
def test_each_limit_is_its_own_verdict(source, verdict):
    cell = 2 if verdict is Verdict.TIMED_OUT else SMALL.cell

    assert stopped_by(source, replace(SMALL, cell=cell)).verdict is verdict


def test_wall_time_of_the_whole_notebook_is_limited():
    with open_sandbox(limits=replace(SMALL, wall=1.5)) as sandbox, pytest.raises(Stopped) as stop:
        for _ in range(9):
            sandbox.run_cell("import time; time.sleep(.4)")

    assert stop.value.verdict is Verdict.TIMED_OUT
    assert "notebook ran longer than 1.5 seconds" in stop.value.message


def test_memory_error_is_raised_in_the_cell_and_survived():
    with open_sandbox(limits=SMALL) as sandbox:
        assert sandbox.run_cell("x = bytearray(900_000_000)").raised == "MemoryError"
        assert sandbox.run_cell("1 + 1").raised == ""


def test_nothing_survives_a_run_that_forked():
    source = "import os, time\nfor _ in range(9):\n  if os.fork() == 0:\n    os.setsid(); time.sleep(99); os._exit(0)\n"

    with open_sandbox(limits=SMALL) as sandbox:
        sandbox.run_cell(source)
        room = list(below(sandbox._leash.init))

    assert len(room) >= 11
    until(lambda: all_gone(room))


def test_nothing_survives_when_the_supervisor_is_killed():
    program = (
        "from autograder.sandbox.supervisor import open_sandbox\nfrom autograder.sandbox.limits import Limits\n"
        "with open_sandbox(limits=Limits()) as sandbox:\n"
        "  print('up', flush=True)\n  sandbox.run_cell('while True: pass')\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=walls.package_root()) as parent:
        assert parent.stdout.readline() == b"up\n"
        mine = list(below(parent.pid))
        assert len(mine) >= 4  # itself, the zygote, process 1, the kernel

        os.kill(parent.pid, signal.SIGKILL)

    until(lambda: all_gone(mine))


def test_outputs_are_those_of_a_notebook():
    with open_sandbox(limits=SMALL) as sandbox:
        value = sandbox.run_cell("import os, sys\nprint('a'); print('b'); os.system('echo c'); 6 * 7").outputs
        error = sandbox.run_cell("1 / 0")
        plot = sandbox.run_cell("%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);").outputs
        awaited = sandbox.run_cell("import asyncio\nawait asyncio.sleep(0)\n'done'").outputs
        shown = sandbox.run_cell(
            "from IPython.display import display, clear_output\nprint(1); clear_output(); print(2)"
        ).outputs
        asked = sandbox.run_cell("input()")

    assert value[0] == {"output_type": "stream", "name": "stdout", "text": "a\nb\n"}
    assert [o["data"]["text/plain"] for o in value if o["output_type"] == "execute_result"] == ["42"]
    assert value[-1]["text"] == "c\n"
    assert error.raised == "ZeroDivisionError"
    assert error.outputs[0]["evalue"] == "division by zero"
    assert any("image/png" in o.get("data", {}) for o in plot)
    assert awaited[0]["data"]["text/plain"] == "'done'"
    assert [o["text"] for o in shown] == ["2\n"]
    assert asked.raised == "StdinNotImplementedError"


def test_frames_from_a_hostile_kernel_never_break_the_supervisor():
    forge = """
import os, socket, struct
links = []
for fd in range(3, 64):
    try:
        s = socket.socket(fileno=os.dup(fd)); s.getpeername; links.append(s)
    except OSError: pass
for s in links:
    try: s.send(struct.pack('<I', 12) + b'not json at a')
    except OSError: pass
"""
    with open_sandbox(limits=SMALL) as sandbox, pytest.raises(Stopped) as stop:
        sandbox.run_cell(forge)
        sandbox.run_cell("1")

    assert stop.value.verdict in {Verdict.CRASHED, Verdict.TOO_MUCH_OUTPUT}


def test_selftest_answer_is_json_for_operators():
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "selftest", "--json"],
        cwd=walls.package_root(), capture_output=True, check=True,
    )  # fmt: skip

    assert json.loads(done.stdout)["tier"] == "B"


def test_a_thread_that_prints_beside_a_large_output_harms_nothing():
    source = """
import threading, sys
def chatter():
    for _ in range(300): print('chat', flush=True)
t = threading.Thread(target=chatter); t.start()
from IPython.display import display
for _ in range(5): display({'text/plain': 'y' * 60_000}, raw=True)
t.join()
"""
    with open_sandbox(limits=replace(SMALL, output=8 * MIB)) as sandbox:
        result = sandbox.run_cell(source)

    assert result.raised == ""
    assert sum(o["text"].count("chat") for o in result.outputs if o["output_type"] == "stream") == 300
