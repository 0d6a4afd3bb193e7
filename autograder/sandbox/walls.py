"""The room a notebook runs in: a root of read-only system and Python, a scratch folder, nothing else.

Built by process 1 of a fresh pid namespace. Two ways in: as an ordinary user through a user namespace; as root
without one, giving root up for a user id that nobody has before any student code is loaded.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox import linux
from autograder.sandbox.limits import MIB, Limits

SCRATCH = "/home/student"
TEMPORARY = "/tmp"  # noqa: S108  inside the room
ASSETS = f"{SCRATCH}/data"
INODES = 20_000
FIRST_UNUSED_UID = 1_600_000_000
INSIDE_UID = 1000
NAMESPACES = linux.CLONE_NEWNS | linux.CLONE_NEWPID | linux.CLONE_NEWNET | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS
SYSTEM = ("/usr", "/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/alternatives")
USRMERGE = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64"}
DEVICES = ("null", "zero", "full", "random", "urandom")
ACCOUNTS = "student:x:{uid}:{uid}::/home/student:/bin/sh\n"
KEPT_MOUNT_FLAGS = (
    linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC | os.ST_NOATIME | os.ST_NODIRATIME | os.ST_RELATIME
)


@dataclass(frozen=True)
class Room:
    """What is visible inside, and as whom the student's code runs there. `home` is SCRATCH except in tier C."""

    read_only: Sequence[str]
    assets: str | None
    devices: Sequence[str]
    limits: Limits
    uid: int
    home: str = SCRATCH

    @property
    def alone(self) -> bool:
        """Whether no namespaces stand behind it."""
        return self.home != SCRATCH

    @property
    def temporary(self) -> str:
        return str(Path(self.home, "tmp")) if self.alone else TEMPORARY


def package_root() -> Path:
    """The folder that holds the `autograder` package."""
    return Path(__file__).resolve().parents[2]


def python_paths() -> list[str]:
    """The interpreter, its libraries and the virtual environment."""
    return [
        path for path in dict.fromkeys((sys.base_prefix, sys.prefix)) if not path.startswith("/usr/") and path != "/usr"
    ]


def new_process(*, alone: bool = False) -> int:
    """Fork into namespaces of its own, none if `alone`: 0 in the child, the first of a room; its id in the parent."""
    if alone:
        return linux.clone(0)
    return linux.clone(NAMESPACES if os.getuid() == 0 else NAMESPACES | linux.CLONE_NEWUSER)


def become_somebody(owner: tuple[int, int]) -> None:
    """In a new user namespace: INSIDE_UID, who is `owner` (user, group) outside. Nothing to do for root."""
    uid, gid = owner
    if uid:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/gid_map").write_text(f"{INSIDE_UID} {gid} 1")
        Path("/proc/self/uid_map").write_text(f"{INSIDE_UID} {uid} 1")


def join_group(folder: str) -> None:
    """This process and all it starts count against the control group in `folder`, if there is one."""
    if folder:
        Path(folder, "cgroup.procs").write_text("0")


def student_uid() -> int:
    """As root: an id that no account has, different for neighbouring runs, so that they share no process limit.

    For process 1 of a room that still has the host's /proc.
    """
    return FIRST_UNUSED_UID + int(Path("/proc/self").readlink().name) if os.getuid() == 0 else INSIDE_UID


def build_root(room: Room) -> None:
    """Replace the root by the room. Afterwards only `room.read_only`, the system and the scratch folder exist."""
    root = "/tmp"  # noqa: S108  any folder serves: it is covered by a private mount that nobody else sees
    linux.unshare(linux.CLONE_NEWCGROUP)
    linux.mount(None, "/", None, linux.MS_REC | linux.MS_PRIVATE)
    sources = [(path, os.open(path, os.O_PATH)) for path in (*SYSTEM, *room.read_only) if Path(path).exists()]
    assets = os.open(room.assets, os.O_PATH) if room.assets else None
    linux.mount("tmpfs", root, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "size=2m,nr_inodes=4096,mode=755")
    _devices(root, room.devices)
    _scratch(root, room)  # before the binds: the environment may itself lie below /tmp or /home
    for path, descriptor in sources:
        _bind_read_only(descriptor, root + path)
    if assets is not None:
        _bind_read_only(assets, root + ASSETS)
    for name, target in USRMERGE.items():
        Path(root, name).symlink_to(target)
    Path(root, "etc").mkdir(exist_ok=True)
    Path(root, "etc/passwd").write_text(ACCOUNTS.format(uid=room.uid))
    Path(root, "proc").mkdir()
    linux.mount("proc", f"{root}/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    _swap(root)


def give_up_root(*, uid: int) -> None:
    """No user, group or capability of the host is left, and none can be gained."""
    linux.empty_bounding_set()
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    linux.die_with_parent()
    linux.drop_capabilities()


def _bind_read_only(descriptor: int, target: str) -> None:
    source = f"/proc/self/fd/{descriptor}"
    if Path(source).is_dir():
        Path(target).mkdir(parents=True, exist_ok=True)
    else:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        Path(target).touch()
    linux.mount(source, target, None, linux.MS_BIND | linux.MS_REC)
    kept = os.statvfs(target).f_flag & KEPT_MOUNT_FLAGS
    only = linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY | linux.MS_NOSUID | linux.MS_NODEV
    linux.mount(None, target, None, only | kept)
    os.close(descriptor)


def _devices(root: str, more: Sequence[str]) -> None:
    Path(root, "dev").mkdir()
    for path in (*(f"/dev/{name}" for name in DEVICES), *more):
        Path(root + path).parent.mkdir(parents=True, exist_ok=True)
        Path(root + path).touch()
        linux.mount(path, root + path, None, linux.MS_BIND)
    for name, number in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        Path(root, "dev", name).symlink_to(f"/proc/self/fd/{number}")
    Path(root, "dev/fd").symlink_to("/proc/self/fd")
    Path(root, "dev/pts").mkdir()  # terminals of its own, for `!command`
    options = "newinstance,ptmxmode=0666,mode=0620"
    linux.mount("devpts", f"{root}/dev/pts", "devpts", linux.MS_NOSUID | linux.MS_NOEXEC, options)
    Path(root, "dev/ptmx").symlink_to("pts/ptmx")


def _scratch(root: str, room: Room) -> None:
    """Memory-backed folders, limited in bytes and in files."""
    owner = f"size={room.limits.scratch // MIB}m,nr_inodes={INODES},mode=700,uid={room.uid},gid={room.uid}"
    for folder in (SCRATCH, TEMPORARY, "/dev/shm"):  # noqa: S108  inside the room
        Path(root + folder).mkdir(parents=True, exist_ok=True)
        linux.mount("tmpfs", root + folder, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, owner)


def _swap(root: str) -> None:
    os.chdir(root)
    Path("old").mkdir()
    linux.pivot_root(".", "old")
    os.chdir("/")
    linux.unmount("/old")
    Path("/old").rmdir()
    linux.mount(None, "/", None, linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY | linux.MS_NOSUID | linux.MS_NODEV)
