"""`python -m assignments.kinds.files FILE NAME`: what lies in a file or a zip: one line of JSON, then HTML without scripts.

Made by a process with little memory, little time and no secret.
"""

import json
import resource
import sys
from pathlib import Path

from assignments.kinds.files.listing import Unreadable, listing_of
from assignments.kinds.files.page import body_of, facts_of

MEMORY = 1 << 30
SECONDS = 20


def main(path: str, name: str) -> int:
    """The listing, and the page where there is one."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    try:
        listing = listing_of(Path(path).read_bytes(), name)
    except Unreadable as error:
        sys.stdout.write(json.dumps({"readable": False, "reason": str(error)}) + "\n")
        return 0
    sys.stdout.write(json.dumps(facts_of(listing)) + "\n")
    sys.stdout.flush()
    sys.stdout.buffer.write(body_of(listing).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
