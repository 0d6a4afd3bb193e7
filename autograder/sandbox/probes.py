"""What `selftest` runs inside the sandbox: one function per wall, True when the wall holds.

The text of this file is sent as a cell; it may use the standard library only.
"""

import ctypes
import json
import mmap
import os
import socket
from pathlib import Path


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


def network_is_unreachable():
    return _fails(lambda: _connects(("127.0.0.1", 9))) and _fails(lambda: _connects(("192.0.2.1", 80)))


def only_our_network_device():
    return set(os.listdir("/sys/class/net")) <= {"lo"} if Path("/sys/class/net").exists() else True


def host_files_are_absent():
    return not any(Path(p).exists() for p in ("/etc/shadow", "/var", "/boot", "/old", *HOST_FILES))


def system_is_read_only():
    return all(_fails(lambda p=p: Path(p).write_text("x")) for p in ("/usr/x", "/x", "/etc/x", "/dev/x"))


def student_is_not_root():
    return os.getuid() != 0 and os.geteuid() != 0 and os.getgid() != 0


def no_capabilities():
    status = Path("/proc/self/status").read_text()
    return all(f"{name}:\t0000000000000000" in status for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb"))


def no_new_privileges():
    return "NoNewPrivs:\t1" in Path("/proc/self/status").read_text()


def other_processes_are_invisible():
    return {p for p in os.listdir("/proc") if p.isdigit()} <= {"1", str(os.getpid())}


def init_is_closed():
    return _fails(lambda: Path("/proc/1/environ").read_bytes()) and _fails(lambda: Path("/proc/1/mem").read_bytes())


def environment_is_clean():
    return not any(word in name for name in os.environ for word in ("SECRET", "DATABASE", "BROKER", "DJANGO"))


def nothing_is_mounted_anew():
    return ctypes.CDLL(None).mount(b"none", b"/home/student", b"tmpfs", 0, None) != 0


def memory_is_limited():
    return _fails(lambda: mmap.mmap(-1, MEMORY + 1, flags=mmap.MAP_PRIVATE), OSError, ValueError, MemoryError)


def scratch_is_limited():
    def fill():
        with Path("/home/student/fill").open("wb") as big:
            for _ in range(SCRATCH // 2**20 + 2):
                big.write(bytes(2**20))

    held = _fails(fill)
    Path("/home/student/fill").unlink()
    return held


def processes_are_limited():
    children = []
    held = False
    for _ in range(PROCESSES + 2):
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


WALLS = (
    network_is_unreachable,
    only_our_network_device,
    host_files_are_absent,
    system_is_read_only,
    student_is_not_root,
    no_capabilities,
    no_new_privileges,
    other_processes_are_invisible,
    init_is_closed,
    environment_is_clean,
    nothing_is_mounted_anew,
    memory_is_limited,
    scratch_is_limited,
    processes_are_limited,
)
print(json.dumps({wall.__name__: _answer(wall) for wall in WALLS}))
