"""What a view may rely on once its door has opened."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from courses.models import User

Page = dict[str, Any]
"""What a template is given."""
LONGEST_KEY = 18
"""Digits."""


def clean_text(text: str, most: int = 500) -> str:
    """What was typed into a field that no form reads: without null characters, which no database takes, and not endless."""
    return text.replace("\x00", "").strip()[:most]


class SignedInRequest(HttpRequest):
    """A request behind @login_required, with the time it began."""

    user: User
    arrived_at: datetime


def key_in(text: str) -> int:
    """A key as a form sent it; 0, which no row has, for what is none or longer than any database has."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_KEY else 0


def keys_in(texts: Iterable[str]) -> set[int]:
    """The same of several; what is none is left out."""
    return {key for text in texts if (key := key_in(text))}
