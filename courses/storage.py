"""Bytes by their content. Writing the same bytes twice costs nothing; what is stored never changes."""

import hashlib
import os
import shutil
import uuid
from pathlib import Path
from typing import IO

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage, storages

from courses.models import StoredFile


def store(content: bytes) -> StoredFile:
    """Keep these bytes and return their row. The whole file lies on the disk before the row says so."""
    digest = hashlib.sha256(content).hexdigest()
    name = path_of(digest)
    if isinstance(storages["default"], FileSystemStorage):
        _write_whole(Path(default_storage.path(name)), content)
    elif not default_storage.exists(name):
        default_storage.save(name, ContentFile(content))
    stored, _ = StoredFile.objects.get_or_create(sha256=digest, defaults={"size": len(content)})
    return stored


def store_path(path: Path) -> StoredFile:
    """The same of a file that may be too large for memory; it is moved, not copied, where it can be."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    size, name = path.stat().st_size, path_of(digest)
    if isinstance(storages["default"], FileSystemStorage):
        target = Path(default_storage.path(name))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(path, target)
    elif not default_storage.exists(name):
        with path.open("rb") as file:
            default_storage.save(name, File(file))
    stored, _ = StoredFile.objects.get_or_create(sha256=digest, defaults={"size": size})
    return stored


def opened(stored: StoredFile) -> IO[bytes]:
    """To be read piece by piece."""
    file: IO[bytes] = default_storage.open(path_of(stored.sha256))
    return file


def forget(sha256: str) -> None:
    """Take bytes away to which no row leads any more."""
    default_storage.delete(path_of(sha256))


def _write_whole(path: Path, content: bytes) -> None:
    """All of it or nothing, also when the disk fills or the process is killed: it appears by rename."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read(stored: StoredFile) -> bytes:
    """The bytes, or ValueError if the disk gave back other ones than were stored."""
    with default_storage.open(path_of(stored.sha256)) as file:
        content: bytes = file.read()
    if hashlib.sha256(content).hexdigest() != stored.sha256:
        raise ValueError(f"The stored file {stored.sha256} is damaged.")
    return content


def path_of(digest: str) -> str:
    """Two levels of folders, so that no folder grows large."""
    return f"by-content/{digest[:2]}/{digest}"
