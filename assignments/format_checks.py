"""Holding an uploaded PDF against the rules of its assignment: in a limited process that knows no secret, once for each file."""

import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from assignments.models import Assignment, FormatCheck, Submission
from assignments.owners import Owner
from assignments.speakers import speaking_in
from courses import storage
from courses.digests import digest_of
from courses.models import StoredFile
from courses.programs import run_program
from groups.models import Group

CHECKER = 1
"""The version of `papercheck`: a higher one checks anew when a paper is next looked at."""
SECONDS = 45
"""Of the clock, within the lease of a run; the limits of the reader itself are processor time and memory."""
Report = dict[str, Any]


class PaperRefused(Exception):
    """The file cannot be read; the message says what is wrong and what to do."""


class CheckStopped(Exception):
    """The machine was too slow: that says nothing about the file."""


def rules_of(assignment: Assignment, owner: Owner | None = None) -> Mapping[str, Any]:
    """What an assignment asks of its PDF, as papercheck takes it. Slides of a group that talks have no prescribed look."""
    if isinstance(owner, Group) and owner.pk in speaking_in([assignment]).get(assignment.pk, ()):
        return {}
    return {**assignment.format_rules, "questions": assignment.questions}


def report_on(content: bytes, rules: Mapping[str, Any]) -> Report:
    """The report of papercheck, `readable` or not. Raises CheckStopped."""
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        path, asked = Path(folder, "paper.pdf"), Path(folder, "rules.json")
        path.write_bytes(content)
        asked.write_text(json.dumps(dict(rules)))
        try:
            done = run_program("papercheck", str(path), "--rules", str(asked), "--json", seconds=SECONDS)
        except subprocess.TimeoutExpired as error:
            raise CheckStopped from error
    if done.returncode not in (0, 1):
        raise CheckStopped
    report: Report = json.loads(done.stdout)
    return report


def look(content: bytes, rules: Mapping[str, Any]) -> Report:
    """The same of a file that is not handed in. Raises PaperRefused for what cannot be read, or not just now."""
    try:
        report = report_on(content, rules)
    except CheckStopped as stopped:
        raise PaperRefused(
            "The check could not be made just now. Try again in a moment; handing in needs none."
        ) from stopped
    if not report["readable"]:
        raise PaperRefused(report["reason"])
    return report


def check(submission: Submission) -> Report:
    """Hold a version against the rules of now, and keep what was found unless it was stopped. Raises CheckStopped."""
    return _checked(submission.stored, rules_of(submission.assignment, submission.owner))


def check_before_the_yes(file: StoredFile, assignment: Assignment, owner: Owner) -> Report:
    """The same of a file that waits for a yes, while its owner looks at both outcomes; empty where the machine is too slow."""
    try:
        return kept_report(file, assignment, owner) or _checked(file, rules_of(assignment, owner))
    except CheckStopped:
        return {}


def _checked(file: StoredFile, rules: Mapping[str, Any]) -> Report:
    report = report_on(storage.read(file), rules)
    if "stopped" not in report:
        FormatCheck.objects.get_or_create(file=file, rules=_key(rules), defaults={"report": report})
    return {**report, "rules": _key(rules)}


def kept_report(file: StoredFile, assignment: Assignment, owner: Owner) -> Report | None:
    """What the check found by the rules of now; None: it was not made, or not to its end."""
    rules = rules_of(assignment, owner)
    kept = FormatCheck.objects.filter(file=file, rules=_key(rules)).first()
    return dict(kept.report) if kept is not None else None


def is_kept(file: StoredFile, key: str) -> bool:
    """Whether the check of this file by these rules was made, to its end."""
    return FormatCheck.objects.filter(file=file, rules=key).exists()


def key_of(assignment: Assignment, owner: Owner) -> str:
    """Changes with what is asked of this owner's paper."""
    return _key(rules_of(assignment, owner))


def _key(rules: Mapping[str, Any]) -> str:
    return digest_of(CHECKER, dict(rules))
