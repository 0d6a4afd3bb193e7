"""The format check on papers that we made: facts on good ones, findings on faulty ones, limits on hostile ones."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pikepdf
import pytest
from reportlab.lib.pagesizes import A4, letter

from papercheck.__main__ import ROOT, report_of
from papercheck.tests.papers import made
from papercheck.tests.papers.expected import EXPECTED
from papercheck.words import bare, is_references, names_in, sections_for

HERE = Path(__file__).with_name("papers")
KIT_2025 = {
    "kit": "AAAI 2025 author kit", "latex": "required", "columns": 2, "content_pages": 2, "reference_pages": 1,
    "sections": ["Abstract", "Introduction", "Related work", "Plan"],
}  # fmt: skip
KIT_2021 = {
    "kit": "AAAI 2021 author kit", "latex": "preferred", "columns": 2, "pages": 3, "last_page_only_references": True,
    "sections": ["Abstract", "Introduction", "Related work", "Plan"],
}  # fmt: skip
POSTER = {"height_mm": 1189, "width_mm": 841}
CHINESE = ("摘要", "引言", "文献综述", "计划")


def checked(tmp_path, content, rules=KIT_2025):
    path = tmp_path / "paper.pdf"
    path.write_bytes(content)
    return report_of(path, rules)


def rules_of(report):
    return sorted({finding["rule"] for finding in report["findings"]})


def facts_of(report):
    names = {name for section in report["sections"] for name in section["names"]}
    fields = ("pages", "body_pages", "references_start", "last_page_only_references", "columns", "latex")
    return (*(report[key] for key in fields), names)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_fact_of_papers_by_latex_and_libreoffice(name):
    *facts, sections = EXPECTED[name]

    report = report_of(HERE / f"{name}.pdf", KIT_2025)

    assert facts_of(report) == (*facts, {each.replace("-", " ") for each in sections.split()})


MADE = {
    "two columns": (made.paper(), (3, 2, 3, True, 2)),
    "one column": (made.paper(columns=1), (3, 2, 3, True, 1)),
    "a4": (made.paper(page=A4), (3, 2, 3, True, 2)),
    "five pages": (made.paper(pages=5), (6, 5, 6, True, 2)),
    "references in the last column": (made.paper(alone=False), (2, 2, 2, False, 2)),
    "references below one column": (made.paper(columns=1, alone=False), (2, 2, 2, False, 1)),
    "no references": (made.paper(references=""), (2, 2, None, None, 2)),
    "spaced capitals": (made.paper(references="R EFERENCES"), (3, 2, 3, True, 2)),
    "numbered": (made.paper(references="7. References"), (3, 2, 3, True, 2)),
    "Chinese": (made.paper(CHINESE, chinese=True, references="参考文献"), (3, 2, 3, True, 2)),
    "Chinese, numbered": (
        made.paper(("一、摘要", "二、引言", "三、相关工作", "四、计划"), chinese=True, references="五、参考文献"),
        (3, 2, 3, True, 2),
    ),
    "Chinese, one column": (made.paper(CHINESE, chinese=True, columns=1, references="参考文献"), (3, 2, 3, True, 1)),
    "a bibliography": (made.paper(references="Bibliography:"), (3, 2, 3, True, 2)),
    "eight points": (made.paper(size=8), (3, 2, 3, True, 2)),
    "twelve points": (made.paper(size=12), (3, 2, 3, True, 2)),
}


@pytest.mark.parametrize("name", MADE)
def test_every_fact_of_papers_by_reportlab(tmp_path, name):
    content, facts = MADE[name]

    report = checked(tmp_path, content)

    assert facts_of(report) == (*facts, "yes", {"abstract", "introduction", "related work", "plan"})


def test_a_good_paper_has_no_finding_but_its_fonts():
    for name, rules in (("proposal-good", KIT_2025), ("proposal-good", KIT_2021)):
        assert report_of(HERE / "latex" / f"{name}.pdf", rules)["findings"] == []


@pytest.mark.parametrize(
    ("name", "rules", "found"),
    [
        ("latex/references-mid-page", KIT_2025, []),
        ("latex/acknowledgments-before", KIT_2025, ["pages"]),
        ("latex/appendix-after", KIT_2025, ["pages"]),
        ("latex/acknowledgments-before", KIT_2021, ["last-page"]),
        ("latex/figures-after-references", KIT_2021, ["last-page"]),
        ("latex/no-references", KIT_2025, ["references"]),
        ("latex/a4-kit", KIT_2025, ["page-size"]),
        ("latex/eleven-points", KIT_2025, ["body-size", "pages"]),
        ("latex/narrow-margins", KIT_2025, ["margins"]),
        ("latex/page-numbers", KIT_2025, ["page-numbers"]),
        ("latex/report-good", KIT_2025, ["pages", "sections"]),
        ("latex/one-column", KIT_2021, ["body-size", "columns", "last-page", "page-numbers", "page-size"]),
        (
            "office/word-like-timeline",
            KIT_2025,
            ["body-size", "columns", "latex", "page-size"],
        ),
        ("latex/lualatex-like-poster", POSTER, []),
    ],
)
def test_findings_of_faulty_papers(name, rules, found):
    assert rules_of(report_of(HERE / f"{name}.pdf", rules)) == found


def test_a_near_miss_says_which_lines(tmp_path):
    report = report_of(HERE / "latex" / "acknowledgments-before.pdf", KIT_2025)

    assert report["findings"][0]["message"] == (
        "Content fills 3 pages; at most 2 are asked for. On page 3 these lines stand before the references: "
        "“Acknowledgments”; “We thank the owls of the library.”."
    )
    assert report["before_references"] == ["Acknowledgments", "We thank the owls of the library."]


@pytest.mark.parametrize(
    ("size", "rule", "severity", "words"),
    [
        ((841, 1189), None, None, ""),
        ((839.6, 1188.2), None, None, ""),
        ((840.1, 1180.1), "poster-size", "hint", "The page is 840 × 1180 mm: A0 portrait, 9 mm not high enough."),
        ((594, 841), "poster-size", "hint", "This is A1, not A0 portrait (841 × 1189 mm); it scales"),
        ((210, 297), "poster-size", "hint", "This is A4"),
        ((1189, 841), "poster-size", "warning", "lies on its side"),
        ((914, 1219), "poster-size", "warning", "The page is 914 × 1219 mm"),
    ],
)
def test_posters(tmp_path, size, rule, severity, words):
    report = checked(tmp_path, made.poster(*size), POSTER)

    found = [each for each in report["findings"] if each["rule"] == "poster-size"]
    assert [(each["rule"], each["severity"]) for each in found] == ([(rule, severity)] if rule else [])
    assert all(words in each["message"] for each in found)


def same(one, other):
    return all(abs(a - b) < 0.2 for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("edit", "size"),
    [
        (made.turned(90), (279.4, 215.9)),
        (made.turned(-90), (279.4, 215.9)),
        (made.turned(450), (279.4, 215.9)),
        (made.turned(180), (215.9, 279.4)),
        (made.cropped, (210, 297)),
        (made.user_unit, (841, 1189)),
        (made.inherited, (210, 297)),
        (made.without_box, (215.9, 279.4)),
    ],
)
def test_the_size_is_what_a_reader_sees(tmp_path, edit, size):
    assert same(checked(tmp_path, made.edited(made.paper(), edit), {})["sizes_mm"][0], size)


def test_a_count_that_lies_is_told_and_not_believed(tmp_path):
    """In a file as a hand would write it: tools put the number right when they save."""
    report = checked(tmp_path, made.many_pages(9, claimed=2), {"pages": 3})

    assert (report["pages"], report["claimed"]) == (9, 2)
    assert rules_of(report) == ["page-count", "pages", "text-layer"]


@pytest.mark.parametrize(
    ("edit", "hidden"),
    [
        (made.with_script, ["script"]),
        (made.with_program, ["program"]),
        (made.with_attachment, ["attachment"]),
        (made.with_form, ["form"]),
        (made.with_film, ["media"]),
    ],
)
def test_what_hides_in_a_file_is_told(tmp_path, edit, hidden):
    report = checked(tmp_path, made.edited(made.paper(), edit))

    assert report["hidden"] == hidden
    assert "safety" in rules_of(report)


def test_a_script_behind_escapes_is_found_too(tmp_path):
    content = made.edited(made.paper(), made.with_script, object_stream_mode=pikepdf.ObjectStreamMode.disable)

    report = checked(tmp_path, content.replace(b"/JavaScript", b"/J#61vaScr#69pt").replace(b"/JS", b"/J#53"))

    assert report["hidden"] == ["script"]


@pytest.mark.parametrize("other", [b"<html><script>alert(1)</script>", b"PK\x03\x04 a zip"])
def test_one_file_that_is_two_things(tmp_path, other):
    for content in (other + made.paper(), made.paper() + other):
        report = checked(tmp_path, content)
        assert report["readable"]
        assert report["hidden"] == ["something else"]


def test_encryption(tmp_path):
    locked = made.edited(made.paper(), lambda _: None, encryption=pikepdf.Encryption(user="x", owner="y"))
    open_ = made.edited(made.paper(), lambda _: None, encryption=pikepdf.Encryption(user="", owner="y"))

    report = checked(tmp_path, locked)
    assert (report["readable"], report["reason"]) == (
        False, "The PDF needs a password. Save it without one and hand it in again.",
    )  # fmt: skip
    report = checked(tmp_path, open_)
    assert (report["readable"], report["pages"], "encrypted" in rules_of(report)) == (True, 3, True)


def test_a_scan_says_that_it_cannot_be_read_and_nothing_of_sections(tmp_path):
    report = checked(tmp_path, made.scan())

    assert (rules_of(report), report["sections"]) == (["fonts", "latex", "page-size", "text-layer"], [])


def test_the_producer_decides_whether_it_is_latex_or_nobody_does(tmp_path):
    for producer, latex in (("pdfTeX-1.40", "yes"), ("WPS Office", "no"), ("macOS Quartz PDFContext", "unknown")):
        assert checked(tmp_path, made.paper(producer=producer))["latex"] == latex


def test_names_on_the_first_page_where_nobody_should_be_named(tmp_path):
    content = made.paper(("Abstract", "lin@gradus.example", "Related Work", "Plan"))

    assert "anonymity" not in rules_of(checked(tmp_path, content))
    found = [f for f in checked(tmp_path, content, {"anonymous": True})["findings"] if f["rule"] == "anonymity"]
    assert [(f["page"], f["message"]) for f in found] == [(1, "This may tell who wrote it: lin@gradus.example")]


HOSTILE = {
    "empty": lambda: b"",
    "no pdf": lambda: b"GIF89a" * 100,
    "cut off": lambda: made.paper()[:3000],
    "header only": lambda: b"%PDF-1.7\n",
    "loop in the tree": lambda: made.edited(made.paper(), made.looping, fix_metadata_version=False),
    "three thousand levels": lambda: made.edited(made.paper(), made.deep),
    "a form that draws itself": lambda: made.edited(made.paper(), made.calling_itself),
    "a double bomb": lambda: made.edited(made.paper(), made.bomb, stream_decode_level=pikepdf.StreamDecodeLevel.none),
    "an image without end": lambda: made.edited(made.paper(), made.huge_image),
    "10,000 pages": lambda: made.many_pages(10_000),
    "200,000 pages": lambda: made.many_pages(200_000),
    "nested brackets": lambda: b"%PDF-1.4\n1 0 obj" + b"[" * 100_000 + b"endobj\ntrailer<</Root 1 0 R>>",
    "a million names": lambda: b"%PDF-1.4\n1 0 obj<<" + b"/A 1 " * 1_000_000 + b">>endobj\ntrailer<</Root 1 0 R>>",
}


MEASURING = """
import json, resource, subprocess, sys
done = subprocess.run([sys.executable, *sys.argv[1:]], capture_output=True, check=False, text=True, timeout=30)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([done.returncode, done.stdout, done.stderr, peak]))
"""


def measured(*arguments):
    """(status, stdout, stderr, KiB of its largest process), asked of a process of its own.

    The system counts what the parent held before it started a program: this one may have held anything.
    """
    asked = [sys.executable, "-c", MEASURING, *arguments]
    return json.loads(subprocess.run(asked, cwd=ROOT, capture_output=True, check=True).stdout)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_cost_little_and_break_nothing(tmp_path, name):
    """At most 512 MiB and ten seconds for the reader, an answer in the shape of every other."""
    path = tmp_path / "paper.pdf"
    path.write_bytes(HOSTILE[name]())
    began = time.monotonic()

    status, told, complaint, kilobytes = measured("-m", "papercheck", str(path), "--json")

    report = json.loads(told)
    assert complaint == ""
    assert status == (0 if report["readable"] else 1)
    assert isinstance(report["findings"], list)
    assert time.monotonic() - began < 20  # a generous wall: the reader itself has ten seconds, whatever else runs here
    assert kilobytes < 600 * 1024


@pytest.mark.parametrize(("count", "pages", "more"), [(10_000, 2000, True), (1999, 1999, False)])
def test_pages_without_end_are_counted_to_a_limit(tmp_path, count, pages, more):
    report = checked(tmp_path, made.many_pages(count), {})

    assert (report["pages"], report["more"]) == (pages, more)


def test_what_was_known_before_a_limit_struck_is_kept(tmp_path):
    report = checked(tmp_path, HOSTILE["a double bomb"]())

    assert (report["readable"], report["pages"]) == (True, 3)
    assert report["sizes_mm"][0] == [215.9, 279.4]


def test_the_command_line_speaks_to_people_too(tmp_path):
    path, rules = tmp_path / "paper.pdf", tmp_path / "rules.json"
    path.write_bytes(made.paper(page=letter, pages=3))
    rules.write_text(json.dumps(KIT_2025))

    done = subprocess.run(
        [sys.executable, "-m", "papercheck", str(path), "--rules", str(rules)],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip

    assert "warning  page 3: Content fills 3 pages; at most 2 are asked for." in done.stdout


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("1 Introduction", ["introduction"]),
        ("II. RELATED WORKS", ["related work"]),
        ("3.2. Experiments and Results", ["experiments"]),
        ("Results and Conclusions", ["experiments", "conclusion"]),
        ("第三章 实验与分析", ["experiments"]),
        ("四、总结与展望", ["conclusion"]),
        ("M ETHODOLOGY", ["proposed solution"]),
        ("Our lovely leaves", []),
    ],
)
def test_what_a_heading_names(heading, names):
    assert names_in(heading) == names


@pytest.mark.parametrize(
    "heading", ["References", "6 REFERENCES", "R EFERENCES", "六、参考文献", "Works Cited:", "VII. Bibliography"]
)
def test_a_heading_of_references(heading):
    assert is_references(heading)
    assert not is_references(f"{heading} to earlier plants")


def test_where_a_question_is_answered():
    assert sections_for("How do state-of-the-art methods solve it?") == ("related work",)
    assert sections_for("What is your favourite colour?") == ()
    assert bare("  5.1  Our Plan: ") == "ourplan"
