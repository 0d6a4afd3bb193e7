"""`python -m papercheck FILE.pdf --rules RULES.json --json`: one PDF held against the rules of one stage.

`--rules`: as `format` in `docs/course.schema.json`, with `questions` beside. Without `--json` the findings as text. Exit
status 0: read; 1: the file cannot be read, and `reason` says why; 3: the machine was too slow, which says nothing of the file.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from papercheck.judge import findings

SECONDS = 40
"""Of the clock, for whoever waits. The reader's own limits are of processor time and memory."""
TOO_SLOW = 3
ROOT = Path(__file__).resolve().parents[1]
EMPTY: Mapping[str, Any] = {
    "readable": False,
    "pages": 0,
    "body_pages": None,
    "references_start": None,
    "last_page_only_references": None,
    "sizes_mm": [],
    "columns": 0,
    "sections": [],
    "producer": "",
    "latex": "unknown",
}


class TooSlow(Exception):
    """The clock ran out: a wait is nobody's fault, and no fact about the file."""


def report_of(path: Path, rules: Mapping[str, Any]) -> dict[str, Any]:
    """Facts and findings. A file that breaks its reader ends with what was known until then. Raises TooSlow."""
    with tempfile.TemporaryDirectory(prefix="gradus-paper-") as folder:
        copy = Path(folder, "paper.pdf")  # killed or not, the reader leaves nothing behind
        shutil.copyfile(path, copy)
        told, stopped = _told_of(copy, rules)
    facts = {**EMPTY, **_joined(told)}
    if "reason" not in facts and not facts.get("done"):
        facts["stopped"] = stopped or "its reader broke"
    if not facts["readable"]:
        reason = facts.get("reason") or "The file cannot be read within 10 seconds and 512 MiB. Make the PDF again."
        return {**facts, "reason": reason, "findings": [_unreadable(reason)]}
    return {**facts, "findings": findings(facts, rules)}


def _told_of(path: Path, rules: Mapping[str, Any]) -> tuple[bytes, str]:
    """What the reader wrote, and why it stopped before its end, if it did. Raises TooSlow."""
    command = [sys.executable, "-m", "papercheck.inside", str(path), json.dumps(dict(rules))]
    with subprocess.Popen(command, cwd=ROOT, env={}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        try:
            told, _ = child.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired as error:
            child.kill()
            child.communicate()
            raise TooSlow from error
    return told, "" if child.returncode in (0, 1) else "it needs more memory or time than a paper should"


def _joined(told: bytes) -> dict[str, Any]:
    """All facts; a last line that was cut off is left out."""
    facts: dict[str, Any] = {}
    for line in told.splitlines():
        try:
            facts |= json.loads(line)
        except ValueError:
            break
    return facts


def _unreadable(reason: str) -> dict[str, Any]:
    return {"rule": "readable", "severity": "error", "page": 0, "message": reason, "action": "", "box": None}


def main(arguments: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="papercheck", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--rules", type=Path)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    rules = json.loads(asked.rules.read_text()) if asked.rules else {}
    try:
        report = report_of(asked.file, rules)
    except TooSlow:
        return TOO_SLOW
    if asked.json:
        sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    else:
        for each in report["findings"]:
            where = f"page {each['page']}: " if each["page"] else ""
            sys.stdout.write(f"{each['severity']:8} {where}{each['message']} {each['action']}\n".rstrip() + "\n")
    return 0 if report["readable"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
