"""Where AppArmor forbids namespaces, the self-test says what to do."""

import contextlib
import sys
from pathlib import Path

import pytest

from autograder.sandbox import apparmor, launcher
from autograder.sandbox.limits import Limits
from autograder.sandbox.selftest import selftest


@pytest.fixture
def forbidden(tmp_path, monkeypatch):
    """A machine whose AppArmor forbids user namespaces, and an ordinary user on it."""
    switch = tmp_path / "switch"
    switch.write_text("1\n")
    monkeypatch.setattr(apparmor, "SWITCH", switch)
    monkeypatch.setattr("os.getuid", lambda: 1000)
    return switch


def test_the_profile_names_this_python_and_nothing_else(forbidden):
    said = apparmor.advice()

    assert f"profile gradus {Path(sys.executable).resolve()} flags=(unconfined)" in said
    assert "userns," in said
    assert "sudo apparmor_parser -r /etc/apparmor.d/gradus" in said


def test_the_profile_ends_where_the_command_says(forbidden):
    said = apparmor.advice()

    profile = said.partition("<<'END'")[2].partition("\n")[2].partition("END\n")[0]
    assert profile.splitlines()[0] == "abi <abi/4.0>,"
    assert profile.splitlines()[-1] == "}"
    assert profile.count("{") == profile.count("}") == 1


@pytest.mark.parametrize("content", ["0\n", ""])
def test_there_is_nothing_to_say_where_nothing_is_forbidden(forbidden, content):
    forbidden.write_text(content)

    assert apparmor.advice() == ""


def test_there_is_nothing_to_say_without_apparmor(forbidden):
    forbidden.unlink()

    assert apparmor.advice() == ""


def test_root_needs_no_leave(forbidden, monkeypatch):
    monkeypatch.setattr("os.getuid", lambda: 0)

    assert apparmor.advice() == ""


@pytest.mark.sandbox
def test_a_sandbox_that_cannot_start_comes_with_the_advice(forbidden, monkeypatch):
    monkeypatch.setattr(launcher, "BOOT", "raise SystemExit")

    with contextlib.closing(launcher.start_zygote(())) as zygote:
        found = selftest(Limits(), zygote)

    assert not found.closed
    assert found.message.startswith("The sandbox cannot start here")
    assert "apparmor_parser" in found.message
