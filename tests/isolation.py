"""Settings that keep tests away from what the product keeps."""

from pathlib import Path
from typing import Any


def apart(folder: Path) -> dict[str, Any]:
    """No test writes where the product keeps its files, sends a mail, or takes its time for a password."""
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder / "media"}}
    return {
        "STORAGES": {
            "default": files,
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "CELERY_BROKER_URL": "memory://",
        "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    }
