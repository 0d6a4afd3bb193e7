"""Holding an uploaded PDF against the rules of its stage: in a limited process that knows no secret, once for each file."""

import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from assignments.models import Assignment
from courses import storage
from courses.digests import digest_of
from courses.models import StoredFile
from courses.programs import run_program
from groups.models import Group
from projects.models import Deliverable, FormatCheck
from projects.talks.selectors import talking_in

CHECKER = 1
"""The version of `papercheck`: a higher one checks anew when a paper is next looked at."""
SECONDS = 40
Report = dict[str, Any]


class PaperRefused(Exception):
    """The file cannot be taken; the message says what is wrong and what to do."""


def rules_of(stage: Assignment, group: Group | None = None) -> Mapping[str, Any]:
    """What a stage asks of its PDF, as papercheck takes it. Slides of a group that talks have no prescribed look."""
    if group is not None and group.pk in talking_in(stage):
        return {}
    return {**stage.format_rules, "questions": stage.questions}


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


def report_of(deliverable: Deliverable) -> Report:
    """What the check says of a deliverable."""
    return report_for(deliverable.file, deliverable.stage, deliverable.group)


def report_for(file: StoredFile, stage: Assignment, group: Group) -> Report:
    """As it was made at the upload; made now where rules have changed since. Empty where it cannot be made, which is kept."""
    rules = rules_of(stage, group)
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
