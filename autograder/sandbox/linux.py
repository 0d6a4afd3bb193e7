"""The few Linux calls that Python lacks, by ctypes. Each raises OSError with the name of what failed."""

import ctypes
import os
import platform
import signal
import struct
from pathlib import Path

CLONE_NEWNS = 0x0002_0000
CLONE_NEWCGROUP = 0x0200_0000
CLONE_NEWUTS = 0x0400_0000
CLONE_NEWIPC = 0x0800_0000
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWPID = 0x2000_0000
CLONE_NEWNET = 0x4000_0000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MNT_DETACH = 2

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP = 1, 4, 24
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 38, 47, 4
PR_SET_CHILD_SUBREAPER = 36
LINUX_CAPABILITY_VERSION_3 = 0x2008_0522
MADV_COLLAPSE = 25
HUGE_PAGE = 2 << 20

LANDLOCK = {"landlock_create_ruleset": 444, "landlock_add_rule": 445, "landlock_restrict_self": 446}
SYSCALLS = {
    "x86_64": {"clone": 56, "pivot_root": 155, "capset": 126, **LANDLOCK},
    "aarch64": {"clone": 220, "pivot_root": 41, "capset": 91, **LANDLOCK},
}

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _syscall(name: str, *arguments: object) -> int:
    numbers = SYSCALLS.get(platform.machine())
    if numbers is None:
        raise OSError(0, f"{name}: no system call numbers for {platform.machine()}")
    return _checked(_libc.syscall(numbers[name], *arguments), name)


def clone(flags: int) -> int:
    """Fork into new namespaces: 0 in the child, its process id in the parent.

    None of Python's work after a fork is done, which costs more than the fork: for a child that starts no thread.
    """
    return _syscall("clone", ctypes.c_ulong(flags | signal.SIGCHLD), None, None, None, None)


def unshare(flags: int) -> None:
    """New namespaces for this process (and, for pid, for its children)."""
    _checked(_libc.unshare(flags), "unshare")


def mount(source: str | None, target: str, kind: str | None = None, flags: int = 0, options: str | None = None) -> None:
    """Mount as the system call does; with MS_REMOUNT | MS_BIND the source is ignored."""
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind, options)]
    result = _libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3])
    _checked(result, f"mount {source or ''} on {target}")


def pivot_root(new_root: str, put_old: str) -> None:
    """Make new_root the root of this mount namespace; the old one hangs at put_old."""
    _syscall("pivot_root", os.fsencode(new_root), os.fsencode(put_old))


def unmount(target: str) -> None:
    """Detach a mount even while it is in use."""
    _checked(_libc.umount2(os.fsencode(target), MNT_DETACH), f"umount {target}")


def die_with_parent(by: signal.Signals = signal.SIGKILL) -> None:
    """Send me this when the thread that made me ends. Cleared by a change of credentials: call again after one."""
    _checked(_libc.prctl(PR_SET_PDEATHSIG, by, 0, 0, 0), "PR_SET_PDEATHSIG")


def set_dumpable(*, dumpable: bool) -> None:
    """A non-dumpable process cannot be opened through /proc by others of its user."""
    _checked(_libc.prctl(PR_SET_DUMPABLE, int(dumpable), 0, 0, 0), "PR_SET_DUMPABLE")


def empty_bounding_set() -> None:
    """No capability can ever be gained again. Needs CAP_SETPCAP: call before giving up root."""
    for capability in range(64):
        if _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
            break


def drop_capabilities() -> None:
    """No capabilities in any set."""
    _libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    _syscall("capset", struct.pack("Ii", LINUX_CAPABILITY_VERSION_3, 0), struct.pack("6I", 0, 0, 0, 0, 0, 0))


def gain_nothing_by_exec() -> None:
    """Set-user-id programs and file capabilities give nothing any more. Needed before a seccomp filter or Landlock."""
    _checked(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS")


def adopt_orphans() -> None:
    """Processes whose parent ended become children of this one."""
    _checked(_libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "PR_SET_CHILD_SUBREAPER")


def install_filter(program: bytes) -> None:
    """A seccomp filter (8 bytes an instruction) on this process and all it starts. It cannot be taken off."""
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code))
    _checked(_libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.c_char_p(header), 0, 0), "PR_SET_SECCOMP")


def landlock_version() -> int:
    """The Landlock interface of this kernel, 0 if it has none."""
    try:
        return _syscall("landlock_create_ruleset", None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    except OSError:
        return 0


def landlock_ruleset(attributes: bytes) -> int:
    """A descriptor of a new ruleset that handles what `attributes` name."""
    return _syscall("landlock_create_ruleset", attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))


def landlock_allow(ruleset: int, path: int, access: int) -> None:
    """Below the folder (or the file) with descriptor `path`, `access` is allowed."""
    rule = struct.pack("=Qi", access, path)
    _syscall("landlock_add_rule", ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint32(0))


def landlock_restrict(ruleset: int) -> None:
    """Put the ruleset on this thread and all it starts."""
    _syscall("landlock_restrict_self", ctypes.c_int(ruleset), ctypes.c_uint32(0))


def use_huge_pages() -> None:
    """Gather this process's memory in pages of 2 MiB where the kernel can (6.1): a fork then copies 500 times fewer entries."""
    _libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, mode, _, _, _, *name = line.split()
        if mode == "rw-p" and name in ([], ["[heap]"]):
            low, high = (int(end, 16) for end in span.split("-"))
            for start in range(-(-low // HUGE_PAGE) * HUGE_PAGE, high // HUGE_PAGE * HUGE_PAGE, HUGE_PAGE):
                _libc.madvise(start, HUGE_PAGE, MADV_COLLAPSE)
