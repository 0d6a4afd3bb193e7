"""How much memory the processes of a room use together, from /proc."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

OWN_SHARE = re.compile(rb"^Pss_(?:Anon|Shmem):\s+(\d+) kB", re.MULTILINE)
"""Memory that several processes share counts for each by its share, so that forks of a zygote cost what they changed."""


def used_below(process: int) -> int:
    """Bytes that this process and all its descendants hold, shared memory counted once."""
    return sum(_share(found) for found in below(process))


def below(process: int) -> Iterator[int]:
    """This process and its descendants, as far as they still are."""
    waiting = [process]
    while waiting:
        found = waiting.pop()
        yield found
        with suppress(OSError):
            for thread in Path(f"/proc/{found}/task").iterdir():
                waiting += [int(child) for child in (thread / "children").read_text().split()]


def _share(process: int) -> int:
    try:
        found = OWN_SHARE.findall(Path(f"/proc/{process}/smaps_rollup").read_bytes())
    except OSError:
        return 0
    return sum(int(kilobytes) for kilobytes in found) * 1024
