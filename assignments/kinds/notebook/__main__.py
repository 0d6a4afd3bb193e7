"""`python -m assignments.kinds.notebook FILE`: a notebook as HTML, by a process with little memory and time, and no secret."""

import resource
import sys
from pathlib import Path

from assignments.kinds.notebook.page import body_of
from autograder.notebook import read_notebook
from autograder.report import NotebookUnreadable

MEMORY = 1 << 30
SECONDS = 20


def main(path: str) -> int:
    """The body of the page; 1 and a sentence where the file is no notebook."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    try:
        body = body_of(read_notebook(Path(path).read_bytes()))
    except NotebookUnreadable as error:
        sys.stderr.write(str(error))
        return 1
    sys.stdout.buffer.write(body.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
