"""Archiving a course, deleting an empty one, and making its archive as a file."""

import logging
import tempfile
import zipfile
from datetime import timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import models, transaction
from django.db.models import F, ProtectedError, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from assignments.models import PendingReplacement, Submission
from courses import storage
from courses.history.services import COURSE, Change, record_changes
from courses.models import AccountMerge, Course, Enrolment, Rollover, StoredFile
from gradebook.models import FinalGrade
from grading.models import ReleasedGrade
from projects.models import Ballot, Contribution
from term.archive.contents import Entry, course_contents, person_contents
from term.models import CourseExport, Presence

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=30)
MOST_ATTEMPTS = 3
KEPT = timedelta(days=14)
MOST_ROUNDS = 200
"""Of taking away what stands in the way of deleting an empty course."""


class ArchiveRefused(Exception):
    """It was not done; the message says why."""


@transaction.atomic
def archive_course(*, by: Enrolment, archived: bool) -> None:
    """Put a course away, or take it out again: read only, and off the lists."""
    course = Course.objects.select_for_update(no_key=True).get(pk=by.course_id)
    if (course.archived_at is not None) == archived:
        return
    course.archived_at = timezone.now() if archived else None
    course.save(update_fields=["archived_at"])
    words = ("no", "yes") if archived else ("yes", "no")
    record_changes(by=by, topic=COURSE, changes=[Change(str(course), "Archived", *words)])


@transaction.atomic
def delete_course(*, by: Enrolment, typed: str) -> str:
    """Delete a course in which nothing was handed in or marked; its title. `typed`: its address, once more.

    Raises ArchiveRefused.
    """
    course = Course.objects.select_for_update().get(pk=by.course_id)
    if typed.strip() != course.slug:
        raise ArchiveRefused(f"Write “{course.slug}” to delete it.")
    if _has_facts(course):
        raise ArchiveRefused("Something was handed in or marked here: archive the course instead.")
    if Rollover.objects.filter(source=course).exists():
        raise ArchiveRefused("A later course was made from this one: archive it instead.")
    title = str(course)
    for export in CourseExport.objects.filter(course=course).select_related("file"):
        _forget(export)
    _delete(course)
    return title


def _has_facts(course: Course) -> bool:
    """Whether anything is kept of a student: handed in, released, said, there, graded; or of an account that was closed."""
    return (
        Submission.objects.filter(assignment__course=course).exists()
        or ReleasedGrade.objects.filter(release__assignment__course=course).exists()
        or FinalGrade.objects.filter(student__course=course).exists()
        or PendingReplacement.objects.filter(assignment__course=course).exists()
        or Ballot.objects.filter(student__course=course).exists()
        or Contribution.objects.filter(student__course=course).exists()
        or AccountMerge.objects.filter(course=course, undone_at=None).exists()
        or Presence.objects.filter(student__course=course).exists()
    )


def _delete(row: models.Model) -> None:
    """With everything that stands in the way, which in an empty course are only its own settings."""
    for _ in range(MOST_ROUNDS):
        try:
            with transaction.atomic():
                row.delete()
        except ProtectedError as error:
            for other in error.protected_objects:
                if isinstance(other, models.Model) and other.pk is not None:
                    _delete(other)
        else:
            return
    raise ArchiveRefused("Something here cannot be deleted: archive the course instead.")


@transaction.atomic
def ask_for_export(*, by: Enrolment, student: Enrolment | None = None) -> CourseExport:
    """Queue an archive; the one that waits or is being made already, if there is one."""
    Course.objects.select_for_update(no_key=True).get(pk=by.course_id)
    active = CourseExport.objects.filter(course=by.course, student=student, state__in=["queued", "running"])
    if (found := active.first()) is not None:
        return found
    made = CourseExport.objects.create(course=by.course, student=student, asked_by=by)
    transaction.on_commit(lambda: _ring(made.pk))
    return made


def _ring(key: int) -> None:
    """Never raises: the sweep rings again."""
    try:
        current_app.send_task("term.export", kwargs={"export_id": key}, queue="grading", retry=False)
    except (OperationalError, OSError):
        logger.warning("The broker did not answer; the sweep will ring again", extra={"export_id": key})


def make_export(*, export_id: int) -> None:
    """Make one archive if it is free. Making it twice is harmless. Whatever breaks is ours: it is tried again."""
    now = timezone.now()
    free = Q(state="queued") | Q(state="running", lease_until__lt=now)
    mine = CourseExport.objects.filter(free, pk=export_id, attempt__lt=MOST_ATTEMPTS)
    if not mine.update(state="running", attempt=F("attempt") + 1, lease_until=now + LEASE):
        return
    export = CourseExport.objects.select_related("course", "student__user", "student__course", "asked_by__user").get(
        pk=export_id
    )
    running = CourseExport.objects.filter(pk=export_id, state="running", attempt=export.attempt)
    try:
        stored = _written(export)
    except Exception:
        logger.exception("An archive could not be made", extra={"export_id": export_id})
        running.update(state="failed" if export.attempt >= MOST_ATTEMPTS else "queued", lease_until=None)
        return
    running.update(state="done", file=stored, lease_until=None)


def _written(export: CourseExport) -> StoredFile:
    entries = person_contents(export.student) if export.student else course_contents(export.course, export.asked_by)
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        path = Path(folder, "archive.zip")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry in entries:
                _put(archive, entry)
        return storage.store_path(path)


def _put(archive: zipfile.ZipFile, entry: Entry) -> None:
    name, content = entry
    if isinstance(content, str):
        archive.writestr(name, content)
        return
    with storage.opened(content) as source, archive.open(name, "w", force_zip64=True) as target:
        while piece := source.read(1 << 20):
            target.write(piece)


def sweep_exports() -> None:
    """Ring again for what nobody made, and forget archives that were kept long enough."""
    now = timezone.now()
    over = CourseExport.objects.filter(state="running", lease_until__lt=now, attempt__gte=MOST_ATTEMPTS)
    over.update(state="failed", lease_until=None)
    late = Q(state="queued", asked_at__lt=now - timedelta(minutes=1)) | Q(state="running", lease_until__lt=now)
    for key in CourseExport.objects.filter(late).values_list("pk", flat=True):
        _ring(key)
    for export in CourseExport.objects.filter(asked_at__lt=now - KEPT, state__in=["done", "failed"]).select_related(
        "file"
    ):
        _forget(export)


def _forget(export: CourseExport) -> None:
    """With its bytes, unless something else is made of the same."""
    stored = export.file
    export.delete()
    if stored is None:
        return
    digest = stored.sha256
    try:
        with transaction.atomic():
            stored.delete()
    except ProtectedError:
        return
    transaction.on_commit(lambda: storage.forget(digest))
