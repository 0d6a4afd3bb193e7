"""What `selftest` runs inside the sandbox: one function per wall, True when the wall holds.

The text of this file is sent as a cell; it may use the standard library only.
"""

import ctypes
import errno
import json
import mmap
import os
import resource
import shutil
import socket
import tempfile
from pathlib import Path


LIBC = ctypes.CDLL(None, use_errno=True)


def _fails(action, *errors):
    try:
        action()
    except errors or (OSError,):
        return True
    return False


def _connects(address):
    with socket.socket() as plug:
        plug.settimeout(1)
        plug.connect(address)


def _refused_with(number, call, *arguments):
    ctypes.set_errno(0)
    return LIBC.syscall(call, *arguments) == -1 and ctypes.get_errno() == number


def network_is_unreachable():
    return _fails(lambda: _connects(("127.0.0.1", 9))) and _fails(lambda: _connects(("192.0.2.1", 80)))


def only_our_network_device():
    lines = Path("/proc/self/net/dev").read_text().splitlines()[2:]
    return {line.partition(":")[0].strip() for line in lines} <= {"lo"}


def internet_sockets_are_refused():
    return all(_fails(lambda f=f: socket.socket(f)) for f in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK))


def namespaces_are_our_own():
    return all(os.readlink(f"/proc/self/ns/{kind}") != host for kind, host in HOST_NAMESPACES.items())


def host_files_are_absent():
    return not any(Path(p).exists() for p in ("/etc/shadow", "/var", "/boot", "/old", *HOST_FILES))


def system_is_read_only():
    places = ("/", "/usr", *READ_ONLY)
    mounted_so = ALONE or all(os.statvfs(p).f_flag & os.ST_RDONLY for p in places)
    return mounted_so and all(_fails(lambda p=p: Path(p, "x").write_text("x")) for p in (*places, "/etc", "/dev"))


def host_files_are_closed():
    """Without a root of our own they are there: nothing in them can be read, listed or written."""
    files = ("/etc/passwd", "/etc/hostname", "/proc/1/environ", "/proc/self/../1/cmdline", *WATCHED)
    folders = ("/", "/tmp", "/var", "/var/tmp", "/home", "/root", "/proc", "/sys", "/dev/shm", "/dev/pts", *HOST_FILES)
    return (
        all(_fails(lambda p=p: Path(p).read_bytes()) for p in files)
        and all(_fails(lambda p=p: os.listdir(p)) for p in folders)
        and all(_fails(lambda p=p: Path(p, ".gradus-probe").write_text("x")) for p in folders)
    )


def metadata_of_files_stays():
    """Landlock does not guard it: a change is accepted and not made."""
    mine = Path.home() / "mode"
    mine.touch(mode=0o600)
    mine.chmod(0o755)
    held = mine.stat().st_mode & 0o777 == 0o600
    mine.unlink()
    return held


def other_processes_are_out_of_reach():
    """Those who made us and process 1: no signal, no look."""
    others = {os.getppid(), 1, *ENGINE}
    lowered = lambda n: resource.prlimit(n, resource.RLIMIT_CORE, (0, 0))
    moved = lambda n: os.sched_setaffinity(n, {0})
    acts = (lambda n: os.kill(n, 0), lowered, moved, lambda n: os.setpriority(os.PRIO_PROCESS, n, 19))
    return all(_fails(lambda a=a, n=n: a(n)) for n in others for a in acts) and all(
        _fails(lambda n=n, f=f: Path(f"/proc/{n}/{f}").read_bytes()) for n in others for f in ("environ", "mem", "maps")
    )


def no_socket_reaches_out():
    return _fails(lambda: socket.socket(socket.AF_UNIX))


def landlock_holds():
    return _fails(lambda: Path("/proc/self/comm").write_text("x"), PermissionError)


def dangerous_calls_are_refused():
    nothing = ctypes.c_void_p(0)
    return all(_refused_with(errno.EPERM, number, nothing, 0, 0, 0, 0) for number in DANGEROUS.values())


def clone3_does_not_exist():
    return _refused_with(errno.ENOSYS, 435, ctypes.c_void_p(0), 0)


def no_new_namespaces():
    return all(_fails(lambda f=f: os.unshare(f) if hasattr(os, "unshare") else _unshare(f)) for f in (1 << 28, 1 << 17))


def _unshare(flag):
    if LIBC.unshare(flag) != 0:
        raise OSError(ctypes.get_errno(), "unshare")


def descriptors_are_our_own():
    """Sockets, terminals of nobody, and files that have no name: nothing of the host came along."""
    targets = [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}")]
    return not any(t.startswith("/") and not t.startswith(("/dev/null", "/proc/", f"{tempfile.gettempdir()}/.")) for t in targets)


def student_is_not_root():
    return os.getuid() != 0 and os.geteuid() != 0 and os.getgid() != 0


def no_capabilities():
    status = Path("/proc/self/status").read_text()
    sets = ("CapEff", "CapPrm", "CapAmb", *(("CapBnd",) if BOUNDED else ()))
    return all(f"{name}:\t0000000000000000" in status for name in sets)


def no_new_privileges():
    return "NoNewPrivs:\t1" in Path("/proc/self/status").read_text()


def other_processes_are_invisible():
    return {p for p in os.listdir("/proc") if p.isdigit()} <= {"1", str(os.getpid())}


def init_is_closed():
    """It is nobody's: a process that may be looked into belongs to its user in /proc."""
    init = Path("/proc", str(os.getppid()))
    closed = all(_fails(lambda n=n: Path(init, n).read_bytes()) for n in ("environ", "mem"))
    return closed and os.stat(init / "environ").st_uid != os.getuid()


def environment_is_clean():
    return not any(word in name for name in os.environ for word in ("SECRET", "DATABASE", "BROKER", "DJANGO"))


def nothing_is_mounted_anew():
    return ctypes.CDLL(None).mount(b"none", os.fsencode(Path.home()), b"tmpfs", 0, None) != 0


def memory_is_limited():
    return _fails(lambda: mmap.mmap(-1, MEMORY + 1, flags=mmap.MAP_PRIVATE), OSError, ValueError, MemoryError)


def shared_memory_is_limited():
    return _fails(lambda: mmap.mmap(-1, 4 * MEMORY + 2**32), OSError, ValueError, MemoryError)


def files_are_limited():
    folder = Path.home() / "many"
    folder.mkdir()

    def fill():
        for number in range(INODES + 2):
            (folder / str(number)).touch()

    held = _fails(fill)
    shutil.rmtree(folder)
    return held


def open_files_are_limited():
    held = []
    try:
        return _fails(lambda: [held.append(os.dup(0)) for _ in range(2000)])
    finally:
        for descriptor in held:
            os.close(descriptor)


def scratch_is_limited():
    def fill():
        with Path.home().joinpath("fill").open("wb") as big:
            for _ in range(SCRATCH // 2**20 + 2):
                big.write(bytes(2**20))

    held = _fails(fill)
    Path.home().joinpath("fill").unlink()
    return held


def processes_are_limited():
    children = []
    held = False
    for _ in range((4 if ALONE else 1) * PROCESSES + 2):  # alone, the host's other processes count too, and may end
        try:
            child = os.fork()
        except OSError:
            held = True
            break
        if child == 0:
            socket.socketpair()[0].recv(1)
            os._exit(0)
        children.append(child)
    for child in children:
        os.kill(child, 9)
        os.waitpid(child, 0)
    return held


def _answer(probe):
    try:
        return bool(probe())
    except Exception:
        return False


COMMON = (
    network_is_unreachable,
    internet_sockets_are_refused,
    system_is_read_only,
    landlock_holds,
    dangerous_calls_are_refused,
    clone3_does_not_exist,
    no_new_namespaces,
    student_is_not_root,
    no_capabilities,
    no_new_privileges,
    init_is_closed,
    environment_is_clean,
    descriptors_are_our_own,
    nothing_is_mounted_anew,
    memory_is_limited,
    shared_memory_is_limited,
    scratch_is_limited,
    open_files_are_limited,
    processes_are_limited,
)
OF_NAMESPACES = (
    only_our_network_device,
    namespaces_are_our_own,
    host_files_are_absent,
    other_processes_are_invisible,
    files_are_limited,
)
IN_THEIR_PLACE = (
    no_socket_reaches_out,
    host_files_are_closed,
    other_processes_are_out_of_reach,
    metadata_of_files_stays,
)
walls = COMMON + (IN_THEIR_PLACE if ALONE else OF_NAMESPACES)
print(json.dumps({wall.__name__: _answer(wall) for wall in walls}))
