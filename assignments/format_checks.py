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
SECONDS = 40
Report = dict[str, Any]


class PaperRefused(Exception):
    """The file cannot be taken; the message says what is wrong and what to do."""


def rules_of(assignment: Assignment, owner: Owner | None = None) -> Mapping[str, Any]:
    """What an assignment asks of its PDF, as papercheck takes it. Slides of a group that talks have no prescribed look."""
    if isinstance(owner, Group) and owner.pk in speaking_in([assignment]).get(assignment.pk, ()):
        return {}
    return {**assignment.format_rules, "questions": assignment.questions}


def look(content: bytes, rules: Mapping[str, Any]) -> Report:
    """The report of papercheck. Raises PaperRefused for what cannot be read at all."""
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        path, asked = Path(folder, "paper.pdf"), Path(folder, "rules.json")
        path.write_bytes(content)
        asked.write_text(json.dumps(dict(rules)))
        try:
            done = run_program("papercheck", str(path), "--rules", str(asked), "--json", seconds=SECONDS)
        except subprocess.TimeoutExpired as error:
            raise PaperRefused("The file took too long to read. Make the PDF again and retry.") from error
    report: Report = json.loads(done.stdout)
    if not report["readable"]:
        raise PaperRefused(report["reason"])
    return report


def keep(file: StoredFile, rules: Mapping[str, Any], report: Report) -> FormatCheck:
    """The report beside the file it is of."""
    found, _ = FormatCheck.objects.get_or_create(file=file, rules=_key(rules), defaults={"report": report})
    return found


def report_of(submission: Submission) -> Report:
    """What the check says of a submission."""
    return report_for(submission.stored, submission.assignment, submission.owner)


def report_for(file: StoredFile, assignment: Assignment, owner: Owner) -> Report:
    """As it was made at the upload; made now where rules have changed since. Empty where it cannot be made, which is kept."""
    rules = rules_of(assignment, owner)
    kept = FormatCheck.objects.filter(file=file, rules=_key(rules)).first()
    if kept is None:
        try:
            report = look(storage.read(file), rules)
        except PaperRefused:
            report = {}
        kept = keep(file, rules, report)
    return dict(kept.report)


def _key(rules: Mapping[str, Any]) -> str:
    return digest_of(CHECKER, dict(rules))
