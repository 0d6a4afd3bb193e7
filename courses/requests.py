"""What a view may rely on once its door has opened."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from courses.models import User

Page = dict[str, Any]
"""What a template is given."""


def clean_text(text: str, most: int = 500) -> str:
    """What was typed into a field that no form reads: without null characters, which no database takes, and not endless."""
    return text.replace("\x00", "").strip()[:most]


class SignedInRequest(HttpRequest):
    """A request behind @login_required, with the time it began."""

    user: User
    arrived_at: datetime
