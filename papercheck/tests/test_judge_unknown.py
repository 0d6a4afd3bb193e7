"""What could not be found is unknown, never within the rule; what is a guess makes no warning."""

import pytest

from papercheck.tests.test_judge import OLD_KIT, POSTER, judged, said


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        (2, [("references", "hint", 0)]),
        (3, [("pages", "hint", 3), ("references", "hint", 0)]),
        (4, [("pages", "warning", 4), ("references", "hint", 0)]),
        (16, [("pages", "warning", 4), ("references", "hint", 0)]),
    ],
)
def test_without_a_heading_of_references_the_whole_is_judged(pages, found):
    facts = {"pages": pages, "claimed": pages, "body_pages": pages, "references_start": None}
    assert judged(**facts, last_page_only_references=None) == found
    if pages > 2:
        message = said(**facts, last_page_only_references=None)[0]
        assert message.startswith(f"{pages} pages; no heading of references was found, so all of it was counted.")


def test_without_a_heading_the_last_page_is_unknown_and_no_warning():
    unknown = {"references_start": None, "last_page_only_references": None}

    assert judged(OLD_KIT, **unknown) == [("last-page", "hint", 3)]


@pytest.mark.parametrize(("pages", "found"), [(1, []), (2, [("pages", "warning", 2)]), (9, [("pages", "warning", 2)])])
def test_a_poster_has_one_page(pages, found):
    sizes = [[841.0, 1189.0]] * pages
    assert judged(POSTER, pages=pages, claimed=pages, sizes_mm=sizes) == found


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"repaired": True}, [("damaged", "hint", 0)]),
        ({"repaired": True, "cut_off": True}, [("damaged", "warning", 0)]),
    ],
)
def test_a_file_that_is_cut_off_is_said_loudly(facts, found):
    assert judged(**facts) == found


@pytest.mark.parametrize(
    ("pages", "found"), [(3, [("pages", "warning", 0)]), (4, []), (6, []), (7, [("pages", "warning", 7)])]
)
def test_at_least_so_many_pages(pages, found):
    assert judged({"least_pages": 4, "pages": 6}, pages=pages, claimed=pages) == found
