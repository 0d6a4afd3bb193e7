"""What a PDF says of itself: trees, boxes, producers, fonts, hidden things. Small files, written object by object."""

import io

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String

from papercheck.__main__ import report_of
from papercheck.structure import Unreadable, flattened, look_inside, opened, structure_of
from papercheck.tests.papers import made
from papercheck.text import text_of


def written(tmp_path, edit=lambda pdf: None, *, content=None):
    path = tmp_path / "paper.pdf"
    path.write_bytes(made.edited(content or made.paper(pages=1), edit))
    return path


def read(path):
    with opened(path) as pdf:
        found, nodes = structure_of(pdf)
        look_inside(pdf, path, found, nodes)
        return found


def sizes(found):
    return [(round(page.width), round(page.height)) for page in found.pages]


class TestTree:
    def test_pages_in_their_order(self, tmp_path):
        def edit(pdf):
            for number, page in enumerate(pdf.pages, start=1):
                page.MediaBox = Array([0, 0, 100 * number, 72])

        assert [width for width, _ in sizes(read(written(tmp_path, edit)))] == [35, 71]

    def test_a_tree_of_several_levels(self, tmp_path):
        def edit(pdf):
            pages = [page.obj for page in pdf.pages]
            inner = pdf.make_indirect(Dictionary(Type=Name.Pages, Kids=Array(pages[1:]), Count=1))
            pdf.Root.Pages.Kids = Array([pages[0], inner])

        assert len(read(written(tmp_path, edit)).pages) == 2

    def test_a_page_that_stands_twice_is_two_pages(self, tmp_path):
        path = tmp_path / "paper.pdf"
        body = made.many_pages(2).replace(b"3 0 R 4 0 R", b"3 0 R 3 0 R")
        path.write_bytes(body)

        found = read(path)

        assert (len(found.pages), found.loops) == (2, False)

    def test_kids_that_are_none_are_left_out(self, tmp_path):
        path = tmp_path / "paper.pdf"
        path.write_bytes(made.many_pages(3).replace(b"4 0 R", b"(no)!"))

        assert len(read(path).pages) == 2

    @pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"\x00" * 2000, b"<html></html>"])
    def test_what_is_no_pdf(self, tmp_path, content):
        path = tmp_path / "paper.pdf"
        path.write_bytes(content)

        with pytest.raises(Unreadable, match="damaged or is no PDF"):
            read(path)

    def test_a_file_without_pages(self, tmp_path):
        path = tmp_path / "paper.pdf"
        path.write_bytes(made.many_pages(0))

        with pytest.raises(Unreadable, match="no pages"):
            read(path)

    def test_an_honest_copy_has_the_same_pages(self, tmp_path):
        path = tmp_path / "paper.pdf"
        path.write_bytes(made.many_pages(7, claimed=2))
        with opened(path) as pdf:
            _, nodes = structure_of(pdf)
            flattened(pdf, nodes, tmp_path / "flat.pdf", 5)

        with pikepdf.open(tmp_path / "flat.pdf") as copy:
            assert (len(copy.pages), int(copy.Root.Pages.Count)) == (5, 5)
        assert len(list(text_of(tmp_path / "flat.pdf"))) == 5


class TestBoxes:
    @pytest.mark.parametrize(
        ("media", "crop", "unit", "turn", "size"),
        [
            ([0, 0, 612, 792], None, None, 0, (216, 279)),
            ([612, 792, 0, 0], None, None, 0, (216, 279)),
            ([-306, -396, 306, 396], None, None, 0, (216, 279)),
            ([0, 0, 1224, 1584], [0, 0, 612, 792], None, 0, (216, 279)),
            ([0, 0, 612, 792], [-99, -99, 5000, 5000], None, 0, (216, 279)),
            ([0, 0, 612, 792], [700, 800, 900, 1000], None, 0, (216, 279)),
            ([0, 0, 306, 396], None, 2, 0, (216, 279)),
            ([0, 0, 612, 792], None, None, 90, (279, 216)),
            ([0, 0, 612, 792], None, None, -90, (279, 216)),
            ([0, 0, 612, 792], None, None, 450, (279, 216)),
            ([0, 0, 612, 792], None, None, 720, (216, 279)),
        ],
    )
    def test_the_displayed_size(self, tmp_path, media, crop, unit, turn, size):
        def edit(pdf):
            for page in pdf.pages:
                page.MediaBox = Array(media)
                page.Rotate = turn
                if crop:
                    page.CropBox = Array(crop)
                if unit:
                    page.UserUnit = unit

        assert sizes(read(written(tmp_path, edit))) == [size] * 2

    def test_boxes_that_are_inherited_and_then_said_otherwise(self, tmp_path):
        def edit(pdf):
            first, second = pdf.pages
            pdf.Root.Pages.MediaBox = Array([0, 0, 720, 720])
            del first.obj["/MediaBox"]
            second.MediaBox = Array([0, 0, 72, 72])

        assert sizes(read(written(tmp_path, edit))) == [(254, 254), (25, 25)]

    @pytest.mark.parametrize("box", [Array([0, 0, 1]), Array([0, 0, Name.X, 1]), String("no"), Array([])])
    def test_a_box_that_is_none_is_letter(self, tmp_path, box):
        def edit(pdf):
            for page in pdf.pages:
                page.obj["/MediaBox"] = box

        path = written(tmp_path, edit)

        assert len(sizes(read(path))) == 2

    @settings(max_examples=30, deadline=None)
    @given(st.integers(10, 5000), st.integers(10, 5000), st.sampled_from([0, 90, 180, 270, -90]))
    def test_turning_keeps_the_area(self, across, down, turn):
        content = made.edited(made.scan(1), lambda pdf: _shape(pdf, across, down, turn))
        with pikepdf.open(io.BytesIO(content)) as pdf:
            page = structure_of(pdf)[0].pages[0]

        assert {round(page.width * 72 / 25.4), round(page.height * 72 / 25.4)} == {across, down}


def _shape(pdf, across, down, turn):
    for page in pdf.pages:
        page.MediaBox = Array([0, 0, across, down])
        page.Rotate = turn


class TestProducers:
    @pytest.mark.parametrize(
        ("creator", "producer", "latex"),
        [
            ("TeX", "pdfTeX-1.40.24", "yes"),
            ("LaTeX with hyperref", "xdvipdfmx (20220710)", "yes"),
            ("", "LuaTeX-1.15.0", "yes"),
            ("", "MiKTeX pdfTeX-1.40.25", "yes"),
            ("Microsoft® Word 2021", "Microsoft® Word 2021", "no"),
            ("WPS 文字", "WPS Office", "no"),
            ("Writer", "LibreOffice 7.4", "no"),
            ("Canva", "Canva", "no"),
            ("Typst 0.12", "Typst 0.12", "no"),
            ("Created by Marp", "Marp", "no"),
            ("", "Mac OS X 13 Quartz PDFContext", "unknown"),
            ("", "iLovePDF", "unknown"),
            ("", "", "unknown"),
            ("LaTeX", "macOS Quartz PDFContext", "yes"),
        ],
    )
    def test_made_with_latex(self, tmp_path, creator, producer, latex):
        def edit(pdf):
            pdf.docinfo["/Creator"], pdf.docinfo["/Producer"] = String(creator), String(producer)

        assert read(written(tmp_path, edit)).latex == latex

    def test_names_with_control_characters_are_cleaned(self, tmp_path):
        def edit(pdf):
            pdf.docinfo["/Producer"] = String("Owl\x00\x1b[31m Press\n")

        found = read(written(tmp_path, edit))

        assert "\x00" not in found.producer
        assert "\x1b" not in found.producer

    def test_a_name_that_is_no_text(self, tmp_path):
        def edit(pdf):
            pdf.docinfo["/Producer"] = Array([1, 2])

        assert read(written(tmp_path, edit)).pages


class TestHidden:
    def test_a_plain_paper_hides_nothing(self, tmp_path):
        assert read(written(tmp_path)).hidden == []

    @pytest.mark.parametrize(
        ("where", "action", "hidden"),
        [
            ("OpenAction", {"S": "/JavaScript"}, ["script"]),
            ("OpenAction", {"S": "/Launch"}, ["program"]),
            ("OpenAction", {"S": "/SubmitForm"}, ["program"]),
            ("OpenAction", {"S": "/URI"}, []),
            ("AA", {"WC": {"S": "/JavaScript"}}, ["script"]),
            ("Names", {"EmbeddedFiles": {"Names": []}}, ["attachment"]),
        ],
    )
    def test_in_the_catalogue(self, tmp_path, where, action, hidden):
        def made_of(value):
            if isinstance(value, dict):
                return Dictionary({f"/{key}": made_of(each) for key, each in value.items()})
            return Array([]) if value == [] else Name(value)

        def edit(pdf):
            pdf.Root[f"/{where}"] = made_of(action)

        assert read(written(tmp_path, edit)).hidden == hidden

    def test_in_an_annotation_of_the_last_page(self, tmp_path):
        def edit(pdf):
            action = Dictionary(S=Name("/JavaScript"), JS=String("1"))
            pdf.pages[-1].Annots = Array(
                [pdf.make_indirect(Dictionary(Subtype=Name.Link, A=action, Rect=Array([0, 0, 1, 1])))]
            )

        assert read(written(tmp_path, edit)).hidden == ["script"]


class TestFonts:
    def test_standard_letters_are_not_in_the_file(self, tmp_path):
        assert read(written(tmp_path)).unembedded == ["Helvetica", "Times-Bold", "Times-Roman"]

    def test_embedded_ones_are(self, tmp_path):
        def edit(pdf):
            for page in pdf.pages:
                for font in page.Resources.Font.values():
                    font.FontDescriptor = Dictionary(Type=Name.FontDescriptor, FontFile2=pdf.make_stream(b"x"))

        assert read(written(tmp_path, edit)).unembedded == []

    def test_drawn_ones_are(self, tmp_path):
        def edit(pdf):
            for page in pdf.pages:
                for font in page.Resources.Font.values():
                    font.Subtype = Name.Type3

        assert read(written(tmp_path, edit)).unembedded == []

    def test_those_of_a_form_inside_a_form_are_found(self, tmp_path):
        def edit(pdf):
            font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name("/Owlish"))
            inner = pdf.make_stream(b"")
            inner.stream_dict = Dictionary(Subtype=Name.Form, Resources=Dictionary(Font=Dictionary(F1=font)))
            outer = pdf.make_stream(b"")
            outer.stream_dict = Dictionary(Subtype=Name.Form, Resources=Dictionary(XObject=Dictionary(X1=inner)))
            pdf.pages[0].Resources.XObject = Dictionary(X0=outer)

        assert "Owlish" in read(written(tmp_path, edit)).unembedded

    @pytest.mark.parametrize("name", [b"/#CB#CE#CC#E5", b"/#FF#FE", b"/Owl#00x"])
    def test_a_name_that_is_no_utf_8_stops_nothing(self, tmp_path, name):
        """SimSun as Chinese Windows calls it, in GBK."""
        path = tmp_path / "paper.pdf"
        plain = made.edited(made.paper(pages=1), lambda pdf: None, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        path.write_bytes(plain.replace(b"/Times-Roman", name.ljust(12, b"y")))

        found = read(path)

        assert len(found.pages) == 2
        assert "unseen" not in found.hidden
        assert report_of(path, {})["readable"]


def test_a_look_that_breaks_is_left_out(tmp_path, monkeypatch):
    def broken(*_):
        raise ValueError("of our own making")

    monkeypatch.setattr("papercheck.structure._unembedded", broken)

    found = read(written(tmp_path))

    assert (len(found.pages), found.hidden, found.latex) == (2, ["unseen"], "yes")


def test_a_reader_that_is_killed_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    path = written(tmp_path, made.bomb)

    report = report_of(path, {})

    assert report["readable"]
    assert [each.name for each in tmp_path.iterdir()] == ["paper.pdf"]
