"""Typed readers of environment variables. Each names the variable and what it should hold when it is wrong."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def read_text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def read_flag(name: str, *, default: bool = False) -> bool:
    text = os.environ.get(name, "").strip().lower()
    if name not in os.environ:
        return default
    if text in TRUE | FALSE:
        return text in TRUE
    raise ImproperlyConfigured(f"{name} is {text!r}; write true or false.")


def read_number(name: str, default: int) -> int:
    text = read_text(name) or str(default)
    if not text.isdigit():
        raise ImproperlyConfigured(f"{name} is {text!r}; write a whole number.")
    return int(text)


def read_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in read_text(name, default).split(",") if part.strip()]


def read_secret_key(*, production: bool, var: Path) -> str:
    """From SECRET_KEY; outside production one is made once and kept in `var/secret_key`."""
    key = read_text("SECRET_KEY")
    if key:
        return key
    if production:
        raise ImproperlyConfigured(
            "PRODUCTION is set, so SECRET_KEY must be set too: 50 random characters, kept secret."
        )
    kept = var / "secret_key"
    try:
        with kept.open("x") as new:
            kept.chmod(0o600)
            new.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return kept.read_text()
