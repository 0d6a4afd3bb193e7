"""The scripts a newcomer runs: quick when nothing changed, plain when something is missing."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)


def run(command, cwd=ROOT, **environment):
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


@pytest.mark.parametrize("name", ["script/server", "script/test", "script/setup", "script/lock", ".ci/run"])
def test_scripts_are_valid_shell_that_stops_at_the_first_error(name):
    assert run(["bash", "-n", str(ROOT / name)]).returncode == 0
    assert "set -euo pipefail" in (ROOT / name).read_text()


def test_ci_calls_script_test_and_then_runs_on_postgresql_and_redis():
    text = (ROOT / ".ci/run").read_text()

    assert text.index("script/test") < text.index("DATABASE_URL")
    assert "CELERY_BROKER_URL" in text
    assert "export CI=true" in text


@pytest.fixture
def checkout(tmp_path):
    """A folder with the setup script, a tiny lock, and a virtual environment that pretends to be installed."""
    (tmp_path / "script").mkdir()
    shutil.copy(ROOT / "script" / "setup", tmp_path / "script" / "setup")
    (tmp_path / "requirements.txt").write_text("")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\nexit 0\n')
    python.chmod(0o755)
    return tmp_path


def installs(folder):
    calls = folder / "calls"
    return [line for line in calls.read_text().splitlines() if " install " in line] if calls.exists() else []


def test_setup_installs_once_and_not_again_when_nothing_changed(checkout):
    for _ in range(3):
        assert run(["script/setup", "requirements.txt"], cwd=checkout).returncode == 0

    assert len(installs(checkout)) == 1
    assert "--require-hashes -r requirements.txt" in installs(checkout)[0]


def test_setup_installs_again_when_the_lock_changed(checkout):
    run(["script/setup", "requirements.txt"], cwd=checkout)
    (checkout / "requirements.txt").write_text("# changed\n")

    run(["script/setup", "requirements.txt"], cwd=checkout)

    assert len(installs(checkout)) == 2


def test_setup_says_what_is_missing_without_python(checkout, tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "dirname", "env", "cat"):
        (tools / name).symlink_to(shutil.which(name))

    done = run(["script/setup", "requirements.txt"], cwd=checkout, PATH=str(tools))

    assert done.returncode == 1
    assert "Gradus needs Python 3.11" in done.stderr


def test_setup_is_quick_when_nothing_changed():
    """Not a timing: it must not call pip at all."""
    if not (ROOT / ".venv" / "installed.sha256").exists():
        pytest.skip("this checkout was not set up by script/setup")
    before = (ROOT / ".venv" / "installed.sha256").stat().st_mtime
    began = time.time()

    done = run(["script/setup", "requirements.txt", "requirements-dev.txt"])

    assert done.returncode == 0
    assert "Installing" not in done.stderr
    assert (ROOT / ".venv" / "installed.sha256").stat().st_mtime == before < began
