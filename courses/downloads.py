"""What people uploaded, as downloads: always an attachment of no known type, never a page of ours."""

import unicodedata
from pathlib import PurePosixPath
from typing import IO
from urllib.parse import quote

from django.http import FileResponse, HttpResponse

NAME_LENGTH = 120
OPAQUE = "application/octet-stream"


def attachment(content: bytes, name: str) -> HttpResponse:
    """`name` may hold any characters; browsers that know no UTF-8 names get an ASCII one."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "".join(c if c.isalnum() or c in "._-" else "_" for c in plain) or "file"
    response = HttpResponse(content, content_type=OPAQUE)
    response["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def streamed(file: IO[bytes], name: str) -> FileResponse:
    """The same of a large one, read piece by piece."""
    response = FileResponse(file, as_attachment=True, filename=name, content_type=OPAQUE)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def safe_name(name: str, otherwise: str) -> str:
    """The name of an upload as it is shown: no folders, no control characters, not endless."""
    last = PurePosixPath(name.replace("\\", "/")).name
    clean = "".join(character for character in last if character.isprintable()).strip()
    return clean[-NAME_LENGTH:] or otherwise
