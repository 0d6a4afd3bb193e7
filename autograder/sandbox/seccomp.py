"""A seccomp filter, assembled here: system calls that no notebook needs and that break sandboxes.

A list of refusals on top of the namespaces: a list of permissions would break numerical libraries with every new
kernel. Refused calls fail with EPERM; clone3, whose arguments a filter cannot see, does not exist (the C library
then uses clone). Instructions: linux/bpf_common.h; each is 8 bytes.
"""

import errno
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, FAIL = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24
X32_BIT = 0x4000_0000
NEW_NAMESPACES = 0x7E02_0000
PR_SET_PDEATHSIG = 1
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
AF_UNIX = 1

REFUSED = {
    "x86_64": {
        "ptrace": 101, "syslog": 103, "mknod": 133, "uselib": 134, "personality": 135, "vhangup": 153,
        "modify_ldt": 154, "pivot_root": 155, "_sysctl": 156, "adjtimex": 159, "chroot": 161, "acct": 163,
        "settimeofday": 164, "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169,
        "sethostname": 170, "setdomainname": 171, "iopl": 172, "ioperm": 173, "create_module": 174,
        "init_module": 175, "delete_module": 176, "quotactl": 179, "lookup_dcookie": 212, "clock_settime": 227,
        "mbind": 237, "mq_open": 240, "kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250,
        "migrate_pages": 256, "mknodat": 259, "unshare": 272, "vmsplice": 278, "move_pages": 279,
        "perf_event_open": 298, "fanotify_init": 300, "name_to_handle_at": 303, "open_by_handle_at": 304,
        "clock_adjtime": 305, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312,
        "finit_module": 313, "memfd_create": 319, "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323,
        "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
        "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_getfd": 438,
        "mount_setattr": 442, "quotactl_fd": 443, "memfd_secret": 447, "shmget": 29, "semget": 64, "msgget": 68,
    },
    "aarch64": {
        "lookup_dcookie": 18, "mknodat": 33, "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51,
        "vhangup": 58, "quotactl": 60, "vmsplice": 75, "acct": 89, "personality": 92, "unshare": 97,
        "kexec_load": 104, "init_module": 105, "delete_module": 106, "clock_settime": 112, "syslog": 116,
        "ptrace": 117, "reboot": 142, "sethostname": 161, "setdomainname": 162, "settimeofday": 170,
        "adjtimex": 171, "mq_open": 180, "msgget": 186, "semget": 190, "shmget": 194, "add_key": 217,
        "request_key": 218, "keyctl": 219, "swapon": 224, "swapoff": 225, "mbind": 235, "migrate_pages": 238,
        "move_pages": 239, "perf_event_open": 241, "fanotify_init": 262, "name_to_handle_at": 264,
        "open_by_handle_at": 265, "clock_adjtime": 266, "setns": 268, "process_vm_readv": 270,
        "process_vm_writev": 271, "kcmp": 272, "finit_module": 273, "memfd_create": 279, "bpf": 280,
        "userfaultfd": 282, "kexec_file_load": 294, "io_uring_setup": 425, "io_uring_enter": 426,
        "io_uring_register": 427, "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431,
        "fsmount": 432, "fspick": 433, "pidfd_getfd": 438, "mount_setattr": 442, "quotactl_fd": 443,
        "memfd_secret": 447,
    },
}  # fmt: skip
CHANGES_OF_RIGHTS = {
    "x86_64": {
        "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93, "lchown": 94, "fchownat": 260, "fchmodat": 268,
        "fchmodat2": 452,
    },
    "aarch64": {"fchmod": 52, "fchmodat": 53, "fchownat": 54, "fchown": 55, "fchmodat2": 452},
}  # fmt: skip
CHANGES_OF_METADATA = {
    "x86_64": {
        "utime": 132, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "removexattr": 197, "lremovexattr": 198,
        "fremovexattr": 199, "utimes": 235, "futimesat": 261, "utimensat": 280,
    },
    "aarch64": {
        "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16,
        "utimensat": 88,
    },
}  # fmt: skip
"""What Landlock does not cover, where no mount namespace protects the files (tier C)."""
OF_OTHERS = {
    "x86_64": {
        "shmat": 30, "shmctl": 31, "semop": 65, "semctl": 66, "msgsnd": 69, "msgrcv": 70, "msgctl": 71,
        "setpriority": 141, "sched_setparam": 142, "sched_setscheduler": 144, "semtimedop": 220, "ioprio_set": 251,
        "sched_setattr": 314,
    },
    "aarch64": {
        "ioprio_set": 30, "sched_setparam": 118, "sched_setscheduler": 119, "setpriority": 140, "msgctl": 187,
        "msgrcv": 188, "msgsnd": 189, "semctl": 191, "semtimedop": 192, "semop": 193, "shmctl": 195, "shmat": 196,
        "sched_setattr": 274,
    },
}  # fmt: skip
"""What reaches other processes of the same user, where no process or IPC namespace hides them (tier C)."""
OF_ITSELF_ALONE = {
    "x86_64": {"sched_setaffinity": 203, "prlimit64": 302},
    "aarch64": {"sched_setaffinity": 122, "prlimit64": 261},
}
"""The same, where the first argument names the process: 0 is oneself."""


@dataclass(frozen=True)
class Architecture:
    """The numbers of the calls whose arguments are looked at."""

    audit: int
    clone: int
    clone3: int
    socket: int
    socketpair: int
    ioctl: int
    prctl: int


ARCHITECTURES = {
    "x86_64": Architecture(0xC000_003E, clone=56, clone3=435, socket=41, socketpair=53, ioctl=16, prctl=157),
    "aarch64": Architecture(0xC000_00B7, clone=220, clone3=435, socket=198, socketpair=199, ioctl=29, prctl=167),
}


def program(machine: str, *, alone: bool = False) -> bytes:
    """The filter for a machine of ARCHITECTURES (KeyError for others).

    `alone`: no namespaces stand behind it, so it also refuses AF_UNIX sockets other than pairs and changes of metadata,
    and says yes to changes of rights without making them: copying a file is honest work and ends with one.
    """
    known = ARCHITECTURES[machine]
    refused = {**REFUSED[machine], **({**CHANGES_OF_METADATA[machine], **OF_OTHERS[machine]} if alone else {})}
    pretended = CHANGES_OF_RIGHTS[machine] if alone else {}
    code: list[bytes] = [
        _step(LOAD, ARCHITECTURE), _step(EQUAL, known.audit, 1, 0), _step(RETURN, KILL), _step(LOAD, NUMBER),
    ]  # fmt: skip
    if machine == "x86_64":
        code += [_step(AT_LEAST, X32_BIT, 0, 1), _step(RETURN, KILL)]
    for number in sorted(refused.values()):
        code += _when(number, [_fail(errno.EPERM)])
    for number in sorted(pretended.values()):
        code += _when(number, [_fail(0)])
    for number in sorted(OF_ITSELF_ALONE[machine].values()) if alone else ():
        code += _when(number, _only(0, errno.EPERM))
    code += _when(known.clone3, [_fail(errno.ENOSYS)])
    code += _when(known.clone, _argument(FIRST_ARGUMENT, ANY_BIT, [NEW_NAMESPACES], errno.EPERM))
    code += _when(known.prctl, _argument(FIRST_ARGUMENT, EQUAL, [PR_SET_PDEATHSIG], 0))  # says yes and does nothing
    code += _when(known.ioctl, _argument(SECOND_ARGUMENT, EQUAL, [TIOCSTI, TIOCLINUX], errno.EPERM))
    code += _when(known.socket, [_fail(errno.EAFNOSUPPORT)] if alone else _only_unix())
    code += _when(known.socketpair, _only_unix())
    code.append(_step(RETURN, ALLOW))
    return b"".join(code)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)


def _fail(number: int) -> bytes:
    return _step(RETURN, FAIL | number)


def _when(number: int, body: Sequence[bytes]) -> Iterator[bytes]:
    """`body` if the call has this number; every path of a body returns."""
    yield _step(EQUAL, number, 0, len(body))
    yield from body


def _argument(place: int, test: int, values: Sequence[int], number: int) -> list[bytes]:
    """Fail with `number` if the argument passes the test with one of the values, else allow."""
    tests = [_step(test, value, len(values) - index, 0) for index, value in enumerate(values)]
    return [_step(LOAD, place), *tests, _step(RETURN, ALLOW), _fail(number)]


def _only_unix() -> list[bytes]:
    return _only(AF_UNIX, errno.EAFNOSUPPORT)


def _only(value: int, number: int) -> list[bytes]:
    """Fail with `number` unless the first argument is this value."""
    return [_step(LOAD, FIRST_ARGUMENT), _step(EQUAL, value, 1, 0), _fail(number), _step(RETURN, ALLOW)]
