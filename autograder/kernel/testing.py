"""The tests' room: an instructor's test runs here, its names fetched from the student's side."""

import importlib
import json
from contextlib import suppress
from typing import Any

from autograder.kernel.codec import Encoder
from autograder.kernel.proxies import ANYTHING, Remote, SubmissionGone
from autograder.kernel.refusal import Refused


class TestRoom:
    """The namespace of the tests: the instructor's own names, and those fetched from the student for each test."""

    __test__ = False  # the name is the field's own word, not a pytest class

    def __init__(self, names: dict[str, Any], remote: Remote) -> None:
        self._names = names
        self._remote = remote
        self._fetched: set[str] = set()

    def prepare(self, setting: dict[str, Any]) -> None:
        """Bind what the test takes from libraries and from the student. Never raises for what the student answers."""
        self._remote.begin(set(setting["allowed"]))
        for name, (module, attribute) in setting["imports"].items():
            with suppress(ImportError, AttributeError):
                found = importlib.import_module(module)
                self._names[name] = getattr(found, attribute) if attribute else found
        with suppress(SubmissionGone):
            self._fetch(setting["wanted"])

    def finish(self, setting: dict[str, Any]) -> dict[str, Any]:
        """What the test did: operations it used, what broke, and given names whose value the student's side changed."""
        used, broken = sorted(self._remote.used), self._remote.broken
        self._remote.begin({ANYTHING})
        differing = [name for name in setting["given"] if self._differs(name)]
        for name in self._fetched:  # now: the instructor's cells before the next test may bind them
            self._names.pop(name, None)
        self._fetched.clear()
        return {"used": used, "broken": broken, "differing": differing}

    def _fetch(self, wanted: list[str]) -> None:
        for name in wanted:  # what a test before left under this name is not the student's
            self._names.pop(name, None)
        answers = self._remote.ask("get", wanted) if wanted else {}
        if not isinstance(answers, dict):
            self._remote.fail("The submission gave no proper answer.")
        for name in wanted:
            if name in answers and not (isinstance(answers[name], dict) and "refused" in answers[name]):
                self._names[name] = self._remote.decode(answers[name])
                self._fetched.add(name)

    def _differs(self, name: str) -> bool:
        """Whether data that both sides have under this name is no longer the same. Functions are not compared."""
        try:
            mine = Encoder().encode(self._names[name])
            theirs = self._remote.ask("get", [name])[name]
        except (Refused, SubmissionGone, KeyError, Exception):  # noqa: BLE001  not data, or not there: nothing to compare
            return False
        return json.dumps(mine) != json.dumps(theirs)
