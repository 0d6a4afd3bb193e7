"""Single walls, tried one by one: the filter's every instruction on both machines, groups on a tree like the kernel's."""

import errno
import os
import struct
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox import groups, landlock, linux, memory, seccomp
from autograder.sandbox.limits import MIB, Limits

MACHINES = sorted(seccomp.ARCHITECTURES)
ALLOWED = {"x86_64": {"read": 0, "openat": 257, "mmap": 9}, "aarch64": {"read": 63, "openat": 56, "mmap": 222}}


def verdict(program, machine, number, first=0, second=0, audit=None):
    """What the kernel would do with this call: an interpreter for the five instructions the filter uses."""
    data = {
        seccomp.NUMBER: number,
        seccomp.ARCHITECTURE: audit or seccomp.ARCHITECTURES[machine].audit,
        seccomp.FIRST_ARGUMENT: first,
        seccomp.SECOND_ARGUMENT: second,
    }
    steps = [struct.unpack("<HBBI", program[at : at + 8]) for at in range(0, len(program), 8)]
    at = accumulator = 0
    while True:
        code, if_true, if_false, value = steps[at]
        at += 1
        if code == seccomp.LOAD:
            accumulator = data[value]
        elif code == seccomp.RETURN:
            return value
        else:
            held = {
                seccomp.EQUAL: accumulator == value,
                seccomp.AT_LEAST: accumulator >= value,
                seccomp.ANY_BIT: bool(accumulator & value),
            }[code]
            at += if_true if held else if_false


def fails_with(number):
    return seccomp.FAIL | number


@pytest.mark.parametrize("machine", MACHINES)
def test_refused_calls_fail_and_ordinary_ones_pass(machine):
    program = seccomp.program(machine)

    for number in seccomp.REFUSED[machine].values():
        assert verdict(program, machine, number) == fails_with(errno.EPERM)
    for number in ALLOWED[machine].values():
        assert verdict(program, machine, number) == seccomp.ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_are_judged_by_their_arguments(machine):
    program, calls = seccomp.program(machine), seccomp.ARCHITECTURES[machine]

    assert verdict(program, machine, calls.clone3) == fails_with(errno.ENOSYS)
    assert verdict(program, machine, calls.clone, 0x11) == seccomp.ALLOW
    assert verdict(program, machine, calls.clone, 0x1000_0011) == fails_with(errno.EPERM)
    assert verdict(program, machine, calls.prctl, seccomp.PR_SET_PDEATHSIG) == fails_with(0)
    assert verdict(program, machine, calls.prctl, 15) == seccomp.ALLOW
    assert verdict(program, machine, calls.ioctl, 0, seccomp.TIOCSTI) == fails_with(errno.EPERM)
    assert verdict(program, machine, calls.ioctl, 0, seccomp.TIOCLINUX) == fails_with(errno.EPERM)
    assert verdict(program, machine, calls.ioctl, 0, 0x5401) == seccomp.ALLOW
    for family, answer in (
        (1, seccomp.ALLOW),
        (2, fails_with(errno.EAFNOSUPPORT)),
        (16, fails_with(errno.EAFNOSUPPORT)),
    ):
        assert verdict(program, machine, calls.socket, family) == answer
        assert verdict(program, machine, calls.socketpair, family) == answer


@pytest.mark.parametrize("machine", MACHINES)
def test_without_namespaces_more_is_refused(machine):
    program, calls = seccomp.program(machine, alone=True), seccomp.ARCHITECTURES[machine]

    assert verdict(program, machine, calls.socket, 1) == fails_with(errno.EAFNOSUPPORT)
    assert verdict(program, machine, calls.socketpair, 1) == seccomp.ALLOW
    for number in seccomp.CHANGES_OF_METADATA[machine].values():
        assert verdict(program, machine, number) == fails_with(errno.EPERM)
    for number in seccomp.OF_OTHERS[machine].values():
        assert verdict(program, machine, number) == fails_with(errno.EPERM)
    for number in seccomp.OF_ITSELF_ALONE[machine].values():
        assert verdict(program, machine, number, 0) == seccomp.ALLOW
        assert verdict(program, machine, number, 1234) == fails_with(errno.EPERM)
    for number in seccomp.CHANGES_OF_RIGHTS[machine].values():
        assert verdict(program, machine, number) == fails_with(0)


@pytest.mark.parametrize("machine", MACHINES)
def test_another_architecture_is_killed(machine):
    program = seccomp.program(machine)

    assert verdict(program, machine, 0, audit=0x4000_0003) == seccomp.KILL
    if machine == "x86_64":
        assert verdict(program, machine, seccomp.X32_BIT | 1) == seccomp.KILL


@pytest.mark.parametrize("machine", MACHINES)
@given(number=st.integers(0, 600), first=st.integers(0, 2**32 - 1))
def test_every_call_gets_an_answer(machine, number, first):
    answer = verdict(seccomp.program(machine), machine, number, first)

    assert answer in {seccomp.ALLOW, *(fails_with(n) for n in (0, errno.EPERM, errno.ENOSYS, errno.EAFNOSUPPORT))}


def test_an_unknown_machine_has_no_filter():
    with pytest.raises(KeyError):
        seccomp.program("pdp11")


def in_a_process(program):
    """Run this as a fresh Python: walls cannot be taken down again."""
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=groups.__file__[: -len("autograder/sandbox/groups.py")],
        check=False,
    )


@pytest.mark.skipif(not linux.landlock_version(), reason="this kernel has no Landlock")
def test_landlock_leaves_what_was_named_and_nothing_else(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "out.txt").write_text("secret")
    done = in_a_process(f"""
import sys, os
from autograder.sandbox import landlock, linux
linux.gain_nothing_by_exec()
landlock.restrict(readable=["/usr", sys.base_prefix, "/nowhere"], writable=[{str(tmp_path / "in")!r}, "/dev/null"])
open({str(tmp_path / "in" / "a")!r}, "w").write("x")
os.rename({str(tmp_path / "in" / "a")!r}, {str(tmp_path / "in" / "b")!r})
open("/dev/null", "w").write("x")
for path, mode in (({str(tmp_path / "out.txt")!r}, "r"), ({str(tmp_path / "out.txt")!r}, "w"), ("/etc/hostname", "r")):
    try: open(path, mode); print("open", path)
    except PermissionError: pass
""")

    assert (done.stdout, done.stderr) == ("", "")
    assert (tmp_path / "in" / "b").read_text() == "x"


@pytest.mark.parametrize(("version", "last"), [(1, 12), (2, 13), (3, 14), (4, 14), (5, 15), (7, 15)])
def test_each_version_of_landlock_handles_what_it_knows(version, last):
    assert landlock.handled_access(version) == (1 << (last + 1)) - 1


def test_a_kernel_without_landlock_is_told(monkeypatch):
    monkeypatch.setattr(linux, "landlock_version", lambda: 0)

    assert landlock.restrict(readable=["/"], writable=[]) == 0


@pytest.fixture
def tree(tmp_path):
    """A version 2 hierarchy as the kernel shows one to a delegate."""
    ours = tmp_path / "system.slice" / "gradus.service"
    ours.mkdir(parents=True)
    (ours / "cgroup.procs").write_text("")
    (ours / "cgroup.controllers").write_text("cpu memory pids\n")
    (ours / "cgroup.subtree_control").write_text("")
    table = tmp_path / "cgroup"
    table.write_text("0::/system.slice/gradus.service\n")
    return tmp_path, table, ours


def test_a_delegated_group_is_found_and_taken_over(tree):
    mount, table, ours = tree
    (ours / groups.OURS).mkdir()

    assert groups.own_group(mount, table) == ours
    assert groups.take_over(ours) == ours
    assert (ours / groups.OURS / "cgroup.procs").read_text() == str(os.getpid())
    assert (ours / "cgroup.subtree_control").read_text() == "+memory +pids"


def test_a_group_without_the_controllers_is_not_ours(tree):
    _, _, ours = tree
    (ours / "cgroup.controllers").write_text("hugetlb\n")

    assert groups.take_over(ours) is None
    assert groups.take_over(None) is None


def test_version_1_alone_is_no_delegation(tmp_path):
    table = tmp_path / "cgroup"
    table.write_text("4:memory:/x\n1:name=systemd:/\n")

    assert groups.own_group(tmp_path, table) is None
    assert groups.own_group(tmp_path, tmp_path / "missing") is None


def test_a_room_gets_a_group_with_its_limits(tree):
    _, _, ours = tree

    with groups.joined(Limits(memory=512 * MIB, processes=9), parent=ours) as folder:
        written = {p.name: p.read_text() for p in os.scandir(folder) for p in [__import__("pathlib").Path(p.path)]}

    assert written["memory.max"] == str(512 * MIB)
    assert written["pids.max"] == "10"
    assert (written["memory.swap.max"], written["memory.oom.group"]) == ("0", "1")


def test_without_delegation_there_is_no_group(monkeypatch):
    monkeypatch.setattr(groups, "delegated", lambda: None)

    with groups.joined(Limits()) as folder:
        assert folder == ""


def test_memory_of_a_tree_of_processes_is_counted_once():
    program = (
        "import os, time\nx = bytearray(80_000_000)\nif os.fork() == 0:\n  y = bytearray(40_000_000)\n"
        "print(1, flush=True)\ntime.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        for _ in range(2):
            process.stdout.readline()
        used, members = memory.used_below(process.pid), list(memory.below(process.pid))
        process.kill()
        for member in members[1:]:
            os.kill(member, 9)

    assert len(members) == 2
    assert 118_000_000 < used < 170_000_000


def test_a_process_that_is_gone_uses_nothing():
    gone = subprocess.Popen(["true"])
    gone.wait()
    time.sleep(0)

    assert memory.used_below(gone.pid) == 0
