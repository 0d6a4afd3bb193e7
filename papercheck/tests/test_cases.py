"""Papers that were judged wrongly, and more of each kind: what each must give. Everybody in them is invented."""

import json
import re
from pathlib import Path

import pikepdf
import pytest

from papercheck import __main__ as checker
from papercheck.__main__ import TooSlow, main, report_of
from papercheck.layout import _has_list, layout_of
from papercheck.tests.papers import made
from papercheck.tests.test_layout import LEFT, RIGHT, column, heading, line, page_of, paper
from papercheck.words import is_references, names_in

CASES = Path(__file__).with_name("papers") / "cases"


def found_in(name, rules):
    report = report_of(CASES / f"{name}.pdf", json.loads((CASES / f"rules-{rules}.json").read_text()))
    return report, {finding["rule"]: finding for finding in report["findings"]}


def test_a_first_reference_of_many_authors_is_still_a_list():
    report, found = found_in("abadi_first", "2021-report")

    assert report["last_page_only_references"] is True
    assert [finding for finding in found.values() if finding["severity"] == "warning"] == []


def test_nine_pages_without_a_heading_of_references():
    _, found = found_in("nine_pages_no_references", "2025-report")

    assert found["pages"]["severity"] == "warning"
    assert found["pages"]["message"].startswith(
        "9 pages; no heading of references was found, so all of it was counted."
    )


def test_a_poster_of_two_pages():
    _, found = found_in("poster_two_pages", "2025-presentation")

    assert found["pages"]["message"] == "A poster has one page; this file has 2."
    assert "questions" not in found


@pytest.mark.parametrize(
    "text",
    [
        "【参考文献】",
        "[参考文献]",
        "Reference List",
        "References Cited",
        "Literatur",
        "Literaturverzeichnis",
        "148 References",
        "148  7 References",
        "References and Notes",
        "六、参考文献",
        "第六章 参考文献",
        "参考文献：",
        "VII. REFERENCES",
        "R EFERENCES",
        "List of References",
        "# References",
    ],
)
def test_headings_of_references(text):
    assert is_references(text)


@pytest.mark.parametrize(
    "text", ["References to others", "We list references", "Reference models", "参考文献综述", "148 owls"]
)
def test_what_is_no_heading_of_references(text):
    assert not is_references(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Result", "experiments"),
        ("Models", "proposed solution"),
        ("研究目的和意义", "introduction"),
        ("12 3 Method", "proposed solution"),
        ("Result Analysis", "experiments"),
        ("Experimental Analysis", "experiments"),
        ("Conclusion and Future Work", "conclusion"),
        ("Implementation Details", "proposed solution"),
        ("Prior Work", "related work"),
        ("Preliminaries", "related work"),
        ("（三）研究方法", "proposed solution"),
        ("三 实验部分", "experiments"),
        ("第二部分 相关工作", "related work"),
        ("进度计划", "plan"),
        ("Discussion", "conclusion"),
        ("Project Timeline", "plan"),
        ("Einleitung", "introduction"),
        ("【摘要】", "abstract"),
        ("4. Results & Discussion", "experiments"),
        ("Network Architecture", "proposed solution"),
        ("Ablation Study", "experiments"),
    ],
)
def test_headings_as_papers_have_them(text, name):
    assert name in names_in(text)


@pytest.mark.parametrize(
    "first",
    [
        "Abadi, M.; Agarwal, A.; Barham, P.; Brevdo, E.; Chen, Z.;",
        "[1] M. Abadi, A. Agarwal, P. Barham, E. Brevdo, Z. Chen,",
        "M. Abadi, A. Agarwal, P. Barham,",
        "张三, 李四, 王五, 赵六, 钱七,",
        "van Noord, J.; and Owl, A.".replace("van ", ""),
        "O’Hara, Á.; Núñez, J.;",
    ],
)
def test_a_list_begins_with_authors(first):
    assert _has_list([line(first), *[line("and many more names of people who wrote it together")] * 9])


def test_a_sentence_is_no_list():
    assert not _has_list([line("We thank all of them, A. Owl and others")] * 9)


class TestTables:
    def test_the_head_of_a_table_is_no_section(self):
        row = [
            heading("Method", bottom=300.0),
            line("Accuracy", where=(150.0, 200.0), bottom=300.0, font="Times-Bold", bold=True),
        ]
        found = paper([*column(1, LEFT, count=30), *row, *column(1, RIGHT)])

        assert [each.text for each in found.headings] == []

    def test_a_heading_beside_the_other_column_is_one(self):
        found = paper(
            [*column(1, LEFT), heading("Method", where=RIGHT, bottom=720.0), *column(1, RIGHT, top=700.0, count=38)]
        )

        assert [each.text for each in found.headings] == ["Method"]

    def test_headings_of_a_posters_blocks_are_some(self):
        lines = [*column(1, LEFT), heading("Method", bottom=740.0), heading("Results", where=RIGHT, bottom=740.0)]

        found = layout_of([page_of(1, *lines)], is_poster=True)

        assert [each.text for each in found.headings] == ["Method", "Results"]

    def test_a_heading_whose_number_stands_apart_is_one(self):
        number = line("3", where=(54.0, 60.0), bottom=300.0, font="Times-Bold", bold=True)
        found = paper(
            [
                *column(1, LEFT, count=30),
                number,
                heading("Method", where=(80.0, 130.0), bottom=300.0),
                *column(1, RIGHT),
            ]
        )

        assert [each.text for each in found.headings] == ["Method"]


def saved(tmp_path, content: bytes) -> Path:
    path = tmp_path / "paper.pdf"
    path.write_bytes(content)
    return path


def plain_pdf(content: bytes, tmp_path) -> bytes:
    """With a table of references to objects as Word writes it."""
    path = saved(tmp_path, content)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.Root["/Unused"] = pdf.make_indirect(pikepdf.Dictionary(Owl=1))
        pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return path.read_bytes()


PAGES = 3
"""Of the paper that `made` makes."""


class TestDamage:
    def test_objects_at_offset_0_are_as_word_and_quartz_write_them(self, tmp_path):
        raw = plain_pdf(made.paper(), tmp_path)
        last = list(re.finditer(rb"\d{10} 00000 n", raw))[-1]
        raw = raw[: last.start()] + b"0000000000 00000 n" + raw[last.end() :]

        report = report_of(saved(tmp_path, raw), {})

        assert (report["repaired"], report["cut_off"]) == (False, False)
        assert [finding["rule"] for finding in report["findings"]] == ["fonts"]

    @pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
    def test_a_file_cut_in_two_is_cut_off(self, tmp_path, share):
        raw = plain_pdf(made.paper(pages=5), tmp_path)

        report = report_of(saved(tmp_path, raw[: int(len(raw) * share)]), {})

        if report["readable"]:
            (finding,) = [finding for finding in report["findings"] if finding["rule"] == "damaged"]
            assert finding["severity"] == "warning"
            assert "The file is cut off: its end is missing." in finding["message"]
        else:
            assert "damaged" in report["reason"] or "no pages" in report["reason"]

    @pytest.mark.parametrize("behind", [b"\0" * 9000, b" " * 9000, b"\n<html>A server's last words</html>\n"])
    def test_what_stands_behind_the_end_does_not_make_it_cut_off(self, tmp_path, behind):
        report = report_of(saved(tmp_path, plain_pdf(made.paper(), tmp_path) + behind), {})

        assert (report["cut_off"], report["pages"]) == (False, PAGES)

    def test_a_wrong_place_of_the_table_is_damage_and_no_cut(self, tmp_path):
        raw = re.sub(rb"startxref\s+\d+", b"startxref\n0", plain_pdf(made.paper(), tmp_path))

        report = report_of(saved(tmp_path, raw), {})

        assert (report["cut_off"], report["pages"]) == (False, PAGES)

    def test_a_whole_file_is_not(self, tmp_path):
        report = report_of(saved(tmp_path, made.paper()), {})

        assert (report["repaired"], report["cut_off"]) == (False, False)


def test_a_wait_is_no_fact_about_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(checker, "SECONDS", 0.01)
    path = saved(tmp_path, made.paper())

    with pytest.raises(TooSlow):
        report_of(path, {})
    assert main([str(path), "--json"]) == 3
