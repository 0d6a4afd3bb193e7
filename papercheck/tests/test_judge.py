"""From facts to findings: each rule by a table, at its boundary and just past it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papercheck.judge import KIT_MARGINS_MM, findings, over_margins

LETTER, A4 = [215.9, 279.4], [210.0, 297.0]
GOOD = {
    "readable": True,
    "pages": 3,
    "claimed": 3,
    "body_pages": 2,
    "references_start": 3,
    "references_listed": True,
    "references_box": [0.1, 0.1, 0.4, 0.12],
    "before_references": [],
    "last_page_only_references": True,
    "sizes_mm": [LETTER] * 3,
    "columns": 2,
    "body_size": 10.0,
    "text": True,
    "sections": [
        {"title": "Abstract", "page": 1, "names": ["abstract"]},
        {"title": "1 Introduction", "page": 1, "names": ["introduction"]},
        {"title": "2 Background", "page": 1, "names": ["related work"]},
        {"title": "3 Timeline", "page": 2, "names": ["plan"]},
    ],
    "producer": "pdfTeX-1.40",
    "latex": "yes",
}
KIT = {
    "kit": "AAAI 2025 author kit",
    "latex": "required",
    "columns": 2,
    "content_pages": 2,
    "reference_pages": 1,
    "sections": ["Abstract", "Introduction", "Related work", "Plan"],
    "questions": ["What problem do you solve?", "What is your plan?"],
}
OLD_KIT = {"kit": "AAAI 2021 author kit", "columns": 2, "pages": 3, "last_page_only_references": True}
POSTER = {"height_mm": 1189, "width_mm": 841}


def judged(rules=KIT, **facts):
    return [(found["rule"], found["severity"], found["page"]) for found in findings({**GOOD, **facts}, rules)]


def said(rules=KIT, **facts):
    return [found["message"] for found in findings({**GOOD, **facts}, rules)]


def test_what_is_asked_has_no_finding():
    assert judged() == []
    assert judged(OLD_KIT) == []


def test_a_finding_has_all_its_parts():
    (found,) = findings({**GOOD, "columns": 1}, KIT)

    assert set(found) == {"rule", "severity", "page", "message", "action", "box"}
    assert found["box"] is None


@pytest.mark.parametrize(
    ("pages", "body", "found"),
    [
        (3, 2, []),
        (2, 1, []),
        (2, 2, []),
        (3, 3, [("pages", "warning", 3)]),
        (4, 2, [("pages", "warning", 4)]),
        (4, 3, [("pages", "warning", 3)]),
        (9, 8, [("pages", "warning", 3)]),
    ],
)
def test_pages_of_content_and_of_references(pages, body, found):
    assert judged(pages=pages, claimed=pages, body_pages=body) == found


@pytest.mark.parametrize(
    ("before", "quoted"),
    [
        ([], ""),
        (["Thanks to the owls."], "On page 3 these lines stand before the references: “Thanks to the owls.”."),
        (["One", "Two", "Three", "Four"], "“One”; “Two”; “Three” and 1 more."),
        ([f"Line {number}" for number in range(8)], ""),
    ],
)
def test_a_near_miss_is_quoted_and_half_a_page_is_not(before, quoted):
    (message,) = said(body_pages=3, before_references=before)

    assert quoted in message
    assert ("stand before" in message) == bool(quoted)


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"last_page_only_references": True}, []),
        ({"last_page_only_references": None}, []),
        ({"last_page_only_references": False}, [("last-page", "warning", 3)]),
        ({"last_page_only_references": False, "pages": 2, "claimed": 2}, []),
        ({"pages": 4, "claimed": 4, "last_page_only_references": True}, [("pages", "warning", 4)]),
    ],
)
def test_at_most_so_many_pages_of_which_the_last_has_only_references(facts, found):
    assert judged(OLD_KIT, **facts) == found


def test_the_place_of_the_references_is_marked():
    (found,) = findings({**GOOD, "last_page_only_references": False}, OLD_KIT)

    assert found["box"] == (0.1, 0.1, 0.4, 0.12)


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"claimed": 2}, [("page-count", "warning", 0)]),
        ({"claimed": None}, []),
        ({"more": True, "claimed": 99_999}, [("page-count", "warning", 0)]),
        ({"loops": True}, [("damaged", "warning", 0)]),
        ({"repaired": True}, [("damaged", "hint", 0)]),
        ({"restricted": True}, [("encrypted", "hint", 0)]),
        ({"stopped": "it takes longer than 10 seconds", "doing": 2}, [("limits", "hint", 2)]),
        ({"unembedded": ["Helvetica"]}, [("fonts", "hint", 0)]),
        ({"hidden": ["script", "attachment"]}, [("safety", "warning", 0)] * 2),
        ({"hidden": ["something of tomorrow"]}, []),
    ],
)
def test_the_file_itself(facts, found):
    assert judged(**facts) == found


def test_both_counts_are_told():
    assert said(claimed=2) == ["The file says that it has 2 pages, but it has 3. 3 are counted."]


@pytest.mark.parametrize(
    ("size", "found"),
    [
        (LETTER, []),
        ([215.9 + 2.9, 279.4 - 2.9], []),
        ([215.9 + 3.1, 279.4], [("page-size", "hint", 1)]),
        (A4, [("page-size", "hint", 1)]),
    ],
)
def test_the_kits_page(size, found):
    assert judged(sizes_mm=[size] * 3) == found


def test_a4_is_called_so_and_the_setting_is_named():
    (found,) = findings({**GOOD, "sizes_mm": [A4] * 3}, KIT)

    assert found["message"].startswith("The page is A4; the AAAI 2025 author kit uses US letter")
    assert "letterpaper" in found["action"]


def test_pages_of_different_sizes():
    assert judged(sizes_mm=[LETTER, LETTER, [300, 300]]) == [("page-size", "hint", 0)]


@pytest.mark.parametrize(
    ("size", "severity", "words"),
    [
        ([841, 1189], None, ""),
        ([844, 1186], None, ""),
        ([844.1, 1189], "hint", "3 mm too wide"),
        ([840.1, 1180.1], "hint", "9 mm not high enough"),
        ([835, 1180], "hint", "6 mm not wide enough and 9 mm not high enough"),
        ([594, 841], "hint", "This is A1"),
        ([420, 594], "hint", "This is A2"),
        ([297, 420], "hint", "This is A3"),
        ([500, 707], "hint", "This is 500 × 707 mm"),
        ([1189, 841], "warning", "lies on its side"),
        ([841, 594], "warning", "is asked for"),
        ([914.4, 1219.2], "warning", "914 × 1219 mm"),
        ([279.4, 215.9], "warning", "279 × 216 mm"),
    ],
)
def test_posters(size, severity, words):
    found = [each for each in findings({**GOOD, "sizes_mm": [size]}, POSTER) if each["rule"] == "poster-size"]

    assert [each["severity"] for each in found] == ([severity] if severity else [])
    assert all(words in each["message"] for each in found)


def test_a_poster_of_another_size_where_the_course_asks_for_it():
    rules = {"height_mm": 1000, "width_mm": 700}

    assert judged(rules, pages=1, claimed=1, sizes_mm=[[700, 1000]]) == []
    assert said(rules, pages=1, claimed=1, sizes_mm=[[800, 1000]]) == [
        "The page is 800 × 1000 mm; 700 × 1000 mm (700 × 1000 mm) is asked for."
    ]


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"columns": 1}, [("columns", "warning", 1)]),
        ({"columns": 0}, []),
        ({"body_size": 10.6}, []),
        ({"body_size": 10.7}, [("body-size", "warning", 1)]),
        ({"body_size": 9.0}, [("body-size", "warning", 1)]),
        ({"numbered_pages": 1}, []),
        ({"numbered_pages": 3}, [("page-numbers", "hint", 1)]),
        (
            {"over_margins": [["left", 2, 8.0], ["left", 3, 9.5], ["top", 1, 4.0]]},
            [("margins", "warning", 2), ("margins", "warning", 1)],
        ),
        ({"over_margins": [["left", 2, 8.0]], "sizes_mm": [A4] * 3}, [("page-size", "hint", 1)]),
    ],
)
def test_how_it_looks(facts, found):
    assert judged(**facts) == found


def test_one_cause_is_one_finding():
    (message,) = said(over_margins=[["left", 1, 8.0], ["left", 2, 9.4], ["left", 3, 8.1]])

    assert message == "Text reaches 9 mm into the left margin of 19 mm. So do 2 more pages."


def test_without_a_kit_letters_and_margins_are_free():
    assert judged({"columns": 2}, body_size=14, over_margins=[["left", 1, 9]], numbered_pages=3) == []
    assert judged({"columns": 1}) == [("columns", "warning", 1)]


def test_text_that_cannot_be_read_is_its_own_answer_and_never_missing_sections():
    assert judged(text=False, sections=[], columns=0, references_start=None, body_pages=None) == [
        ("text-layer", "warning", 0)
    ]


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        (["abstract", "introduction", "related work", "plan"], ""),
        (["introduction", "related work", "plan"], "Abstract"),
        (["abstract", "introduction"], "Related work, Plan"),
        ([], "Abstract, Introduction, Related work, Plan"),
    ],
)
def test_sections_that_are_not_found_are_a_hint(names, missing):
    sections = [{"title": name, "page": 1, "names": [name]} for name in names]
    found = [f for f in findings({**GOOD, "sections": sections}, {**KIT, "questions": []}) if f["rule"] == "sections"]

    assert [f["severity"] for f in found] == (["hint"] if missing else [])
    assert all(f["message"].endswith(f": {missing}.") for f in found)


def test_a_section_that_we_do_not_know_is_never_missing():
    assert judged({"sections": ["Abstract", "Ethics of owls"]}) == []


def test_chinese_names_may_be_asked_for():
    assert judged({"sections": ["摘要", "计划"]}) == []
    assert said({"sections": ["摘要", "实验"]}) == ["Not found under any name that we know: 实验."]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("What problem do you solve?", False),
        ("What is your plan?", False),
        ("How do you evaluate it?", True),
        ("What is your solution?", True),
        ("Which colour has the owl?", False),
    ],
)
def test_questions_whose_section_is_not_there(question, found):
    rules = {"questions": [question]}

    assert judged(rules) == ([("questions", "hint", 0)] if found else [])


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"references_start": None}, [("references", "hint", 0)]),
        ({"references_listed": False}, [("references", "hint", 3)]),
    ],
)
def test_the_list_of_references(facts, found):
    assert judged({"sections": ["Abstract"]}, **facts) == found


@pytest.mark.parametrize(
    ("asked", "made", "found"),
    [
        ("required", "yes", []),
        ("required", "no", [("latex", "warning", 0)]),
        ("required", "unknown", [("latex", "note", 0)]),
        ("preferred", "no", []),
        ("", "no", []),
    ],
)
def test_latex(asked, made, found):
    assert judged({"latex": asked}, latex=made) == found


def test_names_are_told_only_where_nobody_should_be_named():
    told = {"names_told": [[1, "lin@gradus.example"]]}

    assert judged({"anonymous": True}, **told) == [("anonymity", "warning", 1)]
    assert judged({"anonymous": True}, author="An Ruoxi") == [("anonymity", "warning", 0)]
    assert judged({}, author="An Ruoxi", **told) == []


@pytest.mark.parametrize(
    ("author", "tells"),
    [
        ("", False),
        ("anonymous", False),
        ("Anonymous Authors", False),
        ("匿名作者", False),
        ("unknown", False),
        ("Ann Onymous", True),
        ("An Ruoxi, Bai Mingche", True),
    ],
)
def test_an_author_in_the_properties(author, tells):
    assert bool(judged({"anonymous": True}, author=author)) == tells


def test_a_margin_is_marked_on_its_page():
    (found,) = findings({**GOOD, "over_margins": [["left", 2, 8.0]]}, KIT)

    left, top, right, bottom = found["box"]
    assert (left, top, bottom) == (0, 0, 1)
    assert 0.088 < right < 0.089


class TestMargins:
    """Lengths of the text in points, of the margins in millimetres."""

    INSIDE = (54.0, 90.0, 558.0, 738.0)

    def test_the_block_of_the_kit_is_inside(self):
        assert over_margins({1: self.INSIDE}, [LETTER]) == []

    @pytest.mark.parametrize(
        ("body", "edge"),
        [
            ((40.0, 90.0, 558.0, 738.0), "left"),
            ((54.0, 70.0, 558.0, 738.0), "bottom"),
            ((54.0, 90.0, 575.0, 738.0), "right"),
            ((54.0, 90.0, 558.0, 760.0), "top"),
        ],
    )
    def test_each_edge(self, body, edge):
        ((found, page, over),) = over_margins({1: body}, [LETTER])

        assert (found, page) == (edge, 1)
        assert over > 3

    def test_three_millimetres_are_not_told(self):
        assert over_margins({1: (54 - 8.4, 90.0, 558.0, 738.0)}, [LETTER]) == []
        assert over_margins({1: (54 - 8.6, 90.0, 558.0, 738.0)}, [LETTER]) != []

    @given(st.floats(0, 300), st.floats(0, 300), st.floats(300, 612), st.floats(300, 792))
    def test_only_edges_that_are_crossed(self, left, bottom, right, top):
        for edge, _, over in over_margins({1: (left, bottom, right, top)}, [LETTER]):
            assert edge in KIT_MARGINS_MM
            assert 3 <= over <= 300


@given(
    st.integers(1, 50),
    st.one_of(st.none(), st.integers(0, 50)),
    st.one_of(st.none(), st.integers(1, 50)),
    st.one_of(st.none(), st.booleans()),
    st.sampled_from([KIT, OLD_KIT, POSTER, {}]),
)
def test_any_facts_make_findings_in_their_shape(pages, body, start, only, rules):
    facts = {
        **GOOD, "pages": pages, "claimed": pages,
        "body_pages": None if body is None else min(body, pages), "references_start": start,
        "last_page_only_references": only, "sizes_mm": [LETTER] * pages,
    }  # fmt: skip

    for found in findings(facts, rules):
        assert found["severity"] in {"warning", "hint", "note"}
        assert 0 <= found["page"] <= pages + 1
        assert found["message"]
