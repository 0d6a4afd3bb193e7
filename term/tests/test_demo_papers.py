"""The PDFs that the demo makes: right where they should be, wrong where they should be, the same each time."""

import pytest

from papercheck.__main__ import report_of
from term.demo.papers import PLAN, REPORT, Faults, paper, poster

KIT = {
    "kit": "AAAI 2025 author kit", "latex": "required", "columns": 2, "content_pages": 2, "reference_pages": 1,
    "sections": list(PLAN),
}  # fmt: skip
POSTER = {"height_mm": 1189, "width_mm": 841}


def checked(tmp_path, content, rules=KIT):
    path = tmp_path / "paper.pdf"
    path.write_bytes(content)
    return report_of(path, rules)


def rules_of(report):
    return sorted({found["rule"] for found in report["findings"]})


@pytest.mark.parametrize("seed", range(4))
def test_a_proposal_is_what_is_asked(tmp_path, seed):
    report = checked(tmp_path, paper("Which leaf is it?", PLAN, 2, seed=seed))

    assert report["findings"] == []
    assert (report["pages"], report["body_pages"], report["last_page_only_references"]) == (3, 2, True)


def test_a_report_is_what_is_asked(tmp_path):
    rules = {**KIT, "content_pages": 5, "sections": list(REPORT)}

    report = checked(tmp_path, paper("Which leaf is it?", REPORT, 5, seed=1), rules)

    assert (report["findings"], report["pages"]) == ([], 6)


@pytest.mark.parametrize(
    ("faults", "found"),
    [
        (Faults(one_column=True), ["columns"]),
        (Faults(a4=True), ["page-size"]),
        (Faults(too_long=True), ["pages"]),
        (Faults(by_word=True), ["latex"]),
        (Faults(one_column=True, a4=True, by_word=True), ["columns", "latex", "page-size"]),
    ],
)
def test_each_fault_is_found_and_no_other(tmp_path, faults, found):
    assert rules_of(checked(tmp_path, paper("Which leaf is it?", PLAN, 2, seed=3, faults=faults))) == found


@pytest.mark.parametrize(
    ("size", "found"), [((841, 1189), []), ((594, 841), ["poster-size"]), ((1189, 841), ["poster-size"])]
)
def test_posters(tmp_path, size, found):
    assert rules_of(checked(tmp_path, poster("Rain", seed=1, width=size[0], height=size[1]), POSTER)) == found


def test_the_same_seed_makes_the_same_bytes():
    assert paper("Rain", PLAN, 2, seed=1) == paper("Rain", PLAN, 2, seed=1)
    assert paper("Rain", PLAN, 2, seed=1) != paper("Rain", PLAN, 2, seed=2)


def test_all_letters_are_in_the_file(tmp_path):
    assert checked(tmp_path, paper("Rain", PLAN, 2, seed=1))["unembedded"] == []
