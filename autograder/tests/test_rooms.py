"""The life of rooms: whoever is killed, whenever, nothing survives, and who asked hears it as it was promised."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.report import RunnerError, Verdict
from autograder.sandbox import walls
from autograder.sandbox.launcher import Nursery, start_zygote
from autograder.sandbox.limits import MIB, Limits
from autograder.sandbox.memory import below, used_below
from autograder.sandbox.supervisor import Setting, Stopped, open_rooms, open_sandbox
from autograder.tests.processes import all_gone, until

pytestmark = pytest.mark.sandbox
LIMITS = Limits(wall=30, cell=15, memory=512 * MIB)
ASKS_F = {"wanted": ["f"], "imports": {}, "allowed": ["anything"], "given": []}
FAMILY = """
import os, time
for _ in range(3):
    if os.fork() == 0:
        if os.fork() == 0:
            os.setsid()
            time.sleep(999)
        os._exit(0)
    os.wait()
"""
"""Three daemons: forked twice, in sessions of their own, their parents dead."""


@pytest.fixture
def zygote():
    """One that the test may kill."""
    with contextlib.closing(start_zygote(())) as made:
        yield made


@pytest.fixture(scope="module")
def common():
    """One that no test kills."""
    with contextlib.closing(start_zygote(())) as made:
        yield made


def room_of(sandbox):
    """Every process of a room, its first one first."""
    return list(below(sandbox._leash.init))


def kernel_of(sandbox):
    """The notebook's own process: the first that the first one started."""
    init = sandbox._leash.init
    return int(Path(f"/proc/{init}/task/{init}/children").read_text().split()[0])


def printed(sandbox, source):
    return "".join(o.get("text", o.get("evalue", "")) for o in sandbox.run_cell(source).outputs)


def held(zygote):
    """What rooms could leave behind, but for memory: descriptors on both sides, processes, mounts, files of the host."""
    return {
        "ours": len(list(Path("/proc/self/fd").iterdir())),
        "the zygote's": len(list(Path(f"/proc/{zygote.process.pid}/fd").iterdir())),
        "processes": list(below(zygote.process.pid)),
        "mounts": Path("/proc/self/mounts").read_text(),
        "files": sorted(Path(tempfile.gettempdir()).rglob("*")),
    }


def test_sixty_rooms_leave_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def use(split):
        with open_rooms(Setting(LIMITS, zygote=made), split=split) as (sandbox, _):
            assert printed(sandbox, "import os\nif os.fork() == 0: os.abort()\nprint('x')") == "x\n"

    with contextlib.closing(start_zygote(())) as made:
        use(split=True)
        until(lambda: list(below(made.process.pid)) == [made.process.pid])
        before, memory = held(made), used_below(made.process.pid)

        for number in range(60):
            use(split=number % 6 == 0)

        until(lambda: held(made) == before)
        assert abs(used_below(made.process.pid) - memory) < 2 * MIB
        assert Path(made.folder) in before["files"]
    assert list(tmp_path.iterdir()) == []


def test_a_block_that_raises_takes_its_rooms_along(common):
    with pytest.raises(KeyError), open_rooms(Setting(LIMITS, zygote=common), split=True) as (student, tests):
        printed(student, FAMILY)
        rooms = [*room_of(student), *room_of(tests)]
        raise KeyError("ours")

    assert len(rooms) >= 7
    until(lambda: all_gone(rooms))


@pytest.mark.parametrize("ending", ["'over'", "os._exit(0)", "os.kill(os.getpid(), 11)", "os.kill(1, 9); os.abort()"])
def test_daemons_live_and_die_with_their_notebook(ending, common):
    with open_sandbox(limits=LIMITS, zygote=common) as sandbox:
        sandbox.run_cell(FAMILY)
        room = room_of(sandbox)
        assert len(room) == 5
        with contextlib.suppress(Stopped):
            sandbox.run_cell(ending)

    until(lambda: all_gone(room))
    until(lambda: list(below(common.process.pid)) == [common.process.pid])


def test_zombies_are_buried_while_the_notebook_runs(common):
    """Orphans that end are the first process's to bury; the limit of processes would be reached else."""
    orphans = "import os\nfor _ in range(100):\n  if os.fork() == 0:\n    os.fork()\n    os._exit(0)\n  os.wait()"
    with open_sandbox(limits=replace(LIMITS, processes=20), zygote=common) as sandbox:
        sandbox.run_cell(orphans + "\n  while len([p for p in os.listdir('/proc') if p.isdigit()]) > 2: pass")

        assert printed(sandbox, "print([p for p in os.listdir('/proc') if p.isdigit()])") == "['1', '2']\n"


def test_a_killed_kernel_is_the_notebooks_end_and_worth_a_second_try(common):
    with open_sandbox(limits=LIMITS, zygote=common) as sandbox:
        sandbox.run_cell(FAMILY)
        room = room_of(sandbox)
        os.kill(kernel_of(sandbox), signal.SIGKILL)

        with pytest.raises(Stopped) as stop:
            sandbox.run_cell("1")

    assert (stop.value.verdict, stop.value.killed) == (Verdict.CRASHED, True)
    until(lambda: all_gone(room))


@pytest.mark.parametrize("ending", ["os._exit(0)", "os._exit(3)", "os.kill(os.getpid(), 15)", "os.abort()"])
def test_a_kernel_that_ends_by_itself_is_not_worth_a_second_try(ending, common):
    with open_sandbox(limits=LIMITS, zygote=common) as sandbox, pytest.raises(Stopped) as stop:
        sandbox.run_cell(f"import os\n{ending}")

    assert (stop.value.verdict, stop.value.killed) == (Verdict.CRASHED, False)


def test_a_killed_first_process_is_our_failure(common):
    with open_sandbox(limits=LIMITS, zygote=common) as sandbox:
        sandbox.run_cell(FAMILY)
        room = room_of(sandbox)
        os.kill(room[0], signal.SIGKILL)
        until(lambda: all_gone(room))

        with pytest.raises(RunnerError, match="its zygote or its first process was killed"):
            sandbox.run_cell("1")


@pytest.mark.parametrize("victim", [0, 1])
def test_either_room_of_two_may_be_killed(victim, common):
    with open_rooms(Setting(LIMITS, zygote=common), split=True) as rooms:
        processes = [*room_of(rooms[0]), *room_of(rooms[1])]
        os.kill(kernel_of(rooms[victim]), signal.SIGKILL)
        until(lambda: len(room_of(rooms[victim])) == 1)

        with pytest.raises(Stopped) as stop:
            rooms[1].run_test("assert f(1)", ASKS_F)
            rooms[0].raise_if_ended()

    assert stop.value.killed
    until(lambda: all_gone(processes))


def kill_while_idle(zygote, seen):
    with open_sandbox(limits=LIMITS, zygote=zygote) as sandbox:
        seen += room_of(sandbox)
        zygote.process.kill()
        until(lambda: all_gone(seen))
        sandbox.run_cell("1")


def kill_during_a_cell(zygote, seen):
    with open_rooms(Setting(LIMITS, zygote=zygote), split=True) as (student, tests):
        student.run_cell(FAMILY)
        seen += [*room_of(student), *room_of(tests)]
        threading.Thread(target=zygote.process.kill).start()
        student.run_cell("while True: pass")


def kill_before_the_start(zygote, seen):
    zygote.process.kill()
    zygote.process.wait()
    with open_sandbox(limits=LIMITS, zygote=zygote):
        pytest.fail("no room can have started")


def kill_during_the_start(zygote, seen):
    zygote.process.send_signal(signal.SIGSTOP)
    threading.Thread(target=zygote.process.kill).start()
    with open_sandbox(limits=LIMITS, zygote=zygote):
        pytest.fail("no room can have started")


@pytest.mark.parametrize("scene", [kill_while_idle, kill_during_a_cell, kill_before_the_start, kill_during_the_start])
def test_a_killed_zygote_is_our_failure(scene, zygote):
    seen: list[int] = []

    with pytest.raises(RunnerError):
        scene(zygote, seen)

    until(lambda: all_gone(seen))


def test_a_nursery_replaces_a_dead_zygote():
    nursery = Nursery()
    try:
        first = nursery.zygote()
        assert nursery.zygote() is first
        first.process.kill()
        first.process.wait()

        second = nursery.zygote()

        assert second is not first
        assert not Path(first.folder).exists()
        with open_sandbox(limits=LIMITS, zygote=second) as sandbox:
            assert printed(sandbox, "print('on')") == "on\n"
    finally:
        nursery.close()
    assert not second.lives
    assert not Path(second.folder).exists()


def test_a_fork_of_the_owner_does_not_end_the_zygotes():
    nursery = Nursery()
    zygote = nursery.zygote()
    child = os.fork()
    if child == 0:
        nursery.close()
        os._exit(0)
    os.waitpid(child, 0)

    assert zygote.lives
    nursery.close()


IMPORTS = (
    "import time\nfrom autograder.sandbox.launcher import start_zygote\nfrom autograder.sandbox.supervisor import *\n"
)
MOMENTS = {
    "zygote imports": "zygote = start_zygote(()); UP; time.sleep(99)",
    "room starts": "zygote = start_zygote(()); UP\nwith OPEN as (room, _): time.sleep(99)",
    "room is idle": "with OPEN as (room, _): UP; time.sleep(99)",
    "cell runs": f"with OPEN as (room, _):\n  room.run_cell({FAMILY!r}); UP; room.run_cell('while True: pass')",
    "test waits": "with OPEN as (room, tests):\n  room.run_cell('def f(x):\\n  while True: pass'); UP\n"
    f"  tests.run_test('f(1)', {ASKS_F})",
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_supervisor_leaves_no_process(moment):
    program = MOMENTS[moment].replace("OPEN", "open_rooms(Setting(Limits()), split=True)")
    command = [sys.executable, "-c", IMPORTS + program.replace("UP", "print('up', flush=True)")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=walls.package_root()) as supervisor:
        assert supervisor.stdout.readline() == b"up\n"
        everybody = list(below(supervisor.pid))
        supervisor.kill()

    assert len(everybody) > 1
    until(lambda: all_gone(everybody))


def test_two_rooms_at_once_do_not_see_each_other(common):
    leave = "import os, socket\nfor folder in ('.', '/tmp', '/dev/shm'):\n  open(folder + '/mine', 'w').write('x')\n"
    leave += "s = socket.socket(socket.AF_UNIX); s.bind('\\0here'); s.listen()\nprint(os.getuid())"
    look = "import os, socket\nprint([f for f in ('.', '/tmp', '/dev/shm') if os.path.exists(f + '/mine')], end=' ')\n"
    look += "print(sorted(int(p) for p in os.listdir('/proc') if p.isdigit()), end=' ')\n"
    look += "print(socket.socket(socket.AF_UNIX).connect_ex('\\0here') == 0)"
    with (
        open_sandbox(limits=LIMITS, zygote=common) as one,
        open_sandbox(limits=LIMITS, zygote=common) as other,
    ):
        user = printed(one, leave)

        assert printed(other, look) == "[] [1, 2] False\n"
        assert printed(one, look) == "['.', '/tmp', '/dev/shm'] [1, 2] True\n"
        if os.getuid() == 0:  # else all are one user outside
            assert printed(other, "print(os.getuid())") != user


@pytest.mark.parametrize("preload", [(), ("numpy",)])
def test_random_numbers_follow_the_seed(preload):
    source = "import random\nprint(random.random(), random.sample(range(99), 5))"
    source += "\nimport numpy\nprint(numpy.random.rand(3), numpy.random.permutation(9))" if preload else ""

    def drawn(seed, zygote):
        with open_sandbox(limits=LIMITS, zygote=zygote, seed=seed) as sandbox:
            return printed(sandbox, source)

    with contextlib.closing(start_zygote(preload)) as one, contextlib.closing(start_zygote(preload)) as other:
        found = {seed: drawn(seed, one) for seed in (0, 1, 2**48 - 1)}

        assert len(set(found.values())) == 3
        assert {seed: drawn(seed, other) for seed in found} == found


def test_control_c_in_a_cell_is_an_error_of_this_cell(common):
    """A terminal would send it to all of the group: the room's first process must not mind."""
    with open_sandbox(limits=LIMITS, zygote=common) as sandbox:
        result = sandbox.run_cell("import os, signal, time\nos.killpg(0, signal.SIGINT)\ntime.sleep(9)")

        assert result.raised == "KeyboardInterrupt"
        assert printed(sandbox, "print('on')") == "on\n"
