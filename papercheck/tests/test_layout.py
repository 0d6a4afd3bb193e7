"""What lines say together: columns, reading order, references, headings, running heads. Pages are made of lines, not of PDFs."""

import pytest

from papercheck.layout import layout_of
from papercheck.text import Line, PageText

WIDTH, HEIGHT = 612.0, 792.0
BODY = "we train a small network on images of leaves and ask what"
LEFT, RIGHT, WHOLE = (54.0, 290.0), (320.0, 556.0), (54.0, 556.0)


def line(text, *, page=1, where=LEFT, bottom=400.0, size=10.0, font="Times", bold=False):
    return Line(page, text, where[0], bottom, where[1], bottom + size, size, font, bold)


def heading(text, **place):
    return line(text, size=12.0, font="Times-Bold", bold=True, **place)


def column(page, where, *, top=720.0, count=40, text=BODY):
    return [
        line(text + " owls" * page + f" {turn}", page=page, where=where, bottom=top - 12 * turn)
        for turn in range(count)
    ]


def entries(page, where=LEFT, *, top=700.0, count=6, style="[{n}] A. Writer. On leaves. Press, 20{n:02d}."):
    return [line(style.format(n=n), page=page, where=where, bottom=top - 14 * n) for n in range(1, count + 1)]


def page_of(number, *lines, strange=0, images=0):
    letters = sum(len(each.text.replace(" ", "")) for each in lines)
    return PageText(number, WIDTH, HEIGHT, list(lines), letters, strange, images)


def paper(*pages):
    return layout_of([page_of(number, *lines) for number, lines in enumerate(pages, start=1)])


def two_columns(page=1):
    return [*column(page, LEFT), *column(page, RIGHT)]


class TestReadable:
    def test_pages_with_text(self):
        assert paper(two_columns()).readable

    def test_no_pages_and_empty_ones(self):
        assert not layout_of([]).readable
        assert not paper([], []).readable

    def test_a_few_letters_a_page_are_no_text(self):
        assert not paper([line("Scanned by Owl")], [line("Scanned by Owl")]).readable

    def test_letters_that_nobody_can_read_back(self):
        lines = two_columns()
        letters = sum(len(each.text.replace(" ", "")) for each in lines)

        assert layout_of([page_of(1, *lines, strange=letters // 4)]).readable
        assert not layout_of([page_of(1, *lines, strange=letters // 2)]).readable

    def test_a_poster_may_have_little_text(self):
        pages = [page_of(1, *column(1, WHOLE, count=3)), page_of(2)]

        assert layout_of(pages, is_poster=True).readable
        assert layout_of(pages, is_poster=True).columns == 0


class TestColumns:
    def test_two(self):
        assert paper(two_columns()).columns == 2

    def test_one(self):
        assert paper(column(1, WHOLE)).columns == 1

    def test_one_with_short_lines(self):
        """Lists and verses: nothing stands on the right."""
        assert paper(column(1, LEFT)).columns == 1

    def test_a_wide_title_and_figures_across_do_not_make_one(self):
        wide = [line("A title that goes across both of the columns of the page", where=WHOLE, bottom=740.0, size=16.0)]

        assert paper([*wide, *two_columns(), *column(1, WHOLE, top=200, count=6)]).columns == 2

    def test_a_last_page_with_one_column_changes_nothing(self):
        assert paper(two_columns(), column(2, LEFT, count=10)).columns == 2

    def test_other_sizes_are_not_asked(self):
        small = [line("footnote " * 8, where=WHOLE, bottom=30.0 + 8 * n, size=7.0) for n in range(5)]

        assert paper([*two_columns(), *small]).columns == 2

    def test_too_little_to_say(self):
        few = [
            line("x" * 60, where=LEFT),
            line("y" * 60, where=WHOLE, size=20.0),
            line("z" * 60, where=WHOLE, size=30.0),
        ]

        assert paper(few).columns in (0, 1)


def test_the_body_letter_is_that_of_most_letters():
    found = paper([heading("Title"), *two_columns()])

    assert (found.size, found.font) == (10.0, "Times")


class TestReferences:
    def body(self, page=1):
        return two_columns(page)

    def references(self, text="References", page=2, where=LEFT, bottom=720.0, **style):
        return [heading(text, page=page, where=where, bottom=bottom), *entries(page, where, top=bottom - 10, **style)]

    def test_alone_on_the_last_page(self):
        found = paper(self.body(), self.references()).references

        assert (found.page, found.before, found.after, found.has_list) == (2, (), (), True)

    def test_in_the_right_column_behind_text_on_the_left(self):
        found = paper(self.body(), [*column(2, LEFT), *self.references(where=RIGHT)]).references

        assert found.page == 2
        assert len(found.before) == 40

    def test_at_the_foot_of_a_column_with_its_list_in_the_next(self):
        last = [*column(2, LEFT, count=40), heading("References", page=2, bottom=120.0), *entries(2, RIGHT)]

        found = paper(self.body(), last).references

        assert (found.page, found.has_list, len(found.before)) == (2, True, 40)

    def test_two_lines_before_them(self):
        thanks = [heading("Acknowledgments", page=2, bottom=740.0), line("We thank the owls.", page=2, bottom=726.0)]

        found = paper(self.body(), [*thanks, *self.references(bottom=700.0)]).references

        assert found.before == ("Acknowledgments", "We thank the owls.")

    def test_one_wide_column_in_a_paper_of_two(self):
        found = paper(self.body(), self.references(where=WHOLE)).references

        assert (found.page, found.before) == (2, ())

    def test_an_appendix_behind_them(self):
        appendix = [heading("Appendix", page=3, bottom=720.0), *column(3, LEFT, top=700)]

        found = paper(self.body(), self.references(), appendix).references

        assert (found.page, found.after) == (2, (3,))

    def test_a_figure_behind_them(self):
        found = paper(self.body(), [*self.references(), line("Figure 7: A box.", page=2, bottom=200.0)]).references

        assert found.after == (2,)

    def test_twice_in_a_table_of_contents_and_at_the_end(self):
        contents = [heading("References", page=1, bottom=745.0), *self.body()]

        assert paper(contents, self.references()).references.page == 2

    def test_continued_on_the_next_page(self):
        more = [heading("References", page=3, bottom=720.0), *entries(3)]

        found = paper(self.body(), self.references(count=20), more).references

        assert found.page == 2

    def test_a_running_head_of_that_name_is_none(self):
        heads = [[line("References", page=page, where=(500.0, 556.0), bottom=770.0)] for page in (1, 2, 3)]
        found = paper(
            [*heads[0], *two_columns(1)], [*heads[1], *two_columns(2)], [*heads[2], *self.references(page=3)]
        ).references

        assert (found.page, found.before) == (3, ())

    def test_without_a_list(self):
        found = paper(
            self.body(), [heading("References", page=2, bottom=720.0), line("none yet", page=2, bottom=700.0)]
        )

        assert (found.references.page, found.references.has_list) == (2, False)

    def test_none_at_all(self):
        assert paper(self.body()).references is None

    @pytest.mark.parametrize(
        "style",
        [
            "[{n}] A. Writer.",
            "{n}. A. Writer, B. Reader.",
            "({n}) A. Writer",
            "Writer, A. (20{n:02d}). On leaves.",
            "[Wri{n:02d}] On leaves.",
        ],
    )
    def test_lists_of_every_style(self, style):
        assert paper(self.body(), self.references(style=style)).references.has_list

    @pytest.mark.parametrize(
        "text", ["REFERENCES", "R EFERENCES", "7 References", "参考文献", "六、参考文献", "Works Cited", "Bibliography"]
    )
    def test_under_every_name(self, text):
        assert paper(self.body(), self.references(text)).references.page == 2


class TestHeadings:
    def names(self, *lines):
        return [name for found in paper([*lines, *two_columns()]).headings for name in found.names]

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("Introduction", "introduction"), ("1. Introduction", "introduction"), ("I. INTRODUCTION", "introduction"),
            ("Literature Survey", "related work"), ("Methodology", "proposed solution"), ("Results", "experiments"),
            ("Conclusions", "conclusion"), ("Work Plan", "plan"), ("引言", "introduction"), ("二、相关工作", "related work"),
        ],
    )  # fmt: skip
    def test_bold_ones(self, text, name):
        assert self.names(heading(text, bottom=760.0)) == [name]

    def test_numbered_ones_in_the_body_letter(self):
        assert self.names(line("3 Method", bottom=760.0)) == ["proposed solution"]

    def test_capitals_in_the_body_letter(self):
        assert self.names(line("METHOD", bottom=760.0)) == ["proposed solution"]

    def test_a_cell_of_a_table_is_none(self):
        assert self.names(line("Method", bottom=760.0), line("Results", where=RIGHT, bottom=760.0)) == []

    def test_a_sentence_that_begins_like_one_is_none(self):
        assert (
            self.names(
                heading(
                    "Results of the owls are better than those of all the other birds that we know of", bottom=760.0
                )
            )
            == []
        )

    @pytest.mark.parametrize("text", ["Abstract. We train a network", "Abstract—We train", "摘要：我们训练网络"])
    def test_an_abstract_that_runs_into_its_text(self, text):
        assert self.names(line(text, bottom=760.0)) == ["abstract"]

    def test_one_heading_may_name_two(self):
        assert self.names(heading("Results and Conclusions", bottom=760.0)) == ["experiments", "conclusion"]


class TestEdges:
    def test_page_numbers_are_counted_and_left_out(self):
        pages = [[*two_columns(n), line(str(n), page=n, where=(300.0, 310.0), bottom=40.0)] for n in (1, 2, 3)]

        found = paper(*pages)

        assert found.numbered == 3
        assert min(extent[1] for extent in found.body.values()) > 100

    @pytest.mark.parametrize("text", ["– 3 –", "Page 3", "3 / 9", "3 of 9"])
    def test_page_numbers_of_every_style(self, text):
        assert paper([*two_columns(), line(text, where=(300.0, 330.0), bottom=40.0)]).numbered == 1

    def test_a_number_in_the_middle_of_the_page_is_none(self):
        assert paper([*two_columns(), line("42", where=(300.0, 310.0), bottom=400.0)]).numbered == 0

    def test_what_stands_at_the_edge_of_several_pages_is_no_body(self):
        heads = [[line(f"Leaves and Layers {n}", page=n, bottom=770.0), *two_columns(n)] for n in (1, 2)]

        assert max(extent[3] for extent in paper(*heads).body.values()) < 745

    def test_what_stands_there_once_is_body(self):
        assert max(e[3] for e in paper([line("A title", bottom=770.0), *two_columns()]).body.values()) == 780.0
