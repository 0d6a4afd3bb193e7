"""Tier C, without namespaces: its own walls, each opened once; cheats and attacks come out as in the other tiers."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.report import RunnerError, Verdict
from autograder.sandbox import alone
from autograder.sandbox.launcher import nursery
from autograder.sandbox.limits import MIB, Limits
from autograder.sandbox.memory import below
from autograder.sandbox.selftest import selftest
from autograder.sandbox.supervisor import Stopped, open_sandbox
from autograder.tests.alone import start_alone
from autograder.tests.processes import all_gone, until
from autograder.tests.test_corpus import CASES, graded

pytestmark = pytest.mark.sandbox
SMALL = Limits(wall=20, cell=10, memory=512 * MIB, scratch=8 * MIB, output=MIB)
NO_FILTER = "linux.install_filter = lambda program: None"
OTHER_FILTER = "real = seccomp.program; seccomp.program = lambda machine, **_: real(machine)"
NO_LANDLOCK = "landlock.restrict = lambda **_: 7"
NO_LIMITS = "ceilings.apply = lambda *_, **__: None"
AS_ROOT = os.getuid() == 0
HOLES = {
    "network_is_unreachable": NO_FILTER + "; landlock.BIND_AND_CONNECT = 0",
    "internet_sockets_are_refused": NO_FILTER,
    "system_is_read_only": None,  # file rights stand before it
    "landlock_holds": NO_LANDLOCK,
    "dangerous_calls_are_refused": NO_FILTER,
    "clone3_does_not_exist": NO_FILTER,
    "no_new_namespaces": None,  # capabilities stand before it for root
    "student_is_not_root": "walls.student_uid = lambda: 0" if AS_ROOT else None,
    "no_capabilities": "linux.drop_capabilities = linux.empty_bounding_set = lambda: None" if AS_ROOT else None,
    "no_new_privileges": f"linux.gain_nothing_by_exec = linux.install_filter = lambda *_: None; {NO_LANDLOCK}",
    "init_is_closed": "say = linux.set_dumpable; linux.set_dumpable = lambda **_: say(dumpable=True)",
    "environment_is_clean": "init.ENVIRONMENT['SECRET_KEY'] = 'x'",
    "descriptors_are_our_own": "leak = open('/etc/hostname'); init._keep_only = lambda kept: None",
    "nothing_is_mounted_anew": None,  # needs a capability as well as a call
    "memory_is_limited": NO_LIMITS,
    "shared_memory_is_limited": NO_LIMITS,
    "scratch_is_limited": NO_LIMITS,
    "open_files_are_limited": f"{NO_LIMITS}; import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (9000, 9000))",
    "processes_are_limited": NO_LIMITS,
    "no_socket_reaches_out": OTHER_FILTER,
    "host_files_are_closed": NO_LANDLOCK,
    "other_processes_are_out_of_reach": NO_LANDLOCK,
    "metadata_of_files_stays": OTHER_FILTER,
}


@pytest.fixture
def zygote(monkeypatch):
    with contextlib.closing(start_alone(monkeypatch)) as made:
        yield made


@pytest.fixture(scope="module")
def module_zygote():
    with pytest.MonkeyPatch.context() as patch, contextlib.closing(start_alone(patch, preload=("numpy",))) as made:
        yield made


@pytest.fixture
def rooms_without_namespaces(module_zygote, monkeypatch):
    """Whoever asks for a zygote gets that one."""
    monkeypatch.setattr(nursery, "zygote", lambda *_: module_zygote)


def rooms_of(zygote):
    return list(Path(zygote.folder).glob("room-*"))


def test_selftest_finds_every_wall_of_its_own_closed(zygote):
    found = selftest(SMALL, zygote)

    assert [wall for wall, holds in found.walls.items() if not holds] == []
    assert (found.closed, found.tier, found.message) == (True, "C", "")


@pytest.mark.parametrize(("wall", "hole"), [(wall, hole) for wall, hole in HOLES.items() if hole])
def test_selftest_fails_when_a_wall_is_open(wall, hole, monkeypatch):
    with contextlib.closing(start_alone(monkeypatch, hole=hole)) as zygote:
        found = selftest(SMALL, zygote)

    assert not found.closed
    assert not found.walls or found.walls[wall] is False


def test_every_wall_is_tried_open(zygote):
    assert set(HOLES) == set(selftest(SMALL, zygote).walls)


def test_without_landlock_nothing_starts(monkeypatch):
    with contextlib.closing(start_alone(monkeypatch, hole="landlock.restrict = lambda **_: 0")) as zygote:
        found = selftest(SMALL, zygote)

    assert (found.tier, found.closed) == ("none", False)
    assert "no Landlock" in found.message


@pytest.mark.parametrize("case", [case for case in CASES if case.startswith(("cheat", "attack"))])
def test_cheats_and_attacks_come_out_as_behind_namespaces(case, rooms_without_namespaces):
    report, expected = graded(case)

    verdicts = expected["verdict"] if isinstance(expected["verdict"], list) else [expected["verdict"]]
    if case in {"attack-disk", "attack-inodes"}:  # there is no quota: whoever writes too much is stopped
        assert report.verdict in {Verdict.TOO_MUCH_OUTPUT, *verdicts}
        return
    assert report.verdict in verdicts, report.message
    assert sum(test.score for test in report.tests) <= sum(float(score) for score in expected["scores"].values())
    assert set(expected.get("flags", ())) <= {flag.kind for flag in report.flags}


@pytest.mark.parametrize(
    "source",
    [
        "for n in range(20):\n  open(f'f{n}', 'wb').write(bytes(1 << 20))\nimport time; time.sleep(9)",
        "import os\nfor n in range(30_000): open(f'{n}', 'w')\nimport time; time.sleep(9)",
        """import os, time
held = []
for n in range(20):
    held.append(open("f", "wb", 0))
    held[n].write(bytes(1 << 20))
    os.unlink("f")
time.sleep(9)""",
    ],
    ids=["bytes", "files", "files that have no name"],
)
def test_who_fills_the_disk_is_stopped(source, zygote):
    with open_sandbox(limits=SMALL, zygote=zygote) as sandbox, pytest.raises(Stopped, match="wrote files") as stop:
        sandbox.run_cell(source)

    assert stop.value.verdict == Verdict.TOO_MUCH_OUTPUT
    assert rooms_of(zygote) == []


DAEMON = (
    "import os, time\nif os.fork() == 0:\n  os.setsid()\n  if os.fork(): os._exit(0)\n  time.sleep(600)\ntime.sleep(1)"
)


def test_nothing_of_a_room_stays(zygote):
    with open_sandbox(limits=SMALL, zygote=zygote) as sandbox:
        sandbox.run_cell(DAEMON + "\nos.makedirs('a/b', mode=0); open('x', 'w').write('x')")
        room = set(below(zygote.process.pid)) - {zygote.process.pid}
        assert len(room) >= 3

    until(lambda: all_gone(room))
    assert rooms_of(zygote) == []


def test_nothing_outlives_a_killed_zygote(zygote):
    with pytest.raises((RunnerError, Stopped)), open_sandbox(limits=SMALL, zygote=zygote) as sandbox:
        sandbox.run_cell(DAEMON)
        room = set(below(zygote.process.pid)) - {zygote.process.pid}
        os.kill(zygote.process.pid, signal.SIGKILL)
        sandbox.run_cell("import time; time.sleep(9)")

    until(lambda: all_gone(room))


def test_neighbours_cannot_reach_each_other(zygote):
    with open_sandbox(limits=SMALL, zygote=zygote) as one, open_sandbox(limits=SMALL, zygote=zygote) as other:
        secret = "import os; open('secret', 'w').write('x'); print(os.getpid(), os.getcwd())"
        process, folder = one.run_cell(secret).outputs[0]["text"].split()
        found = other.run_cell(
            "import os\n"
            f"for action in (lambda: open('{folder}/secret').read(), lambda: os.listdir('{folder}'),\n"
            f"               lambda: os.kill({process}, 0), lambda: open('/proc/{process}/environ').read()):\n"
            "  try: action(); print('reached')\n"
            "  except OSError as error: print(type(error).__name__)"
        )

    assert found.outputs[0]["text"].split() == ["PermissionError"] * 4


@pytest.fixture
def assets():
    """Where all may read, as operators keep data sets."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        Path(folder, "table.csv").write_text("a,b\n")
        yield Path(folder)


def test_honest_work_finds_its_tools(zygote, assets):
    work = (
        "import pathlib, shutil, subprocess, tempfile\n"
        "pathlib.Path('a').touch(); shutil.copy('a', 'b'); tempfile.mkdtemp()\n"
        "print(subprocess.run(['cat', 'data/table.csv'], capture_output=True, text=True).stdout.strip())\n"
        "!echo said by a shell"
    )

    with open_sandbox(limits=SMALL, assets=assets, zygote=zygote) as sandbox:
        outputs = sandbox.run_cell(work).outputs

    assert [output["text"] for output in outputs] == ["a,b\nsaid by a shell\n"]


def test_python_out_of_reach_is_said(tmp_path):
    with pytest.raises(PermissionError, match="install Gradus elsewhere"):
        alone.refuse_unreadable([str(tmp_path / "nowhere")])


def test_threads_of_others_do_not_count_against_the_student():
    assert alone.tasks_of_this_user() >= 1


def test_the_command_line_asks_for_it_by_name():
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "--without-namespaces", "selftest", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert '"tier": "C"' in done.stdout or "install Gradus elsewhere" in done.stdout


def test_memory_of_all_processes_counts(zygote):
    eater = (
        "import os, time\nfor n in range(4):\n  if os.fork() == 0:\n    x = bytearray(200 << 20); break\ntime.sleep(9)"
    )

    with open_sandbox(limits=replace(SMALL, cell=20), zygote=zygote) as sandbox, pytest.raises(Stopped) as stop:
        sandbox.run_cell(eater)

    assert stop.value.verdict == Verdict.OUT_OF_MEMORY


def test_who_nests_folders_without_end_is_stopped_and_cleared_away(zygote):
    deep = "import os, time\nfor n in range(2500):\n  os.mkdir('d'); os.chdir('d')\ntime.sleep(9)"

    with open_sandbox(limits=SMALL, zygote=zygote) as sandbox, pytest.raises(Stopped, match="wrote files"):
        sandbox.run_cell(deep)

    assert rooms_of(zygote) == []
