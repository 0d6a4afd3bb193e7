"""Settings from the environment: typed, and production refuses what would be dangerous."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.environment import read_flag, read_list, read_number, read_secret_key, read_text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", True),
        ("true", True),
        ("YES", True),
        ("on", True),
        ("0", False),
        ("False", False),
        ("no", False),
        ("", False),
    ],
)
def test_read_flag(monkeypatch, text, value):
    monkeypatch.setenv("SOME_FLAG", text)

    assert read_flag("SOME_FLAG", default=not value) is value


def test_read_flag_has_a_default(monkeypatch):
    monkeypatch.delenv("SOME_FLAG", raising=False)

    assert read_flag("SOME_FLAG", default=True) is True


def test_a_flag_that_is_none_says_what_to_write(monkeypatch):
    monkeypatch.setenv("SOME_FLAG", "maybe")

    with pytest.raises(ImproperlyConfigured, match="SOME_FLAG is 'maybe'; write true or false"):
        read_flag("SOME_FLAG")


@pytest.mark.parametrize(("text", "value"), [("8001", 8001), ("", 8000), ("  9 ", 9)])
def test_read_number(monkeypatch, text, value):
    monkeypatch.setenv("SOME_PORT", text)

    assert read_number("SOME_PORT", 8000) == value


@pytest.mark.parametrize("text", ["eight", "-1", "8.5"])
def test_a_number_that_is_none_says_what_to_write(monkeypatch, text):
    monkeypatch.setenv("SOME_PORT", text)

    with pytest.raises(ImproperlyConfigured, match="write a whole number"):
        read_number("SOME_PORT", 8000)


def test_lists_and_texts_are_trimmed(monkeypatch):
    monkeypatch.setenv("SOME_LIST", " a.example , ,b.example ")
    monkeypatch.setenv("SOME_TEXT", "  x ")

    assert read_list("SOME_LIST") == ["a.example", "b.example"]
    assert read_text("SOME_TEXT") == "x"


def test_a_secret_key_is_made_once_and_for_our_eyes_only(monkeypatch, tmp_path):
    monkeypatch.delenv("SECRET_KEY", raising=False)

    first = read_secret_key(production=False, var=tmp_path)

    assert len(first) > 50
    assert read_secret_key(production=False, var=tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_production_needs_its_own_secret_key(monkeypatch, tmp_path):
    monkeypatch.delenv("SECRET_KEY", raising=False)

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY must be set"):
        read_secret_key(production=True, var=tmp_path)


def started_with(tmp_path, **environment):
    """(status, last line) of loading the settings in a fresh process."""
    base = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "CELERY_BROKER_URL", "SECRET_KEY", "CI"}}
    program = (
        "import django; django.setup(); from django.conf import settings as s; print(s.DATABASES['default']['ENGINE'], "
    )
    program += "s.SESSION_COOKIE_SECURE, s.CELERY_BROKER_URL.split(':')[0])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR, capture_output=True, text=True, check=False,
        env={**base, "DJANGO_SETTINGS_MODULE": "config.settings", "VAR_DIR": str(tmp_path), **environment},
    )  # fmt: skip
    return done.returncode, (done.stdout + done.stderr).strip().splitlines()[-1]


def test_embedded_needs_no_setting(tmp_path):
    assert started_with(tmp_path) == (0, "django.db.backends.sqlite3 False atomicfs")


def test_two_variables_make_it_full(tmp_path):
    full = {"DATABASE_URL": "postgres://u@db/gradus", "CELERY_BROKER_URL": "redis://queue:6379/0"}

    assert started_with(tmp_path, **full) == (0, "django.db.backends.postgresql False redis")


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"PRODUCTION": "true"}, "SECRET_KEY must be set"),
        ({"PRODUCTION": "true", "SECRET_KEY": "x" * 50, "DEBUG": "true"}, "cannot both be set"),
        ({"PRODUCTION": "perhaps"}, "write true or false"),
        ({"PORT": "http"}, "write a whole number"),
    ],
)
def test_dangerous_or_unreadable_settings_refuse_to_start(tmp_path, environment, says):
    status, line = started_with(tmp_path, **environment)

    assert status != 0
    assert says in line


def test_production_with_a_key_starts_with_secure_cookies(tmp_path):
    environment = {"PRODUCTION": "true", "SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "gradus.example"}

    assert started_with(tmp_path, **environment) == (0, "django.db.backends.sqlite3 True atomicfs")


def test_what_the_product_keeps_is_closed_to_others(tmp_path):
    folder = tmp_path / "var"

    started_with(folder)

    assert stat.S_IMODE(Path(folder).stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "uploads").stat().st_mode) == 0o700
