"""Settings that keep tests away from what the product keeps."""

from pathlib import Path
from typing import Any


def apart(folder: Path) -> dict[str, Any]:
    """No test writes where the product keeps its files or sends a mail.

    Nor does one take its time for a password, or for looking through all static files before its first page.
    """
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder / "media"}}
    return {
        "STORAGES": {
            "default": files,
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
        "WHITENOISE_AUTOREFRESH": True,
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "CELERY_BROKER_URL": "memory://",
        "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    }
