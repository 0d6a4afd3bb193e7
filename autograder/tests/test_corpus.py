"""The corpus: cheats, attacks, damage and honest oddities, each graded for real and compared with what it deserves.

A case is a folder: `source.ipynb`, `submission.ipynb`, and `expect.toml` with the verdict (or verdicts, where chance
decides), the score of every test, flags that must be raised, and limits. Only what deserves `timed_out` has a short
time for a cell: everything else must come out the same on a slow machine.
"""

import time
import tomllib
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from autograder.grade import Conditions, grade, read_source, rehearse_source
from autograder.sandbox.launcher import nursery
from autograder.sandbox.limits import Limits
from autograder.sandbox.memory import below

pytestmark = pytest.mark.sandbox
CORPUS = Path(__file__).with_name("corpus")
CASES = sorted(folder.name for folder in CORPUS.iterdir())
AT_LEAST = {"cheat": 25, "attack": 20, "metadata": 15, "file": 20, "honest": 10}
LEFT_TO_PEOPLE = {"why"}


@cache
def placed(raw):
    """The source and where its tests run: found once for all cases that share it."""
    source = read_source(raw)
    return source, rehearse_source(source, Conditions(Limits(wall=60))).placement


def graded(case):
    """What came of it, and what was expected."""
    folder = CORPUS / case
    expected = tomllib.loads((folder / "expect.toml").read_text())
    source, placement = placed((folder / "source.ipynb").read_bytes())
    limits = replace(Limits(wall=30, cell=20), **expected.get("limits", {}))
    report, _ = grade(source, (folder / "submission.ipynb").read_bytes(), Conditions(limits, placement=placement))
    return report, expected


@pytest.mark.parametrize("case", CASES)
def test_case(case):
    report, expected = graded(case)

    verdicts = expected["verdict"] if isinstance(expected["verdict"], list) else [expected["verdict"]]
    scores = {t.grade_id: t.score for t in report.tests if t.grade_id not in LEFT_TO_PEOPLE}
    assert {g: str(s.normalize()) if s else "0" for g, s in scores.items()} == expected["scores"], report
    assert report.verdict in verdicts, report.message
    assert set(expected.get("flags", ())) <= {flag.kind for flag in report.flags}
    if case.startswith("honest"):
        assert "tampered" not in {flag.kind for flag in report.flags}
    report.as_json()


def test_no_case_leaves_anything_behind():
    """After all of them: the zygote is what it was, has no child, and grades as before."""
    zygote = nursery.zygote()

    report, expected = graded("honest-plain")

    assert sum((t.score for t in report.tests), Decimal()) == sum(map(Decimal, expected["scores"].values()))
    assert zygote.lives
    ends = time.monotonic() + 10
    while len(list(below(zygote.process.pid))) > 1 and time.monotonic() < ends:
        time.sleep(0.05)  # the last room says goodbye before it goes
    assert list(below(zygote.process.pid)) == [zygote.process.pid]


def test_the_corpus_is_as_large_as_it_says():
    kinds = Counter(case.partition("-")[0] for case in CASES)

    assert set(kinds) == set(AT_LEAST)
    assert all(kinds[kind] >= least for kind, least in AT_LEAST.items())


@pytest.mark.parametrize("case", CASES)
def test_every_case_says_what_it_is_about(case):
    expected = tomllib.loads((CORPUS / case / "expect.toml").read_text())

    assert expected["about"].endswith(".")
    assert expected["scores"]
