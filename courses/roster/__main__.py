"""`python -m courses.roster FILE`: what a roster file says, as JSON, read by a process with little memory and no secret.

`--digits=8 FILE`: shorter student numbers have lost zeros. `--rows FILE`: any table, as rows of text.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

from courses.roster.encodings import TableUnreadable
from courses.roster.headers import has_key, header_of, names_people
from courses.roster.people import Roster, read_roster
from courses.roster.tables import Table, read_table

MEMORY = 512 << 20
SECONDS = 20
TOO_LARGE = "The file is too large to be a roster."


def main(*arguments: str) -> int:
    """Whatever the file is, the answer is JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    content = Path(arguments[-1]).read_bytes()
    option = arguments[0] if len(arguments) > 1 else "--digits=0"
    found = _rows(content) if option == "--rows" else _people(content, int(option.removeprefix("--digits=")))
    sys.stdout.write(json.dumps(found, ensure_ascii=False))
    return 0


def _people(content: bytes, digits: int) -> dict[str, Any]:
    try:
        return read_roster(content, digits=digits).as_json()
    except MemoryError:
        return Roster(problems=[TOO_LARGE]).as_json()


def _rows(content: bytes) -> dict[str, Any]:
    try:
        return {"rows": _sheet_of_people(read_table(content)).rows, "problems": []}
    except TableUnreadable as error:
        return {"rows": [], "problems": [str(error)]}
    except MemoryError:
        return {"rows": [], "problems": [TOO_LARGE]}


def _sheet_of_people(table: Table) -> Table:
    """Of several sheets the first that names people; the first of all where none does."""
    named = ((sheet, header_of(sheet.rows)) for sheet in (table, *table.others))
    return next((sheet for sheet, found in named if found and (names_people(found[1]) or has_key(found[1]))), table)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
