"""`python -m courses.roster FILE`: what a roster file says, as JSON, read by a process with little memory and no secret."""

import json
import resource
import sys
from pathlib import Path

from courses.roster.people import Roster, read_roster

MEMORY = 512 << 20
SECONDS = 20


def main(path: str) -> int:
    """Whatever the file is, the answer is JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        found = read_roster(Path(path).read_bytes())
    except MemoryError:
        found = Roster(problems=["The file is too large to be a roster."])
    sys.stdout.write(json.dumps(found.as_json(), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
