"""Zygotes of tier C for tests, also where root's Python lies in a folder that no other user may enter."""

import os
import stat
from pathlib import Path

from autograder.sandbox import launcher, linux, walls

MODULES = "from autograder.sandbox import landlock, init, limits as ceilings, linux, seccomp, walls"


def start_alone(monkeypatch, *, hole="pass", preload=()):
    """A zygote whose rooms have no namespaces; `hole` is run first, to open a wall."""
    prepare = (
        f"{MODULES}; from autograder.tests import alone; alone.let_others_reach_python(); {hole}; sys.path.pop(0);"
    )
    monkeypatch.setattr(launcher, "BOOT", launcher.BOOT.replace("sys.path.pop(0);", prepare))
    return launcher.start_zygote(preload=preload, alone=True)


def let_others_reach_python():
    """For this process and its children only: what hides Python is covered by an empty folder with Python in it."""
    paths = [Path(path) for path in walls.python_paths()]
    hiding = {above for path in paths for above in path.parents if not above.stat().st_mode & stat.S_IXOTH}
    if os.getuid() or not hiding:
        return
    linux.unshare(linux.CLONE_NEWNS)
    linux.mount(None, "/", None, linux.MS_REC | linux.MS_PRIVATE)
    held = {path: os.open(path, os.O_PATH) for path in paths}
    for folder in sorted(hiding)[:1]:
        linux.mount("tmpfs", str(folder), "tmpfs", 0, "mode=755")
    for path, descriptor in held.items():
        if not path.exists():
            path.mkdir(parents=True)
            linux.mount(f"/proc/self/fd/{descriptor}", str(path), None, linux.MS_BIND | linux.MS_REC)
        os.close(descriptor)
